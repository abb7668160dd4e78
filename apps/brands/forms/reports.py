"""Forms of 季度进展."""

from datetime import date

from django import forms

from apps.brands.actions.reports import NUMBERS
from apps.brands.forms.fields import ANY, PAPERS, area, plain
from apps.brands.models import LINES, Mark, QuarterReport
from apps.brands.selectors.reports import GoalLine
from apps.core.calendar import Quarter, quarter_of
from apps.core.forms import Chips, FilesField, PortalForm, Versioned


class ReportFilter(PortalForm):
    quarter = forms.ChoiceField(label="季度", required=False)
    state = forms.ChoiceField(
        label="状态", required=False,
        choices=[ANY, ("missing", "未报"), ("submitted", "待审阅"), ("returned", "已退回"), ("accepted", "已接受"), ("late", "逾期报送")],
    )  # fmt: skip

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        one, self.usual, choices = quarter_of(today), quarter_of(today).previous, []
        for _ in range(12):
            choices.append((str(one), one.title))
            one = one.previous
        self.fields["quarter"].choices = choices
        if not self.data.get("quarter"):
            self.data = self.data.copy()
            self.data["quarter"] = str(self.usual)

    def wanted(self) -> tuple[Quarter, str]:
        self.is_valid()
        text = self.cleaned_data.get("quarter")
        return (Quarter.parse(text) if text else self.usual), self.cleaned_data.get("state", "")


class ReportForm(Versioned):
    """A report in one column; beside each line what stood there the quarter before (``before``)."""

    planned = area("本季计划", 1000)
    done = area("完成情况", 2000, 6, help_text="做了什么、有什么效果，用数字说话。")
    activities = forms.IntegerField(label="开展活动（次）", min_value=0, required=False)
    participants = forms.IntegerField(label="参与人次", min_value=0, required=False)
    beneficiaries = forms.IntegerField(label="受益老同志（人）", min_value=0, required=False)
    problems = area("问题和困难", 1000)
    next_step = area("下一步", 1000)
    files = FilesField(accept=PAPERS, label="照片和材料", required=False, help_text="PDF、Word、Excel、JPG、PNG；照片自动压缩并去掉拍摄位置。")
    optional_marks = True

    def __init__(self, *args, figures: list[GoalLine], before: QuarterReport | None, comments: dict[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for one in figures:
            number = forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"})
            label = f"{one.goal.name}现在（{one.goal.unit}）"
            self.fields[f"goal_{one.goal.pk}"] = forms.DecimalField(
                label=label, max_digits=12, decimal_places=1, min_value=0, required=False, widget=number, initial=None if one.now is None else plain(one.now)
            )  # fmt: skip
        self.figures = figures
        self.goal_rows = [{"line": one, "field": self[f"goal_{one.goal.pk}"]} for one in figures]
        self.rows = [{"field": self[name], "before": getattr(before, name, None), "comment": comments.get(name, "")} for name in ("planned", "done")]
        self.number_rows = [{"field": self[name], "before": getattr(before, name, None)} for name in NUMBERS]
        self.later_rows = [{"field": self[name], "before": getattr(before, name, None), "comment": comments.get(name, "")} for name in ("problems", "next_step")]

    def values(self) -> dict:
        """What ``write_report`` takes."""
        data = self.cleaned_data
        return {
            "values": {name: data[name] for name in (*LINES, *NUMBERS)}, "figures": {one.goal.pk: data[f"goal_{one.goal.pk}"] for one in self.figures},
            "files": data["files"], "version": data["version"],
        }  # fmt: skip


def report_initial(report: QuarterReport | None, before: QuarterReport | None) -> dict:
    """What is written already; a new one begins with what was announced last time."""
    if report:
        return {name: getattr(report, name) for name in (*LINES, *NUMBERS, "version")}
    return {"planned": before.next_step} if before else {}


class ReviewForm(Versioned):
    """The city's words at each line, and what becomes of the report."""

    mark = forms.ChoiceField(label="评价", choices=Mark.choices, widget=Chips, required=False, help_text="接受时必须给出。")
    note = forms.CharField(label="退回原因", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="退回时必须写；逐条意见写在上面。")
    optional_marks = True

    def __init__(self, *args, report: QuarterReport, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = []
        for name in LINES:
            label = str(report._meta.get_field(name).verbose_name)
            self.fields[f"comment_{name}"] = forms.CharField(label=f"{label}意见", max_length=200, required=False, initial=report.comments.get(name, ""))
            self.rows.append({"label": label, "said": getattr(report, name), "field": self[f"comment_{name}"]})

    def values(self) -> dict:
        data = self.cleaned_data
        return {"note": data["note"], "mark": data["mark"], "version": data["version"], "comments": {name: data[f"comment_{name}"] for name in LINES}}
