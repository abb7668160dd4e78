"""The workbook to fill in, made from the kind's declaration: titles, drop-downs, text format where Excel would spoil digits, an example row.

A sheet deeply hidden bears kind and version in its name and cells, so that a template is known again whatever became of the rest of it.
"""

import io
from collections.abc import Iterable

from xlsxwriter.utility import xl_col_to_name

from apps.core.literal_books import LiteralBook
from apps.core.text import clean_text
from apps.core.workbooks.values import Row
from apps.files.cells import Book
from apps.files.sheetkinds import SheetKind

ROWS = 5_000
OPTIONS = "可选值"
ADVICE = "填写说明"
OWN_SHEETS = (OPTIONS, ADVICE)
MARK = "模板"
LEAST_ALIKE = 4
HELP = (
    "每人一行。带 * 的必须填写；身份证号和出生日期至少填一项。",
    "不要合并单元格。不知道的留空：导入时，空着的格子不会清除系统里已有的内容。",
    "日期知道到哪里就写到哪里：1945、1945.08、1945-08-15 都可以。",
    "身份证号、电话所在的列已设为文本，请不要改成数字，否则末几位会丢失。",
    "第二行是示例，只作参考，导入时会自动跳过，不删也没关系。",
    "您自己的表格也可以直接上传：列的顺序、名称不必与这里一致。",
)


def workbook(kind: SheetKind, today_book: Book | None = None) -> io.BytesIO:
    """An .xlsx: the sheet itself, the words of its drop-downs (as they stand in ``today_book``, else the published ones), and a page of advice."""
    out = io.BytesIO()
    with LiteralBook(out, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#f7ebe9", "border": 1, "border_color": "#d8c2bd", "valign": "vcenter"})
        text, soft = book.add_format({"num_format": "@"}), book.add_format({"font_color": "#7a736b", "italic": True, "num_format": "@"})
        page, words, advice = book.add_worksheet(kind.title[:31]), book.add_worksheet(OPTIONS), book.add_worksheet(ADVICE)
        page.freeze_panes(1, 2)
        page.set_row(0, 22)
        for column, one in enumerate(kind.in_template.values()):
            page.set_column(column, column, one.width, text if one.widget.text_format else None)
            page.write_string(0, column, one.column_name + ("*" if one.required else ""), head)
            page.write_string(1, column, one.example, soft)
            if one.widget.hint:
                page.write_comment(0, column, one.widget.hint)
            if options := one.widget.offered(today_book) if today_book else one.widget.options():
                _drop_down(page, words, column, one.column_name, options, head)
        for line, sentence in enumerate(HELP):
            advice.write_string(line, 0, sentence)
        advice.set_column(0, 0, 90)
        _mark(book, kind)
        book.set_properties({"title": kind.title, "comments": "老干部工作平台"})
    out.seek(0)
    return out


def _mark(book: LiteralBook, kind: SheetKind) -> None:
    name = f"{MARK} {kind.key} {kind.version}"
    hidden = book.add_worksheet(name)
    hidden.write_column(0, 0, [kind.key, kind.version, *(one.column_name for one in kind.in_template.values())])
    hidden.very_hidden()
    book.define_name("portal_template", f"='{name}'!$A$1:$A$2")


def _drop_down(page, words, column: int, title: str, options: list[str], head) -> None:
    at = getattr(words, "used", 0)
    words.used = at + 1
    words.write_string(0, at, title, head)
    words.set_column(at, at, 16)
    for line, word in enumerate(options, 1):
        words.write_string(line, at, word)
    letter = xl_col_to_name(at)
    source = f"='{OPTIONS}'!${letter}$2:${letter}${len(options) + 1}"
    page.data_validation(1, column, ROWS, column, {"validate": "list", "source": source, "error_type": "warning", "error_title": title, "error_message": "请从下拉选项中选择。"})


def mark_of(hidden_sheets: Iterable[str]) -> tuple[str, str] | None:
    """(kind, version) of the template a file was made from; None for any other file."""
    marks = (name.split() for name in hidden_sheets)
    return next(((words[1], words[2]) for words in marks if len(words) == 3 and words[0] == MARK), None)


def differences(kind: SheetKind, fields: Iterable[str], unknown: Iterable[str]) -> str:
    """What today's template has that the sheet lacks, and what is no more a column of it, in words."""
    present = set(fields)
    more = [one.column_name for name, one in kind.in_template.items() if name not in present and name != "number"]
    parts = [f"现在多了{_listed(more)}" if more else "", f"不再有{_listed(list(unknown))}" if unknown else ""]
    return "，".join(part for part in parts if part) or "列的名称或是否必填有变化"


def _listed(titles: list[str]) -> str:
    return "、".join(f"“{title}”" for title in titles[:6]) + ("等" if len(titles) > 6 else "")


class Example:
    """Knows the template's example row wherever it stands, whatever was deleted around it."""

    def __init__(self, kind: SheetKind, fields: dict[str, int]) -> None:
        said = {index: kind.fields[name].example for name, index in fields.items() if name != "number"}
        self.cells = {index: text for index, text in said.items() if text}
        self.watched = sorted(said)
        name = fields.get(kind.name_field)
        self.name = (name, self.cells[name]) if name in self.cells else None
        self.least = LEAST_ALIKE

    def __call__(self, row: Row) -> bool:
        """All that is filled says what the example says, and it is enough of it to be no person's row."""
        if self.name is None or row.get(self.name[0]) != self.name[1]:
            return False
        filled = [(index, clean_text(cell)) for index in self.watched if (cell := row.get(index)) is not None]
        return len(filled) >= self.least and all(text == self.cells.get(index) for index, text in filled)
