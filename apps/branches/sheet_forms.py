"""Forms of 活动情况统计表."""

from datetime import date

from django import forms

from apps.branches.models import QuarterSheet, SheetState
from apps.branches.selectors.sheets import COUNTED, Column, columns_of, values_of
from apps.branches.standards import SHEET_COLUMNS
from apps.core.calendar import Quarter, quarter_of
from apps.core.forms import PortalForm, Versioned


def titled(column: Column) -> str:
    return f"{column.name}（{column.unit}）" if column.unit else column.name


class LayoutForm(Versioned):
    """Columns from a quarter on: those there are, those the system could count as well, blank places for others that branches fill in."""

    NEW = 4

    quarter = forms.ChoiceField(label="从哪个季度起")
    basis = forms.CharField(label="依据", max_length=120, help_text="文件名称和文号。")

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        now = quarter_of(today)
        self.fields["quarter"].choices = [(str(one), one.title) for one in (now, now.next)]
        present, standard = columns_of(now.next), {row[0]: row for row in SHEET_COLUMNS}
        left = [Column(key, *standard[key][1:4], False) for key in COUNTED if key not in {one.key for one in present}]
        blank = [Column("", "", "", "", True) for _ in range(self.NEW)]
        self.rows = []
        for n, one in enumerate([*present, *left, *blank]):
            self.fields[f"name_{n}"] = forms.CharField(label=f"第 {n + 1} 栏名称", max_length=20, required=False, initial=one.name)
            self.fields[f"unit_{n}"] = forms.CharField(label=f"第 {n + 1} 栏单位", max_length=6, required=False, initial=one.unit)
            self.fields[f"group_{n}"] = forms.CharField(label=f"第 {n + 1} 栏大类", max_length=12, required=False, initial=one.group)
            self.fields[f"place_{n}"] = forms.IntegerField(
                label=f"第 {n + 1} 栏顺序", required=False, min_value=1, max_value=99, initial=n + 1 if one in present else None
            )  # fmt: skip
            cells = [{"title": title, "bound": self[f"{name}_{n}"]} for name, title in (("place", "顺序"), ("name", "名称"), ("unit", "单位"), ("group", "大类"))]
            self.rows.append({"column": one, "cells": cells})

    def values(self) -> dict:
        """Columns with a place, in its order; those without one are left out."""
        data, found = self.cleaned_data, []
        for n, row in enumerate(self.rows):
            if data[f"place_{n}"]:
                one = row["column"]
                found.append((data[f"place_{n}"], n, Column(one.key, data[f"name_{n}"], data[f"unit_{n}"], data[f"group_{n}"], one.typed)))
        given = {"quarter": Quarter.parse(data["quarter"]), "basis": data["basis"], "version": data["version"] or 0}
        return given | {"columns": [one for *_, one in sorted(found, key=lambda given: given[:2])]}


class SheetForm(Versioned):
    """A number per column; beside each counted one the reason for another number."""

    problems = forms.CharField(label="存在问题", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, sheet: QuarterSheet, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns_of(Quarter(sheet.year, sheet.quarter))
        values, self.rows = values_of(sheet, self.columns), []
        for one in self.columns:
            key, label, typed = one.key, one.name, one.typed
            self.fields[key] = forms.IntegerField(label=titled(one), min_value=0, max_value=100_000, required=False, initial=values[key])
            if not typed:
                reason = sheet.corrected.get(key, {}).get("reason", "")
                widget = forms.TextInput(attrs={"placeholder": "与记录不同时写原因"})
                self.fields[f"why_{key}"] = forms.CharField(label=f"{label}更正原因", max_length=120, required=False, initial=reason, widget=widget)
            self.rows.append({"key": key, "group": one.group, "number": self[key], "why": None if typed else self[f"why_{key}"], "counted": sheet.counted.get(key)})

    def values(self) -> dict:
        given = self.cleaned_data
        typed = {one.key: given[one.key] for one in self.columns if one.typed}
        corrected = {one.key: (given[one.key], given[f"why_{one.key}"]) for one in self.columns if not one.typed and given[one.key] is not None}
        return {"typed": typed, "corrected": corrected, "problems": given["problems"]}


class SheetFilter(PortalForm):
    """GET form of the list: the quarter (the last one that is over by default) and the state."""

    quarter = forms.ChoiceField(label="季度", required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("missing", "未报"), *(one for one in SheetState.choices if one[0] != SheetState.DRAFT)])

    def __init__(self, data, *, today) -> None:
        self.usual = quarter_of(today).previous
        super().__init__(data if data.get("quarter") else data.dict() | {"quarter": str(self.usual)})
        self.fields["quarter"].choices = [(str(one), one.title) for one in recent(today)]

    def wanted(self) -> tuple[Quarter, str]:
        self.is_valid()
        text = self.cleaned_data.get("quarter")
        return (Quarter.parse(text) if text else self.usual), self.cleaned_data.get("state") or ""


def recent(today, most: int = 9) -> list[Quarter]:
    """The running quarter and those before."""
    found = [quarter_of(today)]
    while len(found) < most:
        found.append(found[-1].previous)
    return found


class NoteForm(Versioned):
    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, asks: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if asks:
            self.fields["note"].label, self.fields["note"].required = "原因", True
