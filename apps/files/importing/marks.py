"""From the problems of a batch to marks at cells and the list before the sheets."""

from collections.abc import Iterable

from apps.core.personal_data import mask_field
from apps.core.scope import Scope
from apps.core.workbooks.marking.marking import MOST_LISTED, MOST_NOTES, Mark, ProblemList
from apps.core.workbooks.values import column_index
from apps.files import selectors
from apps.files.models import ImportBatch
from apps.files.sheetkinds import SHEETS, SheetKind

LEVELS = {"error": "错误", "warning": "提醒"}
HOW = "红底是错误，改好才能导入；橙底是提醒，可以导入，建议核对。鼠标停在格子上看说明；点下面的“单元格”跳到那一格。"
THEN = "改好后把这份表（或“待修改的行”）直接上传即可：已导入的行不会重复，底色和批注不影响导入。"


class Marks:
    """Marks of one workbook as they are gathered; ``by_sheet`` is what ``mark_workbook`` takes."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[tuple[int, int], list]] = {}
        self.count = 0

    def add(self, sheet: str, row: int, column: int, level: str, sentence: str) -> None:
        cell = self._cells.setdefault(sheet, {}).setdefault((row, column), [level, []])
        cell[0] = "error" if "error" in (cell[0], level) else level
        cell[1].append(f"{LEVELS[level]}：{sentence}")
        self.count += 1

    def by_sheet(self, names: dict[str, str] | None = None) -> dict[str, list[Mark]]:
        """``names``: the sheets' names in the copy, where they differ."""
        names = names or {}
        return {
            names.get(sheet, sheet): [Mark(row, column, level, "\n".join(sentences)) for (row, column), (level, sentences) in cells.items()]
            for sheet, cells in self._cells.items()
        }


class Places:
    """Where a problem is marked: at its column, or at the person's name when the sheet lacks the column."""

    def __init__(self, batch: ImportBatch, kind: SheetKind) -> None:
        self._names, self._closed = {}, {}
        for sheet in batch.sheets:
            letters = sheet.get("letters", {})
            self._names[sheet["name"]] = letters.get(kind.name_field, "A")
            self._closed[sheet["name"]] = {letter: kind.fields[name].attribute for name, letter in letters.items() if kind.fields[name].attribute}
        self._model = kind.model

    def letter(self, problem: dict) -> str:
        return problem["column"] or self._names.get(problem["sheet"], "A")

    def value(self, problem: dict) -> str:
        """As the list shows it: masked where the column is closed."""
        attribute = self._closed.get(problem["sheet"], {}).get(problem["column"])
        return mask_field(self._model, attribute, problem["value"]) if attribute else problem["value"]


def sentence_of(problem: dict) -> str:
    return problem["message"] if problem["column"] or not problem["title"] else f"【{problem['title']}】{problem['message']}"


def collected(scope: Scope, batch: ImportBatch) -> tuple[Marks, ProblemList]:
    """Marks for the file as it was uploaded, and the list of them."""
    kind = SHEETS[batch.kind]
    places, marks, rows = Places(batch, kind), Marks(), []
    total = sum(count for _, _, count in batch.counts.get("codes", ()))
    for one in selectors.problems(scope, batch):
        if marks.count >= MOST_LISTED:
            break
        letter = places.letter(one)
        marks.add(one["sheet"], one["row"], column_index(letter), one["level"], sentence_of(one))
        rows.append((one["sheet"], f"{letter}{one['row']}", one["title"], places.value(one), one["level"], one["message"]))
    return marks, ProblemList(f"问题清单：{batch.file.name}", list(_notes(batch, rows, total)), rows)


def _notes(batch: ImportBatch, rows: list, total: int) -> Iterable[str]:
    errors = sum(1 for row in rows if row[4] == "error")
    if not rows:
        yield "没有发现问题。"
        return
    yield f"{batch.org.name} · 共 {len(rows)} 处：错误 {errors} 处，提醒 {len(rows) - errors} 处。{HOW}"
    yield THEN
    if len(rows) >= MOST_LISTED and total > len(rows):
        yield f"问题太多，这里只标出前 {MOST_LISTED:,} 处（共约 {total:,} 处）。多半是同一列整列有问题，请先改好再传一次。"
    if len(rows) > MOST_NOTES:
        yield f"每张工作表只有前 {MOST_NOTES:,} 个格子带批注，其余只有底色，说明见下表。"


def renamed(listed: ProblemList, names: dict[str, str]) -> ProblemList:
    """The list of a copy whose sheets are called otherwise."""
    return ProblemList(listed.title, listed.notes, [(names.get(sheet, sheet), *rest) for sheet, *rest in listed.rows])


