"""Forms of 展评: rounds, sheets, codes, votes."""

from datetime import date

from django import forms

from apps.brands.models import Part, ReviewRound
from apps.brands.selectors.reviews import SCORED, Rules
from apps.brands.standards import Criterion
from apps.core.forms import PortalForm, Versioned

SPARE = 2
"""Blank lines offered below the criteria there are; saving brings more."""


class WeightsForm(PortalForm):
    """The three parts of a result, and how long a showing lasts."""

    material = forms.IntegerField(label="材料评审权重（%）", min_value=0, max_value=100)
    stage = forms.IntegerField(label="现场展示权重（%）", min_value=0, max_value=100)
    vote = forms.IntegerField(label="互评投票权重（%）", min_value=0, max_value=100)
    minutes = forms.IntegerField(label="展示时限（分钟）", min_value=1, max_value=60)

    def weights(self) -> dict:
        data = self.cleaned_data
        return {"weights": {part: data[part] for part in Part.values}, "stage_seconds": data["minutes"] * 60}


def weights_initial(rules: Rules | ReviewRound) -> dict:
    return {"minutes": rules.stage_seconds // 60} | rules.weights


class RoundForm(WeightsForm):
    title = forms.CharField(label="名称", max_length=60)
    brands = forms.MultipleChoiceField(label="参评品牌", widget=forms.CheckboxSelectMultiple, help_text="初评通过的品牌；展示顺序当场抽签。")
    judges = forms.MultipleChoiceField(label="评委", widget=forms.CheckboxSelectMultiple, help_text="至少三位；本县区的品牌自动回避。超过五位时去掉一个最高分和一个最低分。")
    field_order = ("title", "brands", "judges")

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
        } | self.weights()  # fmt: skip


def round_initial(rules: Rules, today: date) -> dict:
    return {"title": f"{today.year} 年一县一品展评"} | weights_initial(rules)


class RulesForm(Versioned, WeightsForm):
    """What a round is judged by: ``parts`` are tables of small fields, a line each; emptying the name of a line drops it."""

    heads = ("类别", "项目", "分值", "打分说明")

    def __init__(self, *args, found: ReviewRound, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.parts = []
        for part in SCORED:
            lines = [*found.criteria[part], *[None] * SPARE]
            self.parts.append({"part": part, "label": part.label, "rows": [self._line(part, n, one) for n, one in enumerate(lines)]})

    def _line(self, part: str, n: int, one: dict | None) -> dict:
        given, words = one or {}, f"{Part(part).label}第 {n + 1} 项"
        box = forms.NumberInput(attrs={"inputmode": "numeric", "step": "1"})
        self.fields |= {
            f"{part}_k_{n}": forms.CharField(required=False, max_length=20, widget=forms.HiddenInput, initial=given.get("key")),
            f"{part}_g_{n}": forms.CharField(label=f"{words}类别", required=False, max_length=20, initial=given.get("group")),
            f"{part}_n_{n}": forms.CharField(label=f"{words}名称", required=False, max_length=40, initial=given.get("name")),
            f"{part}_p_{n}": forms.IntegerField(label=f"{words}分值", required=False, min_value=1, max_value=100, widget=box, initial=given.get("points")),
            f"{part}_t_{n}": forms.CharField(label=f"{words}打分说明", required=False, max_length=100, initial=given.get("note")),
        }  # fmt: skip
        return {"key": self[f"{part}_k_{n}"], "cells": [self[f"{part}_{cell}_{n}"] for cell in "gnpt"]}

    def clean(self) -> dict:
        data = super().clean()
        for one in self.parts:
            for n in range(len(one["rows"])):
                key, name, points = (data.get(f"{one['part']}_{cell}_{n}") for cell in "knp")
                emptied = key and not name
                if bool(name) != bool(points) and not emptied and f"{one['part']}_p_{n}" not in self.errors:
                    self.add_error(f"{one['part']}_n_{n}", "项目和分值都要写。")
        return data

    def values(self) -> dict:
        """What ``write_rules`` takes."""
        return {"criteria": {one["part"]: self._lines(one["part"], len(one["rows"])) for one in self.parts}, "version": self.cleaned_data["version"]} | self.weights()

    def _lines(self, part: str, n: int) -> list[Criterion]:
        data = [{cell: self.cleaned_data.get(f"{part}_{cell}_{i}") for cell in "kgnpt"} for i in range(n)]
        return [Criterion(one["k"], (one["g"] or "").strip(), one["n"].strip(), one["p"], (one["t"] or "").strip()) for one in data if one["n"]]


class SheetForm(PortalForm):
    """A judge's sheet: one whole number per criterion."""

    comment = forms.CharField(label="评语", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    optional_marks = False

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
