"""Code tables as a book that is read once and then asked many times."""

import difflib
from datetime import date

from apps.cadres.models import Code
from apps.cadres.registries import TABLE_TITLES
from apps.cadres.standards import FIELD_TABLES, TABLES, plain


class CodeBook:
    """All code tables from one query; build one per request or batch and ask it as often as you like."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Code]] = {}
        for row in Code.objects.order_by("table", "order", "code"):
            self._rows.setdefault(row.table, []).append(row)
        self._names = {(row.table, row.code): row.name for rows in self._rows.values() for row in rows}
        self._codes: dict[str, dict[str, str]] = {}

    def name(self, table: str, code: str) -> str:
        """Word of a code, retired or not; an unknown code stands for itself, blank is blank."""
        return self._names.get((table, code), code) if code else ""

    def field(self, field: str, code: str) -> str:
        """``name`` by field of ``Cadre``: ``field("living", "alone")`` is 独居."""
        return self.name(FIELD_TABLES[field], code)

    def code(self, table: str, text: str) -> str | None:
        """Code of a code, name or alias (spaces, brackets and width don't matter); "" for blank, None when unknown."""
        key = plain(text)
        return self._known(table).get(key) if key else ""

    def hint(self, table: str, text: str) -> str:
        """A sentence with the values that look most like ``text``, else with the first few there are."""
        names = [row.name for row in self._rows.get(table, [])]
        close = difflib.get_close_matches(text, names, n=3, cutoff=0.4)
        return f"是不是“{'”“'.join(close)}”？" if close else f"可填：{'、'.join(names[:12])}。"

    def choices(self, table: str, today: date, keep: str = "") -> list[tuple[str, str]]:
        """(code, name) in force on ``today`` in the table's order, and ``keep`` even when retired."""
        return [(row.code, row.name) for row in self._rows.get(table, []) if row.code == keep or _in_force(row, today)]

    def codes(self, table: str) -> set[str]:
        return {row.code for row in self._rows.get(table, [])}

    def as_sql(self, table: str) -> str:
        """An expression over ``{}``, a text: the code it stands for, or the text itself without spaces."""
        bare = "translate({}, ' 　', '')"
        spelled = ", ".join("({}, {})".format(*(_quoted(part) for part in pair)) for pair in sorted(self._known(table).items()))
        return f"coalesce((SELECT code FROM (VALUES {spelled}) k(word, code) WHERE word = {bare}), {bare})"

    def _known(self, table: str) -> dict[str, str]:
        if table not in self._codes:
            known: dict[str, str] = {}
            for spelling in (lambda row: [row.code], lambda row: [row.name], lambda row: row.aliases):
                for row in self._rows.get(table, []):
                    for text in spelling(row):
                        known.setdefault(plain(text), row.code)
            self._codes[table] = known
        return self._codes[table]


def _quoted(text: str) -> str:
    """A literal for a statement that takes parameters besides."""
    return "'" + text.replace("'", "''").replace("%", "%%").replace("{", "").replace("}", "") + "'"


def _in_force(row: Code, today: date) -> bool:
    return (row.valid_from is None or row.valid_from <= today) and (row.valid_to is None or row.valid_to >= today)


def codebook() -> CodeBook:
    return CodeBook()


def code_rows(table: str):
    """Rows of one table in their order, retired ones included."""
    return Code.objects.filter(table=table).order_by("order", "code")


def code_row(pk: int) -> Code:
    """Raises ``Code.DoesNotExist``."""
    return Code.objects.get(pk=pk)


def tables() -> list[tuple[str, str, int]]:
    """(key, title, number of values) of every code table in the database; those of other apps carry their key as title."""
    counts: dict[str, int] = {}
    for table in Code.objects.values_list("table", flat=True):
        counts[table] = counts.get(table, 0) + 1
    known = [(key, table.title, counts.pop(key, 0)) for key, table in TABLES.items()]
    titles = dict(TABLE_TITLES.items())
    return known + [(key, titles.get(key, key), count) for key, count in sorted(counts.items())]
