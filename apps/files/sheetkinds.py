"""What a kind of sheet is: the declaration the import pipeline, the templates and ``import_data`` all read.

An app registers its kinds in ``sheets.py``: ``register(Roster())``. A kind names a django-import-export Resource made of ``SheetField``;
the few methods below say what the declaration can't. Kinds come in three shapes, see ``apps.files.importing.shapes``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db import models
from import_export import resources

from apps.accounts.models import Organization
from apps.accounts.permissions import Right
from apps.core.registry import Registry
from apps.core.workbooks.problems import Problem
from apps.core.workbooks.values import Row
from apps.files.cells import Book, SheetField
from apps.files.importing.places import Place, Places
from apps.files.models import ASIDE, IGNORED
from apps.files.registry import DOWNLOADS, DownloadRule


@dataclass(slots=True)
class Draft:
    """A row while it is cleaned. ``values``: field → clean value, blanks left out; ``problems``: (field, problem), errors refuse the row;
    ``aside``: side notes, title → text.

    ``Kind.finish`` fills the second half: ``columns`` of the record, ``fresh`` ones for a new record, and what it is matched by.
    ``part`` counts the drafts of one row of the sheet that packs several records into parallel cells.
    """

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    place: Place | None = None
    county_path: str = ""
    aside: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    fresh: dict[str, Any] = field(default_factory=dict)
    index: bytes | None = None
    name: str = ""
    month: str = ""
    part: int = 0

    @property
    def refused(self) -> bool:
        return bool(self.problems) and any(problem.is_error for _, problem in self.problems)

    def has_error(self, *fields: str) -> bool:
        return any(problem.is_error and key in fields for key, problem in self.problems)


@dataclass
class Work:
    """What one run of a kind needs at hand: where, when, and lookups the kind has loaded (``extras``)."""

    org: Organization
    today: date
    places: Places
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Owner:
    """The people whose records a sheet holds: their model, and its columns by which a row names one of them.

    ``column`` is the record's column that points to the person. ``exactness`` tells how exactly ``born`` is known; ``unit`` is compared with the
    unit a row names, to tell people of one name apart. ``hidden``: SQL condition on a person ``c`` whom no row may mean.
    """

    model: type[models.Model]
    column: str
    key: str
    name: str
    born: str
    exactness: str
    unit: str
    hidden: str = "false"


class SheetKind:
    """One kind of sheet; ``model``'s table must have ``org_id``, ``org_path`` and ``version`` columns unless its rows are acted upon.

    ``key_field`` is the sheet's field that finds a record, ``match_column`` the record's column it is found by. ``twin`` names the two
    columns (name key, birth date) by which a row without a key may still be somebody already there. ``follows`` settles titles that fit several
    fields by the column before: 电话 behind 紧急联系人 is that person's. ``places_rows``: a unit the row names is where its record will be.
    ``packed_by``: fields whose cells may name several records at once (配偶、儿子 beside 李梅、王强), ``packed`` those parted along with them.
    ``unused``: fields known only so that their columns aren't taken for others; nothing of them is taken in, which is noted.
    """

    shape = "records"
    key = ""
    title = ""
    unit = "行"
    creates: Right = Right.IMPORT_CREATE
    updates: Right = Right.IMPORT_UPDATE
    resource: type[resources.ModelResource]
    essential: tuple[tuple[str, ...], ...] = ()
    apart: tuple[str, ...] = ()
    county_field = "county"
    unit_field = "unit"
    name_field = "name"
    key_field = ""
    match_column = ""
    twin: tuple[str, str] | None = None
    hidden = ""
    """SQL condition on a record ``c`` that no row may ever be about."""
    dates: Mapping[str, str] = {}
    opaque: tuple[str, ...] = ()
    leaders: Mapping[str, str] = {}
    shown_as: Mapping[str, str] = {}
    follows: Mapping[str, tuple[str, ...]] = {}
    not_compared: frozenset[str] = frozenset()
    not_in_template: frozenset[str] = frozenset()
    owner: Owner | None = None
    follow_up = ""
    """Template shown on the page of an applied batch: what the kind asks to be done next."""
    against_undo = ""
    """Why batches of this kind can't be taken back as a whole; "" when they can."""
    places_rows = True
    unused: frozenset[str] = frozenset()
    packed_by: tuple[str, ...] = ()
    packed: tuple[str, ...] = ()
    aside = ""
    """Column of the record (JSON, label → text) that takes columns nobody knows as side notes; "" for kinds that can't keep them."""

    @property
    def rights(self) -> frozenset[Right]:
        """Any of these opens batches of this kind."""
        return frozenset((self.creates, self.updates))

    @cached_property
    def model(self):
        return self.resource._meta.model

    @cached_property
    def fields(self) -> dict[str, SheetField]:
        return dict(self.resource.fields)

    @cached_property
    def in_template(self) -> dict[str, SheetField]:
        """Columns our own template has, in its order."""
        return {name: one for name, one in self.fields.items() if name not in self.not_in_template}

    @cached_property
    def version(self) -> str:
        """Changes with the columns of the template: tells an older template from today's."""
        columns = "\n".join(f"{name} {one.column_name} {one.required}" for name, one in self.in_template.items())
        return sha256(columns.encode()).hexdigest()[:8]

    @cached_property
    def aliases(self) -> dict[str, Sequence[str]]:
        return {name: one.titles for name, one in self.fields.items()}

    def option_words(self, work: "Work") -> frozenset[str]:
        """Words of all drop-downs: rows made of nothing else are lists hanging below the data."""
        book = self.book(work)
        return frozenset(word for one in self.fields.values() for word in (*one.widget.options(), *one.widget.offered(book)))

    @property
    def unknown_use(self) -> str:
        """What an unknown column is read as until a person says otherwise."""
        return ASIDE if self.aside else IGNORED

    def fit(self, name: str, cell: Any, book: Book) -> float:
        """How well a cell fits a field, at best 1: settles titles that may mean several fields. Without better knowledge: can it be read?"""
        return float(not any(one.is_error for one in self.fields[name].widget.read(cell, book)[1]))

    def leader(self, column: str) -> str:
        """The column whose change takes this one along."""
        return self.leaders.get(column, column)

    def field_of(self, column: str) -> str:
        """The sheet's field that a column of the record comes from."""
        return self._fields_by_column.get(column, column)

    @cached_property
    def _fields_by_column(self) -> dict[str, str]:
        return {one.attribute: name for name, one in self.fields.items() if one.attribute}

    def named(self, text: str) -> str | None:
        """The field of a key, column name or alias."""
        wanted = text.strip()
        return wanted if wanted in self.fields else next((name for name, titles in self.aliases.items() if wanted in titles), None)

    def begin(self, org: Organization, today: date) -> Work:
        """Load what every row will ask."""
        return Work(org, today, Places(org, today))

    def book(self, work: Work, **facts) -> Book:
        return Book(work.today, lookups=work.extras, **facts)

    def finish(self, drafts: list[Draft], work: Work) -> None:
        """Check the values of each row against each other and fill the second half of the drafts."""
        raise NotImplementedError

    def merged_problems(self, batch_id: int, org: Organization, only: Iterable[int] | None = None) -> list[tuple[int, str, Problem]]:
        """(staged row, field, problem) for rows whose change would break the record as it is: asked in SQL, after matching; ``only`` of the rows named."""
        return []

    def defaults(self, by) -> dict[str, Any]:
        """Columns of a new record that no sheet gives."""
        return {}

    def after_apply(self, batch, by, only: Iterable[int] | None = None, *, now: datetime) -> None:
        """What else must follow, in the same transaction; ``only`` for the rows named."""

    @property
    def refuses_undo(self) -> str:
        """``against_undo``, or that what follows an import of this kind hasn't been given its way back (``after_undo``)."""
        own = type(self)
        if self.against_undo or own.after_apply is SheetKind.after_apply or own.after_undo is not SheetKind.after_undo:
            return self.against_undo
        return f"“{self.title}”导入后会带动其他内容，不能整批撤销。请逐条更正。"

    def after_undo(self, batch, by) -> None:
        """What else must follow once records are removed and put back, in the same transaction: search words and the like."""

    def shower(self) -> Callable[[str, Any], str]:
        """A function that shows a stored value as people read it; ask once per page, it may hold lookups."""
        return lambda column, value: "" if value is None else str(value)

    preview: tuple[str, ...] = ()

    def preview_cells(self, values: dict[str, Any], show: Callable[[str, Any], str]) -> list[str]:
        """One row of the preview, a cell per title in ``preview``. ``values``: columns of the record, and ``org`` its place's name."""
        return []

    def record_note(self, record: dict[str, Any]) -> str:
        """What one must know of a record before saying that a row is about it; ``record`` as ``to_jsonb`` writes it."""
        return ""

    def record_url(self, pk: int) -> str:
        return ""

    def row_url(self, row) -> str:
        """Where the record of a staged row is looked at, once it is there."""
        return self.record_url(row.target_id)

    def row_title(self, values: dict[str, Any]) -> str:
        """What a changed row is called in lists."""
        return values.get("name", "")

    def list_url(self, batch) -> str:
        return ""


SHEETS: Registry[SheetKind] = Registry("sheet kind")


def register(kind: SheetKind) -> SheetKind:
    """Make a kind known: its pages, its template, and who may open the files uploaded as such."""
    DOWNLOADS.add(f"import.{kind.key}", DownloadRule(tuple(sorted(kind.rights)), title="导入的原文件"))
    return SHEETS.add(kind.key, kind)


def kinds_hidden_from(rights: frozenset[Right]) -> list[str]:
    """Keys of the kinds whose batches whoever holds these rights must not see."""
    return [key for key, kind in SHEETS.items() if not kind.rights & rights]
