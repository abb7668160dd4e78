"""Forms of brands, reports, practices and plans. They check shapes; what may be done is the actions' business."""

from datetime import date
from decimal import Decimal

from django import forms

from apps.accounts.forms import offer_places
from apps.brands.actions.brands import GoalRow, MonthRow
from apps.brands.actions.practices import PhaseRow
from apps.brands.actions.reports import NUMBERS
from apps.brands.models import LINES, TEXTS, Award, Brand, FitFor, Mark, PlannedStep, Practice, QuarterReport, Rung, StudyPhase, StudyPlan, StudyState, ThemeLine
from apps.brands.selectors.reports import GoalLine
from apps.brands.standards import STAGE_SECONDS, WEIGHTS
from apps.core.calendar import Quarter, quarter_of
from apps.core.forms import Chips, DateInput, FilesField, ManyChips, PortalForm, Versioned
from apps.core.scope import Scope

ANY = ("", "全部")
PAPERS = "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx"
LOOKS = (
    ("waiting", "等上级办理"), ("proposing", "申报中"), ("building", "创建中"), ("judging", "评审、公示"), ("named", "已命名"), ("rectifying", "复评整改"),
    ("ended", "已撤销、终止"),
)  # fmt: skip
SPARE = 3
"""Blank rows offered below the ones there are; saving brings more."""


def area(label: str, most: int, rows: int = 3, **given) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=False, widget=forms.Textarea(attrs={"rows": rows}), **given)


