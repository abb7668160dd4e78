"""The list of people as it leaves: every field that may go with a list, numbers masked unless asked for in the clear."""

from collections.abc import Iterator
from datetime import date

from apps.accounts.permissions import Right
from apps.cadres import selectors
from apps.cadres.columns import PARTIAL_DATES
from apps.cadres.fields import MASKED_BESIDE, SECTIONS
from apps.cadres.models import Cadre
from apps.cadres.selectors.history import title_of
from apps.cadres.selectors.places import place_name
from apps.cadres.values import shown, value_of, written
from apps.core.personal_data import PersonalClass, classes
from apps.core.scope import Scope
from apps.files.exporting.kinds import EXPORTS, ExportColumn, ExportKind

CHUNK = 2000
WIDTHS = {"address": 32, "original_unit": 26, "honours": 24, "note": 30, "extra": 30, "party_branch": 24} | dict.fromkeys(MASKED_BESIDE, 20)
UNIT = "org"
NOT_OFFERED = ("revolution_period_confirmed",)
MORE = {"工作经历": ("revolution_period",), "离退休": ("standing", "deceased_on", "attention_class"), "特长与备注": ("extra",)}
"""Derived fields offered beside those of the form."""
USUAL = frozenset(
    str.split(
        f"{UNIT} name sex id_number born_on retire_kind retired_on rank treatment_level original_unit original_post political_status address residence_kind living "
        "phone health self_care attention_class"
    )
)


def exported_fields() -> list[str]:
    """Fields in the order of the form that a list may carry: nothing secret."""
    known = classes(Cadre)
    offered = [name for title, names in SECTIONS for name in (*names, *MORE.get(title, ()))]
    return [name for name in offered if known.get(name, PersonalClass.PUBLIC) != PersonalClass.SECRET and name not in NOT_OFFERED]


def columns() -> list[ExportColumn]:
    groups = {name: title for title, names in SECTIONS for name in (*names, *MORE.get(title, ()))}
    unit = ExportColumn(UNIT, "管理单位", "身份", 28)
    rest = [
        ExportColumn(name, title_of(name), groups[name], WIDTHS.get(name, 13), closed=name in MASKED_BESIDE, usual=name in USUAL) for name in exported_fields()
    ]
    return [unit, *rest]


def count(scope: Scope, query: dict[str, str], today: date, most: int) -> int:
    people = selectors.filtered(scope, selectors.Filters.read(query), today)
    return people.order_by().values("pk")[:most].count()


def rows(scope: Scope, query: dict[str, str], keys: list[str], full: bool, today: date) -> Iterator[list[str]]:
    """In the order of the list's default: unit, name."""
    book = selectors.codebook()
    closed = () if full else tuple(MASKED_BESIDE)
    people = selectors.filtered(scope, selectors.Filters.read(query), today)
    people = people.select_related("org", "org__parent").order_by("org_path", "name_sort", "id").defer("search", *closed)
    for cadre in people.iterator(chunk_size=CHUNK):
        yield [_cell(cadre, name, book, full) for name in keys]


def _cell(cadre: Cadre, name: str, book, full: bool) -> str:
    """As the import would read it back: dates in their short form."""
    if name == UNIT:
        return place_name(cadre.org)
    if full and name in MASKED_BESIDE:
        return getattr(cadre, name) or ""
    if name in PARTIAL_DATES:
        value = value_of(cadre, name)
        return written(value) if value else ""
    return shown(cadre, name, book)


def told(query: dict[str, str]) -> str:
    """The filters as text for the audit; what was typed into the box may be a name or number and is only said to be there."""
    filters = selectors.Filters.read(query).as_query()
    return "；".join(f"{name}={'（有）' if name == 'q' else value}" for name, value in filters.items())


EXPORTS.add(
    "people",
    ExportKind(
        "people", "离退休干部名单", "人", Right.CADRE_EXPORT, "cadre.exported", "cadres:list", columns, count, rows, told, reveal=Right.CADRE_REVEAL
    ),
)
