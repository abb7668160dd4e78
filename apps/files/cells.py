"""How one cell becomes one value: the widgets of the sheets' declarations.

A ``Cell`` is a django-import-export widget, so a Resource made of them works with ``import_data`` as any other. The import pipeline calls
``read`` instead of ``clean``: it takes the cell as the reader gives it and returns every problem instead of raising the first.
"""

import itertools
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import Widget

from apps.core.dates import PartialDate, parse_date
from apps.core.id_numbers import clean_id
from apps.core.text import clean_name, clean_number, clean_phone, clean_text
from apps.core.workbooks.problems import Problem, problem
from apps.core.workbooks.values import CellError

NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "空", "不详", "未知"})
YES = frozenset({"是", "有", "√", "✓", "✔", "y", "yes", "1", "true", "对", "1.0"})
NO = frozenset({"否", "没有", "×", "x", "✗", "n", "no", "0", "false", "不是", "非", "未", "0.0"})
_NOT_IN_NAMES = frozenset("0123456789?？□■◇*#@$%&=+|<>~^_")

Found = tuple[Any, tuple[Problem, ...]]
BLANK: Found = (None, ())


@dataclass(frozen=True)
class Book:
    """What a cell can't know by itself: the day, the workbook's date system, whether the source has no types (csv), the kind's lookups."""

    today: date
    date1904: bool = False
    untyped: bool = False
    lookups: dict[str, Any] = field(default_factory=dict)


class Cell(Widget):
    """Base: ``read(cell, book)`` gives (value or None for blank, problems). ``title`` is the column's own name, for sentences."""

    title = ""
    text_format = False
    hint = ""

    def read(self, cell: Any, book: Book) -> Found:
        raise NotImplementedError

    def clean(self, value, row=None, **kwargs):
        """For ``import_data``: the value, or ``ValueError`` with the sentence of the first error."""
        found, problems = self.read(value, Book(date.today(), untyped=True))
        for one in problems:
            if one.is_error:
                raise ValueError(one.message)
        return found

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)

    def options(self) -> list[str]:
        """Words a template offers in a drop-down; none for free values."""
        return []

    def offered(self, book: Book) -> list[str]:
        """``options`` as they stand today, where an office may change them."""
        return self.options()


