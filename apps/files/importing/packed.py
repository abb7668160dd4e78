"""Several records packed into one row: 配偶,儿子,女儿 beside 李梅,王强,王芳."""

import re
from dataclasses import replace

from apps.core.workbooks.problems import problem
from apps.core.workbooks.values import Row, shown
from apps.files.importing.mapping import SheetPlan
from apps.files.sheetkinds import Draft, SheetKind

_MARKS = re.compile(r"\s*[,，、;；|\n]\s*")
_SLASH = re.compile(r"\s+/\s+|(?<=[\u3400-\u9fff])/(?=[\u3400-\u9fff])")


def parted(cell) -> list[str]:
    """What a cell packs, one by one; a cell that packs nothing gives one part."""
    text = shown(cell).strip() if cell is not None else ""
    return [part for part in _MARKS.split(_SLASH.sub("、", text)) if part]


def unpacked(chunk: list[Row], plan: SheetPlan, kind: SheetKind) -> list[Draft]:
    """A draft per record. How many a row holds is told by ``packed_by``; columns of ``packed`` must then hold as many, one for all, or nothing."""
    leading = [plan.fields[name] for name in kind.packed_by if name in plan.fields]
    drafts: list[Draft] = []
    for row in chunk:
        many = max((len(parted(cell)) for index in leading if isinstance(cell := row.get(index), str)), default=1)
        drafts += [Draft(row)] if many < 2 else _parts(row, many, plan, kind)
    return drafts


def _parts(row: Row, many: int, plan: SheetPlan, kind: SheetKind) -> list[Draft]:
    columns = {name: parted(row.get(plan.fields[name])) for name in (*kind.packed_by, *kind.packed) if name in plan.fields}
    odd = {name: found for name, found in columns.items() if len(found) not in (0, many) and not (name in kind.packed_by and len(found) == 1)}
    if odd:
        counts = "，".join(f"“{plan.title(name, kind)}”{len(found)} 项" for name, found in columns.items() if found)
        return [Draft(row, problems=[(name, problem("packed_uneven", found=counts)) for name in odd])]
    drafts = []
    for part in range(many):
        cells = list(row.cells)
        for name, found in columns.items():
            if found:
                cells[plan.fields[name]] = found[part if len(found) > 1 else 0]
        drafts.append(Draft(replace(row, cells=cells), part=part))
    return drafts
