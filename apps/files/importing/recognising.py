"""Whether a sheet looks more like another kind than like the one it was said to be."""

from collections.abc import Sequence

from apps.core.workbooks.headers import find_header
from apps.core.workbooks.reading import Sheet
from apps.files.importing.mapping import FEWEST, LOOK, SheetPlan, missing_essentials
from apps.files.sheetkinds import SHEETS, SheetKind

CLEARLY = 2


def better(sheet: Sheet, kind: SheetKind, plan: SheetPlan | None) -> str:
    """Key of the kind that has all it needs here and knows clearly more of the columns; "" when the chosen one will do."""
    fits = plan is not None and not missing_essentials(plan, kind)
    if fits and not any(not one.is_field for one in plan.uses):
        return ""
    best, most = "", _score(set(plan.fields), kind) + CLEARLY - 1 if fits else 0
    near = sheet.peek(LOOK)
    for key, other in SHEETS.items():
        if other is kind:
            continue
        header = find_header(near, other.aliases, merged=sheet.merged, least=FEWEST, apart=other.apart)
        known = _known(header, other) if header else 0
        if known > most:
            best, most = key, known
    return best


def _known(header, kind: SheetKind) -> int:
    """How well the header fits the kind; 0 when it lacks what the kind can't do without."""
    if not _covered(kind.essential, [column.candidates for column in header.columns if column.candidates]):
        return 0
    return _score({column.field for column in header.columns if column.field}, kind)


def _covered(groups: Sequence[tuple[str, ...]], columns: list[tuple[str, ...]]) -> bool:
    """Has each group a column of its own? One 姓名 can't be both the person's and the relative's."""
    if not groups:
        return True
    fitting = [at for at, candidates in enumerate(columns) if not set(candidates).isdisjoint(groups[0])]
    return any(_covered(groups[1:], columns[:at] + columns[at + 1 :]) for at in fitting)


def _score(fields: set[str], kind: SheetKind) -> int:
    """Fields recognised, less those required that are not there."""
    return len(fields - kind.unused) - sum(1 for name, one in kind.fields.items() if one.required and name not in fields)