class TextCell(Cell):
    """One line or several of text, at most ``limit`` characters."""

    def __init__(self, limit: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.limit = limit

    def read(self, cell, book):
        if type(cell) is CellError:
            return None, (problem("cell_error", found=cell),)
        text = clean_text(cell)
        if text in NOTHING:
            return BLANK
        if len(text) > self.limit:
            return None, (problem("too_long", title=self.title, limit=self.limit),)
        return text, ()


class NameCell(Cell):
    """A person's name. Digits and question marks in it mean that a character was lost on the way."""

    def __init__(self, limit: int = 60, **kwargs) -> None:
        super().__init__(**kwargs)
        self.limit = limit

    def read(self, cell, book):
        if type(cell) is CellError:
            return None, (problem("cell_error", found=cell),)
        name = clean_name(cell)
        if name in NOTHING:
            return BLANK
        if len(name) > self.limit:
            return None, (problem("too_long", title=self.title, limit=self.limit),)
        if strangers := _NOT_IN_NAMES.intersection(name):
            return None, (problem("name_unparseable", found="".join(mark for mark in name if mark in strangers)),)
        return name, ()


class IdCell(Cell):
    """A citizen ID number; only one that is certain comes through."""

    text_format = True
    hint = "18 位，先把列设为文本再填"

    def read(self, cell, book):
        found = clean_id(cell)
        return found.value, found.problems


class PhoneCell(Cell):
    """A telephone number; of several the first, the rest after ``、``: the caller finds a place for them."""

    text_format = True

    def read(self, cell, book):
        if type(cell) is CellError:
            return None, (problem("cell_error", found=cell),)
        found = clean_phone(cell)
        if not found.number:
            return None, (found.problem,) if found.problem else ()
        return found, (found.problem,) if found.problem and found.problem.code != "phone_several" else ()

    def clean(self, value, row=None, **kwargs):
        found = super().clean(value, row, **kwargs)
        return found.number if found else None


class DateCell(Cell):
    """A date with the precision it was written in. ``recent``: two-digit years up to this one belong to our century."""

    text_format = True
    hint = "如 1945.08 或 1945-08-15，记到年、月、日都可以"

    def __init__(self, recent: bool = False, **kwargs) -> None:
        super().__init__(**kwargs)
        self.recent = recent

    def read(self, cell, book):
        pivot = book.today.year % 100 if self.recent else None
        found = parse_date(cell, pivot=pivot, date1904=book.date1904, lost_zeros=book.untyped)
        if isinstance(found, Problem):
            return None, (found,)
        return found, ()

    def clean(self, value, row=None, **kwargs):
        found = super().clean(value, row, **kwargs)
        return found.value if isinstance(found, PartialDate) else found


class YesNoCell(Cell):
    """是 / 否 and what people put in their place; ``yes`` and ``no`` are further words of this column."""

    def __init__(self, yes: tuple[str, ...] = (), no: tuple[str, ...] = (), **kwargs) -> None:
        super().__init__(**kwargs)
        self.yes, self.no = YES | set(yes), NO | set(no)

    def read(self, cell, book):
        if isinstance(cell, bool):
            return cell, ()
        text = clean_text(cell).casefold()
        if text in self.yes or text in self.no:
            return text in self.yes, ()
        if text in NOTHING:
            return (False, ()) if text == "无" else BLANK
        return None, (problem("code_unknown", value=clean_text(cell), title=self.title, hint="请填“是”或“否”。"),)

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else "是" if value else "否"

    def options(self):
        return ["是", "否"]


class NumberCell(Cell):
    """A number from ``least`` to ``most``, rounded to ``decimals``."""

    def __init__(self, least: float = 0, most: float = 99_999_999, decimals: int = 2, **kwargs) -> None:
        super().__init__(**kwargs)
        self.least, self.most, self.decimals = least, most, decimals

    def read(self, cell, book):
        found = problem("cell_error", found=cell) if type(cell) is CellError else clean_number(cell)
        if found is None:
            return BLANK
        if not isinstance(found, Problem) and not self.least <= found <= self.most:
            found = problem("number_range", title=self.title, found=f"{self.least}–{self.most}")
        return (None, (found,)) if isinstance(found, Problem) else (round(found, self.decimals), ())


def _word(text: str) -> str:
    return "".join(text.split()).casefold()


class ChoiceCell(Cell):
    """One of a fixed list, by its label, its value or another of its ``words`` (value → words parted by spaces)."""

    def __init__(self, choices, words, **kwargs) -> None:
        super().__init__(**kwargs)
        self.labels = {str(value): label for value, label in choices}
        self.known = {_word(word): str(value) for value, spelled in words.items() for word in spelled.split()}
        self.known |= {_word(word): value for value, label in self.labels.items() for word in (value, label)}

    def read(self, cell, book):
        if type(cell) is CellError:
            return None, (problem("cell_error", found=cell),)
        text = clean_text(cell)
        if text in NOTHING:
            return BLANK
        if value := self.known.get(_word(text)):
            return value, ()
        return None, (problem("code_unknown", value=text, title=self.title, hint=f"可填：{'、'.join(self.options())}。"),)

    def render(self, value, obj=None, **kwargs):
        return self.labels.get(value, "")

    def options(self):
        return list(self.labels.values())


_order = itertools.count()


def declared_only(resource: type) -> type:
    """Class decorator: the resource has its ``SheetField`` columns in the order they are written in, and none the model adds by itself."""
    own = [(name, one) for name, one in resource.fields.items() if isinstance(one, SheetField)]
    resource.fields = OrderedDict(sorted(own, key=lambda pair: pair[1].order))
    return resource


class SheetResource(ModelResource):
    """A Resource of ``SheetField``; ``@declared_only`` keeps out the columns the model would add."""

    def after_import(self, dataset, result, **kwargs):
        """The stock one sets the key's sequence, which no role of the database may do; every key came from it anyway."""


class SheetField(Field):
    """A column of a sheet: where it goes (``attribute``; None for columns that only steer the import), what it is called in our own sheets
    (``column_name``) and in others' (``aliases``).

    ``lacking``: may be given one value for a whole file that hasn't the column. ``example`` fills the template's example row.
    """

    def __init__(
        self, attribute: str | None, column_name: str, widget: Cell, *,
        aliases: str = "", required: bool = False, lacking: bool = False, example: str = "", width: int = 12,
    ) -> None:  # fmt: skip
        super().__init__(attribute=attribute, column_name=column_name, widget=widget, saves_null_values=False, readonly=attribute is None)
        widget.title = column_name
        self.order = next(_order)
        self.titles = (column_name, *aliases.split())
        self.required, self.lacking, self.example, self.width = required, lacking, example, width
