"""Forms of inspections and rectifications. They check shapes; what may be done is the actions' business."""

from datetime import date

from django import forms

from apps.accounts.forms import FigureFilter
from apps.branches.forms import ANY, PAPERS
from apps.branches.models import InspectionKind, InspectionState, Matter, Rectification, RectifySource
from apps.branches.pledge_forms import lines
from apps.branches.selectors.supervision import AGES
from apps.branches.standards import WAYS
from apps.core.forms import Chips, DateInput, FilesField, ManyChips, PortalForm, Versioned

LOOKS = (
    ("open", "整改中"), ("late", "逾期"), ("late30", "逾期超过 30 天"), ("supervised", "挂牌督办"), ("reported", "待销号"), ("recheck", "待复查"),
    ("closed", "已销号"), ("void", "已撤销"), ("all", "全部"), *((key, f"逾期{name.removeprefix('逾期 ')}") for key, name, *_ in AGES),
)  # fmt: skip


class RectifyFilter(FigureFilter):
    """GET form of the ledger; nonsense is ignored."""

    q = forms.CharField(label="问题、支部", required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search", "placeholder": "问题或支部名称里的字"}))
    look = forms.ChoiceField(label="情况", choices=[("", "整改中和待销号"), *LOOKS], required=False)
    source = forms.ChoiceField(label="来源", choices=[ANY, *RectifySource.choices], required=False)
    matter = forms.ChoiceField(label="类别", choices=[ANY, *Matter.choices], required=False)
    org = forms.ModelChoiceField(label="县区", queryset=None, required=False, empty_label="全部")
    branch = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class RectifyForm(PortalForm):
    problem = forms.CharField(label="问题", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="一项写一个问题，写清事实。")
    matter = forms.ChoiceField(label="类别", choices=Matter.choices, widget=Chips, initial=Matter.OTHER)
    source = forms.ChoiceField(
        label="来源", choices=[one for one in RectifySource.choices if one[0] not in (RectifySource.INSPECTION, RectifySource.BALLOT)], widget=Chips, initial=RectifySource.SELF
    )
    measure = forms.CharField(label="整改措施", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="可以由支部以后补。")
    owner = forms.CharField(label="责任人", max_length=60, required=False)
    due_on = forms.DateField(label="整改时限", widget=DateInput)


class MeasureForm(Versioned):
    matter = forms.ChoiceField(label="类别", choices=Matter.choices, widget=Chips)
    measure = forms.CharField(label="整改措施", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.CharField(label="责任人", max_length=60)


class StepForm(Versioned):
    """What a step asks for; ``note`` is required where the table says so."""

    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, case: Rectification, asks: bool, today: date, usual: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if asks:
            self.fields["note"].label, self.fields["note"].required = "原因", True
        self.settle(case, today, usual)

    def settle(self, case: Rectification, today: date, usual: date) -> None:
        """What a step presets."""


class ReportForm(StepForm):
    result = forms.CharField(label="整改结果", max_length=500, widget=forms.Textarea(attrs={"rows": 4}), help_text="做了什么、现在怎样。")
    proofs = FilesField(label="佐证材料", accept=PAPERS, required=False, help_text="照片、会议记录、文件；最多 9 份。")
    field_order = ["result", "proofs", "note"]

    def settle(self, case, today, usual) -> None:
        self.fields["result"].initial = case.result


class DueForm(StepForm):
    due_on = forms.DateField(label="新的时限", widget=DateInput)
    field_order = ["due_on", "note"]

    def settle(self, case, today, usual) -> None:
        self.fields["due_on"].initial = usual


STEP_FORMS = {"report": ReportForm, "extend": DueForm, "relapse": DueForm}


class DrawForm(PortalForm):
    size = forms.IntegerField(label="抽几项", min_value=1, max_value=200)


class InspectionFilter(PortalForm):
    """GET form of the list; nonsense is ignored."""

    kind = forms.ChoiceField(label="类型", choices=[ANY, *InspectionKind.choices], required=False)
    state = forms.ChoiceField(label="状态", choices=[ANY, *InspectionState.choices, ("over", "过期没有检查")], required=False)
    year = forms.TypedChoiceField(label="年度", coerce=int, empty_value=None, required=False)
    branch = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [ANY, *((year, f"{year} 年") for year in range(today.year + 1, today.year - 5, -1))]

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class PlanForm(PortalForm):
    kind = forms.ChoiceField(
        label="类型", choices=InspectionKind.choices, widget=Chips, initial=InspectionKind.STAGE, help_text="不定期抽查事先不通知支部，支部检查后才看到。"
    )
    planned_on = forms.DateField(label="计划日期", widget=DateInput)
    team = forms.CharField(label="检查组", max_length=120, help_text="组长和成员姓名，用顿号分开。不安排检查自己所在的支部。")
    chosen = forms.MultipleChoiceField(
        label="党支部", required=False, widget=forms.SelectMultiple(attrs={"size": 8}), help_text="从没检查过的排在前面并标“未查”。电脑上按住 Ctrl 可选几个。"
    )
    size = forms.IntegerField(label="或者随机抽几个", required=False, min_value=1, max_value=200, help_text="从管理范围内全部现有党支部里抽，种子和名单存档，可以当众复核。")

    def __init__(self, *args, branches: list, fresh: set, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        ordered = sorted(branches, key=lambda one: one.pk not in fresh)
        self.fields["chosen"].choices = [(str(one.pk), f"{'未查 ' if one.pk in fresh else ''}{one.name}（{one.org}）") for one in ordered]

    def clean(self):
        found = super().clean()
        if found.get("size") and found.get("chosen"):
            self.add_error("size", "要么选党支部，要么随机抽，请留空一样。")
        return found


class RecordForm(Versioned):
    inspected_on = forms.DateField(label="检查日期", widget=DateInput)
    ways = forms.MultipleChoiceField(label="怎样检查的", choices=[(one, one) for one in WAYS], widget=ManyChips)
    good = forms.CharField(label="肯定", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    problems = forms.CharField(
        label="发现的问题", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5, "placeholder": "支委会 7 月没有开\n学习活动：8 月没有主题党日"}),
        help_text="每行一个，各开一项整改；行首可写类别加冒号，如“班子建设：”。",
    )  # fmt: skip
    due_on = forms.DateField(label="整改时限", required=False, widget=DateInput)
    demand = forms.CharField(label="总的要求", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    score = forms.DecimalField(label="得分", required=False, min_value=0, max_value=100, max_digits=5, decimal_places=1, help_text="不打分的不填。")
    team = forms.CharField(label="检查组", max_length=120)

    def values(self) -> dict:
        return self.cleaned_data | {"problems": [named(line) for line in lines(self.cleaned_data["problems"])]}


def named(line: str) -> tuple[str, str]:
    """(matter, sentence) of a line that may begin with 类别：."""
    head, mark, rest = line.replace(":", "：", 1).partition("：")
    matter = {label: value for value, label in Matter.choices}.get(head.strip())
    return (matter, rest.strip()) if mark and matter and rest.strip() else (Matter.OTHER, line)


class CancelForm(Versioned):
    reason = forms.CharField(label="取消原因", max_length=120)
