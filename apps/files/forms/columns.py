"""Telling what a column is, and one value for the whole file for columns it lacks."""

from dataclasses import dataclass

from django import forms

from apps.core.forms import PortalForm
from apps.files.importing.columns import Why
from apps.files.models import ASIDE, IGNORED
from apps.files.sheetkinds import SheetKind

IGNORE = "~ignore"
NOT_OFFERED = ("number",)
_EARLIER = {"may": [], "filled": 0, "samples": [], "origin": "", "masked": 0}
"""What batches read by an earlier version don't say of a column."""


@dataclass(frozen=True)
class Line:
    """A column as the panel lists it: the bound ``field`` with its select, the title, where it stands, samples of its content, what is known of it, cells with numbers."""

    field: forms.BoundField
    title: str
    where: str
    samples: list[str]
    filled: int
    why: str
    origin: str
    masked: int


class ColumnsForm(PortalForm):
    """One select per column, named ``sheet index:letter``; ``given:field`` for values of the whole file.

    ``asked`` must be answered; ``unknown`` and ``remembered`` stand as they were read unless changed; ``others`` are columns the portal is sure of.
    """

    def __init__(self, *args, kind: SheetKind, sheets: list[dict], lacking: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.columns: dict[str, tuple[str, dict]] = {}
        for number, sheet in enumerate(sheets):
            for column in sheet.get("columns", ()):
                if column.get("why") == Why.OURS:
                    continue
                self._add_column(number, sheet["name"], _EARLIER | {"use": column["field"], "why": "title" if column["field"] else "unknown"} | column)
        for name in lacking:
            self._add_given(name)

    def _add_column(self, number: int, sheet: str, column: dict) -> None:
        key, asked = f"{number}:{column['letter']}", column.get("asked", False)
        self.fields[key] = forms.ChoiceField(
            label=f"{column['title']}（{self._where(sheet, column)}）", required=asked, choices=self._choices(column),
            initial="" if asked else column["use"] or IGNORE, error_messages={"required": "请选择这一列对应什么。"},
        )  # fmt: skip
        self.columns[key] = (sheet, column)

    @staticmethod
    def _where(sheet: str, column: dict) -> str:
        return f"{sheet}!{column['letter']} 列" if sheet else f"{column['letter']} 列"

    def _choices(self, column: dict) -> list:
        may = [(name, self.kind.fields[name].column_name) for name in column["may"] if name in self.kind.fields]
        other = [(name, one.column_name) for name, one in self.kind.fields.items() if name not in column["may"] and name not in (*NOT_OFFERED, *self.kind.unused)]
        rest = [*([(ASIDE, "作为附注保留")] if self.kind.aside else []), (IGNORE, "不导入这一列")]
        first = [("", "请选择…")] if column.get("asked") else []
        return [*first, *([("可能是", may)] if may else []), ("不对应任何项目", rest), ("其他项目", other)]

    def _add_given(self, name: str) -> None:
        one = self.kind.fields[name]
        label, words = f"表里没有“{one.column_name}”，全表都填", one.widget.options()
        if words:
            field = forms.ChoiceField(label=label, required=False, choices=[("", "（不填）"), *((word, word) for word in words)])
        else:
            field = forms.CharField(label=label, required=False, max_length=120)
        self.fields[f"given:{name}"] = field

    def _lines(self, wanted) -> list[Line]:
        return [
            Line(self[key], column["title"], self._where(sheet, column), column["samples"], column["filled"], column["why"], column["origin"], column["masked"])
            for key, (sheet, column) in self.columns.items()
            if wanted(column)
        ]

    @property
    def asked(self) -> list[Line]:
        return self._lines(lambda column: column.get("asked"))

    @property
    def unknown(self) -> list[Line]:
        """Columns with content that nobody knows, unless they are asked."""
        return self._lines(lambda column: column["why"] == "unknown" and column["filled"] and not column.get("asked"))

    @property
    def remembered(self) -> list[Line]:
        return self._lines(lambda column: column["why"] == "memory" and not column.get("asked"))

    @property
    def others(self) -> list[Line]:
        shown = {line.field.name for line in (*self.asked, *self.unknown, *self.remembered)}
        return [line for line in self._lines(lambda column: True) if line.field.name not in shown]

    @property
    def lacking(self) -> list[forms.BoundField]:
        return [self[key] for key in self.fields if key.startswith("given:")]

    def clean(self) -> dict:
        """One column per field and sheet."""
        cleaned, taken = super().clean(), {}
        for key, (sheet, column) in self.columns.items():
            use = self._answer(key) or column["use"]
            if use not in self.kind.fields or (column.get("asked") and not self._answer(key)):
                continue
            if (other := taken.setdefault((sheet, use), key)) != key:
                name = self.kind.fields[use].column_name
                self.add_error(key if self._answer(key) else other, f"“{name}”只能对应一列，{self.columns[other][1]['letter']} 列和 {column['letter']} 列重复了。")
        return cleaned

    def _answer(self, key: str) -> str:
        return self.cleaned_data.get(key) or ""

    def mapping(self) -> dict[str, dict[str, str]]:
        """Sheet → letter → use, of the columns a person was shown a question about or has changed."""
        found: dict[str, dict[str, str]] = {}
        for key, (sheet, column) in self.columns.items():
            answer = self._answer(key)
            use = IGNORED if answer == IGNORE else answer
            if answer and (use != column["use"] or column.get("asked") or (column["why"] == "unknown" and column["filled"])):
                found.setdefault(sheet, {})[column["letter"]] = use
        return found

    def given(self) -> dict[str, str]:
        return {key.removeprefix("given:"): value for key, value in self.cleaned_data.items() if key.startswith("given:") and value}

