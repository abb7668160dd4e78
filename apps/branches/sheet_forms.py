"""Forms of 活动情况统计表."""

from django import forms

from apps.branches.forms import Versioned
from apps.branches.models import QuarterSheet, SheetState
from apps.branches.selectors.sheets import values_of
from apps.branches.standards import SHEET_COLUMNS
from apps.core.calendar import Quarter, quarter_of
from apps.core.forms import PortalForm


class SheetForm(Versioned):
    """A number per column; beside each counted one the reason for another number."""

    problems = forms.CharField(label="存在问题", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, sheet: QuarterSheet, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        values, self.rows = values_of(sheet), []
        for key, label, unit, group, typed in SHEET_COLUMNS:
            self.fields[key] = forms.IntegerField(label=f"{label}（{unit}）", min_value=0, max_value=100_000, required=False, initial=values[key])
            if not typed:
                reason = sheet.corrected.get(key, {}).get("reason", "")
                widget = forms.TextInput(attrs={"placeholder": "与记录不同时写原因"})
                self.fields[f"why_{key}"] = forms.CharField(label=f"{label}更正原因", max_length=120, required=False, initial=reason, widget=widget)
            self.rows.append({"key": key, "group": group, "number": self[key], "why": None if typed else self[f"why_{key}"], "counted": sheet.counted.get(key)})

    def values(self) -> dict:
        given = self.cleaned_data
        typed = {key: given[key] for key, _, _, _, mark in SHEET_COLUMNS if mark}
        corrected = {key: (given[key], given[f"why_{key}"]) for key, _, _, _, mark in SHEET_COLUMNS if not mark and given[key] is not None}
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
