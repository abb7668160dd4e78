"""The workbook to fill in, made from the kind's declaration: titles, drop-downs, text format where Excel would spoil digits, an example row."""

import io

from xlsxwriter.utility import xl_col_to_name

from apps.core.literal_books import LiteralBook
from apps.files.sheetkinds import SheetKind

ROWS = 5_000
OPTIONS = "可选值"
HELP = (
    "每人一行。带 * 的必须填写；身份证号和出生日期至少填一项。",
    "不要合并单元格。不知道的留空：导入时，空着的格子不会清除系统里已有的内容。",
    "日期知道到哪里就写到哪里：1945、1945.08、1945-08-15 都可以。",
    "身份证号、电话所在的列已设为文本，请不要改成数字，否则末几位会丢失。",
    "“示例”那一行只作参考，导入时会自动跳过。",
    "您自己的表格也可以直接上传：列的顺序、名称不必与这里一致。",
)


def workbook(kind: SheetKind) -> io.BytesIO:
    """An .xlsx: the sheet itself, the words of its drop-downs, and a page of advice."""
    out = io.BytesIO()
    with LiteralBook(out, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#f7ebe9", "border": 1, "border_color": "#d8c2bd", "valign": "vcenter"})
        text, soft = book.add_format({"num_format": "@"}), book.add_format({"font_color": "#7a736b", "italic": True, "num_format": "@"})
        page, words, advice = book.add_worksheet(kind.title[:31]), book.add_worksheet(OPTIONS), book.add_worksheet("填写说明")
        page.freeze_panes(1, 2)
        page.set_row(0, 22)
        shown = [one for name, one in kind.fields.items() if name not in kind.not_in_template]
        for column, one in enumerate(shown):
            page.set_column(column, column, one.width, text if one.widget.text_format else None)
            page.write_string(0, column, one.column_name + ("*" if one.required else ""), head)
            page.write_string(1, column, one.example, soft)
            if one.widget.hint:
                page.write_comment(0, column, one.widget.hint)
            if options := one.widget.options():
                _drop_down(page, words, column, one.column_name, options, head)
        for line, sentence in enumerate(HELP):
            advice.write_string(line, 0, sentence)
        advice.set_column(0, 0, 90)
        book.set_properties({"title": kind.title, "comments": "老干部工作平台"})
    out.seek(0)
    return out


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
