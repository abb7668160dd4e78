"""Forms of a brand: what it is, comments, steps, places, meetings."""

from decimal import Decimal

from django import forms

from apps.accounts.forms import FigureFilter
from apps.brands.actions.brands import GoalRow, MonthRow
from apps.brands.forms.fields import ANY, PAPERS, area, plain
from apps.brands.models import TEXTS, Award, Brand, PlannedStep, Rung, ThemeLine
from apps.core.forms import Chips, DateInput, FilesField, PortalForm, Versioned

LOOKS = (
    ("waiting", "等上级办理"), ("proposing", "申报中"), ("building", "创建中"), ("judging", "评审、公示"), ("named", "已命名"), ("rectifying", "复评整改"),
    ("ended", "已撤销、终止"),
)  # fmt: skip
SPARE = 3
"""Blank rows offered below the ones there are; saving brings more."""


class BrandFilter(FigureFilter):
    q = forms.CharField(label="名称", required=False, widget=forms.TextInput(attrs={"placeholder": "品牌或县区名称", "type": "search"}))
    look = forms.ChoiceField(label="进展", choices=[ANY, *LOOKS], required=False)
    line = forms.ChoiceField(label="主题", choices=[ANY, *ThemeLine.choices], required=False)
    org = forms.ModelChoiceField(label="县区", queryset=None, required=False, empty_label="全部")


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
        box = forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"})
        self.fields |= {
            f"gk_{n}": key, f"gn_{n}": forms.CharField(label=f"第 {n + 1} 个目标", max_length=40, required=False, initial=goal.name if goal else ""),
            f"gu_{n}": forms.CharField(label=f"第 {n + 1} 个目标单位", max_length=10, required=False, initial=goal.unit if goal else ""),
            f"gs_{n}": forms.DecimalField(label=f"第 {n + 1} 个目标现在", widget=box, initial=plain(goal.start) if goal else None, **number),
            f"gt_{n}": forms.DecimalField(label=f"第 {n + 1} 个目标值", widget=box, initial=plain(goal.target) if goal else None, **number),
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
