"""The first sheet: every problem with a link to its cell. Written as plain strings, so nothing in it can act as a formula."""

from collections.abc import Iterator

from apps.core.workbooks.marking.styles import Styles
from apps.core.workbooks.marking.surgery import attribute, plain
from apps.core.workbooks.values import column_letter

WIDTHS = (18, 10, 18, 24, 8, 72)
HEADS = ("工作表", "单元格", "列名", "原值", "程度", "问题")
LEVELS = {"error": "错误", "warning": "提醒"}
MOST_LINKS = 65_000
LONGEST = 32_000


def list_text(orders: dict, styles: Styles, space: str) -> Iterator[str]:
    """The sheet's XML in pieces. ``orders``: ``{"title", "notes", "rows": [[sheet, cell, title, value, level, sentence], …]}``."""
    numbers = {name: styles.listed(name) for name in ("title", "note", "head", "text", "link", "error", "warning")}
    top = len(orders["notes"]) + 2
    last = top + max(len(orders["rows"]), 1)
    yield f"<worksheet xmlns={attribute(space)}><sheetPr><tabColor rgb=\"FF8C1D18\"/><pageSetUpPr fitToPage=\"1\"/></sheetPr><dimension ref=\"A1:F{last}\"/>"
    yield f'<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"><pane ySplit="{top}" topLeftCell="A{top + 1}" activePane="bottomLeft" state="frozen"/>'
    yield f'<selection pane="bottomLeft" activeCell="A{top + 1}" sqref="A{top + 1}"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="16"/><cols>'
    yield "".join(f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>' for number, width in enumerate(WIDTHS, 1))
    yield "</cols><sheetData>" + _row(1, [(orders["title"], numbers["title"])], 30)
    for number, note in enumerate(orders["notes"], 2):
        yield _row(number, [(note, numbers["note"])], 18 * (1 + len(note) // 70))
    yield _row(top, [(title, numbers["head"]) for title in HEADS], 20)
    for number, (sheet, cell, title, value, level, sentence) in enumerate(orders["rows"], top + 1):
        texts = (sheet, cell, title, value, LEVELS[level], sentence)
        forms = ("text", "link", "text", "text", level, "text")
        yield _row(number, [(text, numbers[form]) for text, form in zip(texts, forms, strict=True)])
    merges = "".join(f'<mergeCell ref="A{number}:F{number}"/>' for number in range(1, top))
    yield f'</sheetData><autoFilter ref="A{top}:F{last}"/><mergeCells count="{top - 1}">{merges}</mergeCells>'
    yield from _links(orders["rows"][:MOST_LINKS], top)
    yield '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'


def _links(rows: list, top: int) -> Iterator[str]:
    if not rows:
        return
    yield "<hyperlinks>"
    for number, (sheet, cell, *_rest) in enumerate(rows, top + 1):
        place = "'" + sheet.replace("'", "''") + "'!" + cell
        yield f'<hyperlink ref="B{number}" location={attribute(place)} display={attribute(cell)}/>'
    yield "</hyperlinks>"


def _row(number: int, cells: list[tuple[str, int]], height: int = 0) -> str:
    high = f' ht="{height}" customHeight="1"' if height else ""
    made = "".join(
        f'<c r="{column_letter(column)}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{plain(text[:LONGEST])}</t></is></c>'
        for column, (text, style) in enumerate(cells)
    )
    return f'<row r="{number}"{high}>{made}</row>'
