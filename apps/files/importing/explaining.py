"""A kind of sheet explained from its declaration: what each column is, how it may be called, what may stand in it, what happens to the rows."""

from apps.files.cells import Book, Cell, DateCell, IdCell, NameCell, NumberCell, PhoneCell, SheetField, TextCell, YesNoCell
from apps.files.sheetkinds import SheetKind

FORMS: tuple[tuple[type[Cell], str], ...] = (
    (IdCell, "18 位；15 位旧号会换算。先把列设为文本再填，不然末几位会丢失"),
    (PhoneCell, "11 位手机号，或“区号-号码”"),
    (DateCell, "1945、1945.08、1945-08-15、1945年8月 都可以，知道到哪里写到哪里"),
    (NumberCell, "数字，不写单位"),
    (YesNoCell, "是 或 否，也认得 有、无、√"),
    (NameCell, "姓名，空格会去掉"),
)
MOST_OPTIONS = 60
BLANKS = "空着的格子，以及“无”“不详”“—”，都当作没有填：新登记的就空着，已有的内容不会被清除。"
RECORDS = (
    ("已经登记过的", "按身份证号认人。内容不同的列会列出“现在”和“导入后”，您确认后才变更；完全相同的不动。"),
    ("没有身份证号的", "姓名、出生年月、单位都和已登记的人相同时，不会自动当作同一人，放进“待判断”，由您对照决定。"),
    ("登记在别的县（市、区）的", "不会改动，会说明登记在哪里；确已转来的可以提出调动申请。"),
    ("文件里重复的", "身份证号相同的，第一行有效，其余的指出来；号码相同而姓名不同的，两行都不导入。"),
)
OWNED = (
    ("这一行是谁的", "按身份证号找人；没有身份证号的，按姓名，加上出生年月或单位。找到几个人的，放进“待判断”，由您决定。"),
    ("没有登记的人", "这一行不导入，会指出来。请先用花名册登记这个人，再导入这些行。"),
    ("已经登记过的内容", "相同的不动，不同的列出“现在”和“导入后”，您确认后才变更，不会登记两次。"),
    ("登记在别的县（市、区）的", "不会改动，会说明登记在哪里。"),
)
ASIDE = ("表里另有的列", "不认识的列不会丢：作为附注保留在人员档案里，能看到、能搜索、能导出。也可以指定它对应的项目；说明过的会记住，下次不再问。")
ASKED = ("表里另有的列", "有内容的列，不认识的会请您指定对应的项目，或选择不导入；说明过的会记住，下次不再问。")


def columns(kind: SheetKind, book: Book) -> list[dict]:
    """``[{"name", "title", "required", "lacking", "aliases", "form", "example", "options", "more"}]`` in the order of the template."""
    return [_column(name, one, book) for name, one in kind.in_template.items() if name != "number"]


def _column(name: str, one: SheetField, book: Book) -> dict:
    options = one.widget.offered(book)
    aliases = list(dict.fromkeys(title for title in one.titles[1:] if title.isascii() is False and title != one.column_name))
    return {
        "name": name, "title": one.column_name, "required": one.required, "lacking": one.lacking, "aliases": aliases, "form": _form(one.widget, bool(options)),
        "example": one.example, "options": options[:MOST_OPTIONS], "more": max(len(options) - MOST_OPTIONS, 0),
    }  # fmt: skip


def _form(widget: Cell, chosen: bool) -> str:
    if found := next((text for kind, text in FORMS if isinstance(widget, kind)), ""):
        return found
    if chosen:
        return "从可选值里选一个" if not isinstance(widget, TextCell) else "可选值里没有的也可以写"
    return widget.hint or (f"文字，最多 {widget.limit} 字" if isinstance(widget, TextCell) else "文字")


def needed(kind: SheetKind) -> list[str]:
    """What a sheet can't do without, one sentence a group."""
    return ["或".join(f"“{kind.fields[name].column_name}”" for name in group) for group in kind.essential]


def rules(kind: SheetKind) -> list[tuple[str, str]]:
    """(case, what happens) for whoever prepares the sheet."""
    return [("空着的格子", BLANKS), *(RECORDS if kind.owner is None else OWNED), ASIDE if kind.aside else ASKED]
