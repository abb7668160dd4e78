"""Cells whose values the registry knows: code tables, 离休 or 退休, regions."""

from apps.cadres.models import RetireKind
from apps.cadres.selectors import codebook
from apps.cadres.standards import TABLES, plain
from apps.core.text import clean_text
from apps.core.workbooks.problems import problem
from apps.core.workbooks.values import CellError
from apps.files.cells import BLANK, NOTHING, Cell, DateCell, TextCell

LIXIU = frozenset(["离休", "离休干部", "离休人员", "离", "lixiu"])
RETIRED = frozenset(
    [
        "退休",
        "退休干部",
        "退休人员",
        "退休公务员",
        "退",
        "一般退休干部",
        "一般退休工人",
        "退休工人",
        "建退工人",
        "建国前老工人",
        "5.12干部",
        "5.12退休干部",
        "512干部",
        "五一二干部",
        "retired",
    ]
)


class CodeCell(Cell):
    """A value of a code table, by name, alias or code."""

    def __init__(self, table: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.table = table
        self._own = None

    def read(self, cell, book):
        """Remembers texts: a column of ten thousand cells holds a handful of them."""
        if type(cell) is not str:
            return self._read(cell, book)
        known = book.lookups.setdefault(f"read {self.table}", {})
        if cell not in known:
            known[cell] = self._read(cell, book)
        return known[cell]

    def _read(self, cell, book):
        if type(cell) is CellError:
            return None, (problem("cell_error", found=cell),)
        text = clean_text(cell)
        if text in NOTHING:
            return BLANK
        codes = book.lookups.get("codes") or self._codes()
        if code := codes.code(self.table, text):
            return code, ()
        return None, (problem("code_unknown", value=text, title=self.title, hint=codes.hint(self.table, text)),)

    def _codes(self):
        """Outside the pipeline: one book for the life of the resource."""
        if self._own is None:
            self._own = codebook()
        return self._own

    def render(self, value, obj=None, **kwargs):
        return self._codes().name(self.table, value) if value else ""

    def options(self):
        return [name for _, name, _ in TABLES[self.table].rows]

    def offered(self, book):
        codes = book.lookups.get("codes") or self._codes()
        return [name for _, name in codes.choices(self.table, book.today)] or self.options()


class HealthCell(CodeCell):
    """Health; 不能自理 in this column speaks of 自理能力, which is another."""

    CANNOT_CARE = "=dependent"
    _WORDS = frozenset(["不能自理", "生活不能自理", "完全不能自理", "失能", "卧床"])

    def read(self, cell, book):
        return (self.CANNOT_CARE, ()) if plain(clean_text(cell)) in self._WORDS else super().read(cell, book)


class WordCell(TextCell):
    """Free text for which a code table proposes words."""

    def __init__(self, table: str, limit: int, **kwargs) -> None:
        super().__init__(limit, **kwargs)
        self.table = table

    def options(self):
        return [name for _, name, _ in TABLES[self.table].rows]


class YearCell(DateCell):
    """A year, also out of a whole date."""

    hint = "如 1948；写成出生年月也可以"

    def read(self, cell, book):
        found, problems = super().read(cell, book)
        return (found.value.year if found else None), problems

    def clean(self, value, row=None, **kwargs):
        return Cell.clean(self, value, row, **kwargs)


class KindCell(Cell):
    """离休 or 退休."""

    def read(self, cell, book):
        if type(cell) is CellError:
            return None, (problem("cell_error", found=cell),)
        text = plain(clean_text(cell))
        if text in NOTHING:
            return BLANK
        if text in LIXIU or text in RETIRED:
            return (RetireKind.LIXIU if text in LIXIU else RetireKind.RETIRED).value, ()
        return None, (problem("code_unknown", value=clean_text(cell), title=self.title, hint="只能填“离休”或“退休”。"),)

    def render(self, value, obj=None, **kwargs):
        return dict(RetireKind.choices).get(value, "")

    def options(self):
        return [label for _, label in RetireKind.choices]


class RegionCell(Cell):
    """A region anywhere in the country, by name or GB/T 2260 code."""

    text_format = True

    def read(self, cell, book):
        text = clean_text(cell)
        if text in NOTHING:
            return BLANK
        if code := book.lookups["places"].region_code(text):
            return code, ()
        return None, (problem("region_unknown", value=text),)