class BrandFilter(PortalForm):
    q = forms.CharField(label="名称", required=False, widget=forms.TextInput(attrs={"placeholder": "品牌或县区名称", "type": "search"}))
    look = forms.ChoiceField(label="进展", choices=[ANY, *LOOKS], required=False)
    line = forms.ChoiceField(label="主题", choices=[ANY, *ThemeLine.choices], required=False)
    org = forms.ModelChoiceField(label="县区", queryset=None, required=False, empty_label="全部")
    metric = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    period = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offer_places(self, scope)

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class BrandForm(Versioned):
    """What a brand is. Goals and the months of the plan are rows of small fields (``goal_rows``, ``month_rows``) that the template lays out."""

    name = forms.CharField(label="品牌名称", max_length=30, help_text="四到八个字好记，如：银耀山城。")
    line = forms.ChoiceField(label="主题", choices=ThemeLine.choices, widget=Chips)
    slogan = forms.CharField(label="口号", max_length=40, required=False)
    logo = forms.FileField(label="标识", required=False, help_text="JPG 或 PNG。", widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}))
    logo_meaning = area("标识含义", 200, 2)
    meaning = area("品牌内涵", 200, 2, help_text="200 字以内。")
    background = area("背景", 1000)
    problem = area("要解决的难题", 1000, help_text="写清现在是多少、卡在哪里。")
    target_group = forms.CharField(label="服务对象", max_length=120, required=False)
    carrier = area("载体与措施", 2000, 5, help_text="做哪些活动、建哪些机制、在哪里做。")
    effect = area("预期成效", 1000)
    spread_plan = area("推广设想", 1000)
    leader = forms.CharField(label="负责人", max_length=60, required=False)
    contact = forms.CharField(label="联系人", max_length=60, required=False)
    people = area("参与人员", 300, 2)
    group = area("创建工作领导小组", 300, 2, help_text="组长、副组长、成员，办公室设在哪里。")
    budget = forms.CharField(label="经费", max_length=120, required=False, help_text="量力而行。")
    media = area("宣传与影响", 1000, help_text="哪些媒体报道过、哪里来学习过。")
    starts_on = forms.DateField(label="创建起", required=False, widget=DateInput)
    ends_on = forms.DateField(label="创建止", required=False, widget=DateInput)
    files = FilesField(accept=PAPERS, label="图片和材料", required=False, help_text="活动照片、制度文件；图片展示在品牌页上。")
    sections = (
        ("是什么", ("name", "line", "slogan", "logo", "logo_meaning", "meaning")), ("为什么", ("background", "problem", "target_group")),
        ("怎么做", ("carrier", "effect", "spread_plan", "starts_on", "ends_on")), ("谁来做", ("leader", "contact", "people", "group", "budget")),
        ("影响", ("media", "files")),
    )  # fmt: skip
    optional_marks = True
    goal_heads, month_heads = ("指标", "单位", "现在", "目标"), ("月份", "工作")

    def __init__(self, *args, goals: list, months: list[PlannedStep], comments: dict[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, text in comments.items():
            if name in self.fields:
                self.fields[name].help_text = f"评审意见：{text}"
        self.goal_rows = [self._goal(n, goal) for n, goal in enumerate([*goals, *[None] * SPARE])]
        self.month_rows = [self._month(n, step) for n, step in enumerate([*months, *[None] * SPARE])]

    def _goal(self, n: int, goal) -> dict:
        key = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=goal.pk if goal else None)
        number = {"max_digits": 12, "decimal_places": 1, "min_value": 0, "required": False}
        plain = forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"})
        self.fields |= {
            f"gk_{n}": key, f"gn_{n}": forms.CharField(label=f"第 {n + 1} 个目标", max_length=40, required=False, initial=goal.name if goal else ""),
            f"gu_{n}": forms.CharField(label=f"第 {n + 1} 个目标单位", max_length=10, required=False, initial=goal.unit if goal else ""),
            f"gs_{n}": forms.DecimalField(label=f"第 {n + 1} 个目标现在", widget=plain, initial=_plain(goal.start) if goal else None, **number),
            f"gt_{n}": forms.DecimalField(label=f"第 {n + 1} 个目标值", widget=plain, initial=_plain(goal.target) if goal else None, **number),
        }  # fmt: skip
        return {"key": self[f"gk_{n}"], "cells": [self[f"{part}_{n}"] for part in ("gn", "gu", "gs", "gt")]}

    def _month(self, n: int, step: PlannedStep | None) -> dict:
        month = forms.DateField(label=f"第 {n + 1} 步月份", required=False, input_formats=["%Y-%m", "%Y-%m-%d"], widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"))
        month.initial = step.month if step else None
        self.fields |= {
            f"mk_{n}": forms.IntegerField(required=False, widget=forms.HiddenInput, initial=step.pk if step else None), f"mm_{n}": month,
            f"mt_{n}": forms.CharField(label=f"第 {n + 1} 步工作", max_length=120, required=False, initial=step.text if step else ""),
        }  # fmt: skip
        return {"key": self[f"mk_{n}"], "cells": [self[f"{part}_{n}"] for part in ("mm", "mt")]}

    def clean(self) -> dict:
        data = super().clean()
        for n in range(len(self.goal_rows)):
            given = [data.get(f"{part}_{n}") not in (None, "") for part in ("gn", "gu", "gt")]
            if any(given) and not all(given):
                self.add_error(f"gn_{n}", "目标要写指标、单位和目标值。")
        for n in range(len(self.month_rows)):
            given = [bool(data.get(f"{part}_{n}")) for part in ("mm", "mt")]
            if any(given) and not all(given):
                self.add_error(f"mt_{n}", "月份和工作都要写。")
        return data

    def grouped(self) -> list[dict]:
        """The named sections alone: rows stand in tables of their own."""
        return [{"title": title, "fields": [self[name] for name in names]} for title, names in self.sections]

    def values(self) -> dict:
        """What ``write_brand`` takes."""
        data = self.cleaned_data
        goals = [
            GoalRow(data[f"gn_{n}"].strip(), data[f"gu_{n}"].strip(), data[f"gs_{n}"] or Decimal(0), data[f"gt_{n}"], data[f"gk_{n}"])
            for n in range(len(self.goal_rows)) if data.get(f"gn_{n}")
        ]  # fmt: skip
        months = [MonthRow(data[f"mm_{n}"], data[f"mt_{n}"].strip(), data[f"mk_{n}"]) for n in range(len(self.month_rows)) if data.get(f"mm_{n}")]
        return {"values": {name: data[name] for name in TEXTS}, "logo": data["logo"], "files": data["files"], "goals": goals, "months": months, "version": data["version"]}

    @property
    def row_errors(self) -> list[str]:
        """Sentences of the rows and of what concerns all of them, for above the tables."""
        return list(dict.fromkeys(text for name, errors in self.errors.items() if name[:3] in ("gn_", "gs_", "gt_", "gu_", "mm_", "mt_") for text in errors))


def _plain(value) -> str:
    return f"{value.normalize():f}"


def brand_initial(brand: Brand | None) -> dict:
    return {name: getattr(brand, name) for name in (*TEXTS, "version")} if brand else {}


class CommentsForm(Versioned):
    """What the reviewer says at each column."""

    def __init__(self, *args, brand: Brand, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = []
        for name in TEXTS:
            column = brand._meta.get_field(name)
            said = getattr(brand, f"get_{name}_display")() if column.choices else getattr(brand, name)
            self.fields[name] = forms.CharField(label=f"{column.verbose_name}意见", max_length=200, required=False, initial=brand.comments.get(name, ""))
            self.rows.append({"label": column.verbose_name, "said": said, "field": self[name]})

    def comments(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in TEXTS}


class StepForm(Versioned):
    note = forms.CharField(label="意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, asks: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if asks:
            self.fields["note"].label, self.fields["note"].required = "原因", True


class NameForm(StepForm):
    document_no = forms.CharField(label="命名文号", max_length=60, required=False, help_text="如：九老干发〔2026〕12 号。")
    award = forms.ChoiceField(label="等次", choices=Award.choices, widget=Chips, required=False)
    field_order = ("award", "document_no", "note")


STEP_FORMS = {"name": NameForm}


class PlaceForm(PortalForm):
    rung = forms.ChoiceField(label="范围", choices=Rung.choices, widget=Chips)
    place = forms.CharField(label="地点", max_length=60, help_text="社区、村、单位或县区的名称。")
    since = forms.DateField(label="起始日期", widget=DateInput)
    people = forms.IntegerField(label="惠及人数", min_value=0, max_value=10_000_000)
    evidence = forms.CharField(label="依据", max_length=200, help_text="文件、活动或照片在哪里。")


class PlaceEndForm(PortalForm):
    on = forms.DateField(label="停止日期", widget=DateInput)
    why = forms.CharField(label="停止原因", max_length=120)


class MeetingForm(PortalForm):
    held_on = forms.DateField(label="日期", widget=DateInput)
    subject = forms.CharField(label="议题", max_length=120)
    decisions = forms.CharField(label="议定事项", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))


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
                label=label, max_digits=12, decimal_places=1, min_value=0, required=False, widget=number, initial=None if one.now is None else _plain(one.now)
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


class ListForm(PortalForm):
    title = forms.CharField(label="标题", max_length=60, help_text="如：第一批可复制推广的经验做法。")


class PracticeForm(PortalForm):
    brand = forms.ModelChoiceField(label="来自品牌", queryset=None, help_text="已命名的品牌。")
    title = forms.CharField(label="做法", max_length=60, help_text="一句话说出做法。")
    step1 = forms.CharField(label="第一步", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    step2 = forms.CharField(label="第二步", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    step3 = forms.CharField(label="第三步", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    conditions = forms.CharField(label="适用条件", max_length=200, help_text="要多少人、多少钱、什么场地。")
    results = forms.CharField(label="成效", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="前后对比的数字。")
    contact = forms.CharField(label="联系人", max_length=60)
    fit_for = forms.MultipleChoiceField(label="适用范围", choices=FitFor.choices, widget=ManyChips, required=False)

    def __init__(self, *args, offered, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].queryset = offered
        self.fields["brand"].label_from_instance = lambda one: f"{one.org.name} · {one.name}"

    def values(self) -> dict:
        data = self.cleaned_data
        return {name: data[name] for name in ("brand", "title", "conditions", "results", "contact", "fit_for")} | {"steps": [data[f"step{n}"] for n in (1, 2, 3)]}


def practice_initial(one: Practice) -> dict:
    given = {name: getattr(one, name) for name in ("title", "conditions", "results", "contact", "fit_for")}
    return given | {"brand": one.brand_id} | {f"step{n}": text for n, text in enumerate(one.steps, 1)}


class PracticeFilter(PortalForm):
    q = forms.CharField(label="做法", required=False, widget=forms.TextInput(attrs={"placeholder": "做法、品牌或县区", "type": "search"}))
    fit = forms.ChoiceField(label="适用范围", choices=[ANY, *FitFor.choices], required=False)
    metric = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    period = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class QuestionForm(PortalForm):
    text = forms.CharField(label="问来源单位", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="问题和答复大家都能看到，后来的人不用再问。")


class AnswerForm(PortalForm):
    text = forms.CharField(label="答复", max_length=600, widget=forms.Textarea(attrs={"rows": 3}))


class PlanFilter(PortalForm):
    look = forms.ChoiceField(
        label="状态", required=False, choices=[ANY, ("doing", "推进中"), ("overdue", "阶段逾期"), ("taken", "已采用"), ("dropped", "没有采用"), ("check", "待回访")]
    )  # fmt: skip
    org = forms.ModelChoiceField(label="县区", queryset=None, required=False, empty_label="全部")
    practice = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offer_places(self, scope)

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class EffortFilter(PortalForm):
    org = forms.ModelChoiceField(label="范围", queryset=None, required=False, empty_label="全部")
    metric = forms.ChoiceField(
        label="只看", required=False, choices=[ANY, ("brand_counties_idle", "60 天没有动静的"), ("brand_counties_without_plan", "没有学习推广计划的")]
    )  # fmt: skip
    period = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offer_places(self, scope)

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class PlanForm(Versioned):
    why = forms.CharField(label="为什么学", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    adaptation = forms.CharField(label="本地结合点", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="和来源单位不一样的地方怎么办。")
    person = forms.CharField(label="责任人", max_length=60, required=False)
    expected = forms.CharField(label="预期成果", max_length=200, required=False)
    optional_marks = True
    phase_heads = ("工作", "责任人", "时限")

    def __init__(self, *args, phases: list[StudyPhase], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.phase_rows = [self._phase(n, one) for n, one in enumerate([*phases, None])]

    def _phase(self, n: int, one: StudyPhase | None) -> dict:
        self.fields |= {
            f"pk_{n}": forms.IntegerField(required=False, widget=forms.HiddenInput, initial=one.pk if one else None),
            f"pt_{n}": forms.CharField(label=f"第 {n + 1} 阶段工作", max_length=120, required=False, initial=one.text if one else ""),
            f"pp_{n}": forms.CharField(label=f"第 {n + 1} 阶段责任人", max_length=60, required=False, initial=one.person if one else ""),
            f"pd_{n}": forms.DateField(label=f"第 {n + 1} 阶段时限", required=False, widget=DateInput, initial=one.due_on if one else None),
        }  # fmt: skip
        return {"key": self[f"pk_{n}"], "cells": [self[f"{part}_{n}"] for part in ("pt", "pp", "pd")], "phase": one}

    def clean(self) -> dict:
        data = super().clean()
        for n in range(len(self.phase_rows)):
            if bool(data.get(f"pt_{n}")) != bool(data.get(f"pd_{n}")):
                self.add_error(f"pt_{n}", "工作和时限都要写。")
        return data

    def grouped(self) -> list[dict]:
        return [{"title": "", "fields": [self[name] for name in ("why", "adaptation", "person", "expected")]}]

    def values(self) -> dict:
        data = self.cleaned_data
        rows = [PhaseRow(data[f"pt_{n}"], data[f"pp_{n}"], data[f"pd_{n}"], data[f"pk_{n}"]) for n in range(len(self.phase_rows)) if data.get(f"pt_{n}")]
        return {"values": {name: data[name] for name in ("why", "adaptation", "person", "expected")}, "phases": rows, "version": data["version"]}


def plan_initial(plan: StudyPlan) -> dict:
    return {name: getattr(plan, name) for name in ("why", "adaptation", "person", "expected", "version")}


class ProgressForm(PortalForm):
    text = forms.CharField(label="进展", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    result = forms.CharField(label="成果", max_length=200, required=False, help_text="完成一个阶段时填，如：印发了制度、建了两个点。")


class EndForm(Versioned):
    state = forms.ChoiceField(label="结果", choices=[one for one in StudyState.choices if one[0] != StudyState.DOING], widget=Chips)
    outcome = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="采用的写成果和数字，没有采用的写原因。")


class CheckForm(Versioned):
    still_works = forms.TypedChoiceField(label="一年后", choices=[("yes", "仍在用"), ("no", "不用了")], coerce=lambda value: value == "yes", widget=Chips)
    note = forms.CharField(label="回访看到的情况", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))



class RoundForm(PortalForm):
    title = forms.CharField(label="名称", max_length=60)
    brands = forms.MultipleChoiceField(label="参评品牌", widget=forms.CheckboxSelectMultiple, help_text="初评通过的品牌；展示顺序当场抽签。")
    judges = forms.MultipleChoiceField(label="评委", widget=forms.CheckboxSelectMultiple, help_text="至少三位；本县区的品牌自动回避。超过五位时去掉一个最高分和一个最低分。")
    material = forms.IntegerField(label="材料评审权重（%）", min_value=0, max_value=100)
    stage = forms.IntegerField(label="现场展示权重（%）", min_value=0, max_value=100)
    vote = forms.IntegerField(label="互评投票权重（%）", min_value=0, max_value=100)
    minutes = forms.IntegerField(label="展示时限（分钟）", min_value=1, max_value=60)

    def __init__(self, *args, brands, judges, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._brands, self._judges = {str(one.pk): one for one in brands}, {str(user.pk): user for user, _ in judges}
        self.fields["brands"].choices = [(str(one.pk), f"{one.org.name} · {one.name}") for one in brands]
        self.fields["judges"].choices = [(str(user.pk), f"{user.display_name}（{place}）") for user, place in judges]

    def values(self) -> dict:
        """What ``open_round`` takes."""
        data = self.cleaned_data
        return {
            "title": data["title"], "brands": [self._brands[pk] for pk in data["brands"]], "judges": [self._judges[pk] for pk in data["judges"]],
            "weights": {part: data[part] for part in WEIGHTS}, "stage_seconds": data["minutes"] * 60,
        }  # fmt: skip


def round_initial(today: date) -> dict:
    return {"title": f"{today.year} 年一县一品展评", "minutes": STAGE_SECONDS // 60} | WEIGHTS


class SheetForm(PortalForm):
    """A judge's sheet: one whole number per criterion."""

    comment = forms.CharField(label="评语", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    optional_marks = True

    def __init__(self, *args, criteria: list[dict], points: dict[str, int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = []
        for one in criteria:
            number = forms.NumberInput(attrs={"inputmode": "numeric", "step": "1", "min": "0", "max": one["points"]})
            label = f"{one['name']}（{one['points']} 分）"
            self.fields[one["key"]] = forms.IntegerField(
                label=label, required=False, min_value=0, max_value=one["points"], widget=number, help_text=one["note"], initial=points.get(one["key"])
            )  # fmt: skip
            self.rows.append({"criterion": one, "field": self[one["key"]]})
        self.keys = [one["key"] for one in criteria]

    def values(self) -> dict:
        data = self.cleaned_data
        return {"points": {key: data[key] for key in self.keys}, "comment": data["comment"]}


class ReviewCodesForm(PortalForm):
    """How many codes for the delegates of each county, and for others."""

    def __init__(self, *args, places, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"place_{one.pk}": one.pk for one in places} | {"others": None}
        for one in places:
            self.fields[f"place_{one.pk}"] = forms.IntegerField(label=f"{one.name}代表（个）", min_value=0, max_value=500, required=False)
        self.fields["others"] = forms.IntegerField(label="其他（个）", min_value=0, max_value=500, required=False, help_text="不属于参评县区的代表。")

    def wanted(self) -> dict[int | None, int]:
        return {place: self.cleaned_data[name] or 0 for name, place in self.places.items() if self.cleaned_data[name]}


class ChoiceForm(PortalForm):
    code = forms.CharField(widget=forms.HiddenInput)
    chosen = forms.TypedMultipleChoiceField(label="请选 1 到 3 个", coerce=int, required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, entries, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(one.pk, f"{one.brand.name}（{one.brand.org.name}）") for one in entries]
