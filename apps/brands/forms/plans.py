"""Forms of 学习推广计划 and of 各县区."""

from django import forms

from apps.accounts.forms import FigureFilter, PlaceFilter
from apps.brands.actions.practices import PhaseRow
from apps.brands.forms.fields import ANY
from apps.brands.models import StudyPhase, StudyPlan, StudyState
from apps.core.forms import Chips, DateInput, PortalForm, Versioned


class PlanFilter(PlaceFilter):
    look = forms.ChoiceField(
        label="状态", required=False, choices=[ANY, ("doing", "推进中"), ("overdue", "阶段逾期"), ("taken", "已采用"), ("dropped", "没有采用"), ("check", "待回访")]
    )  # fmt: skip
    org = forms.ModelChoiceField(label="县区", queryset=None, required=False, empty_label="全部")
    practice = forms.IntegerField(required=False, widget=forms.HiddenInput)


class EffortFilter(FigureFilter):
    org = forms.ModelChoiceField(label="范围", queryset=None, required=False, empty_label="全部")
    metric = forms.ChoiceField(
        label="只看", required=False, choices=[ANY, ("brand_counties_idle", "60 天没有动静的"), ("brand_counties_without_plan", "没有学习推广计划的")]
    )  # fmt: skip
    field_order = ("org", "metric")


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
