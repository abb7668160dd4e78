"""Odd but legal workbooks, each holding the same three invented people in another dress: ``python -m tests.workbooks.odd`` writes them all.

The files stand in ``fixtures/workbooks/``; those of LibreOffice are made only where ``soffice`` is at hand.
"""

import csv
import io
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import xlsxwriter
import xlwt
from PIL import Image
from xlwt import CompoundDoc

from tests.import_corpus.books import grid
from tests.import_corpus.people import TITLES, person
from tests.workbooks import by_hand
from tests.workbooks.by_hand import MAIN, STRICT, cell, pack, parts, row, sheet

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "workbooks"
PEOPLE = [person(1), person(2), person(3)]
BORN = [date(1941, 2, 2), date(1942, 3, 3), date(1943, 4, 4)]
GRID = grid(PEOPLE)
MAKERS: dict[str, tuple[str, Callable[[Path], object]]] = {}
MADE_ELSEWHERE = {
    "libreoffice.xlsx": ("LibreOffice 另存的 .xlsx", "xlsx:Calc MS Excel 2007 XML"),
    "libreoffice.xls": ("LibreOffice 另存的 Excel 97–2003", "xls:MS Excel 97"),
    "libreoffice.ods": ("OpenDocument", "ods:calc8"),
    "libreoffice-html.xls": ("LibreOffice 另存的网页，扩展名 .xls", "html:HTML (StarCalc)"),
}


def odd(name: str, what: str):
    def keep(maker):
        MAKERS[name] = (what, maker)
        return maker

    return keep


def lines(rows=GRID, **styles) -> str:
    return "".join(row(number, *(cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(line))) for number, line in enumerate(rows, 1))


def by_part(path: Path, rows: str, **extra: str) -> Path:
    return pack(path, parts([("花名册", "visible", sheet(rows))]) | extra)


def written(path: Path, dress=lambda book, page: None, *, options=None) -> Path:
    """By XlsxWriter, with something more done to the sheet."""
    with xlsxwriter.Workbook(path, options or {}) as book:
        page = book.add_worksheet("花名册")
        for at, line in enumerate(GRID):
            page.write_row(at, 0, line)
        dress(book, page)
    return path


@odd("inline-strings.xlsx", "没有共享字符串表，文字写在单元格里")
def inline(path: Path):
    return by_part(path, lines())


@odd("rich-and-phonetic.xlsx", "共享字符串带格式片段和拼音（注音不应混进姓名）")
def rich(path: Path):
    texts = [text for line in GRID for text in line]
    items = "".join(f'<si><r><t>{text[:1]}</t></r><r><rPr><b/></rPr><t xml:space="preserve">{text[1:]}</t></r><rPh sb="0" eb="1"><t>ZHU YIN</t></rPh></si>' for text in texts)
    width = len(TITLES)
    rows = "".join(
        row(number, *(f'<c r="{chr(65 + at)}{number}" t="s"><v>{(number - 1) * width + at}</v></c>' for at in range(width))) for number in range(1, len(GRID) + 1)
    )
    return by_part(path, rows, **{"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{items}</sst>'})


@odd("strict.xlsx", "ISO 29500 严格模式的命名空间")
def strict(path: Path):
    relations = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    return pack(path, parts([("花名册", "visible", sheet(lines(), space=STRICT))], space=STRICT, relations=relations))


def _serials(since: date) -> str:
    dated = [[(born - since).days if at == 3 else text for at, text in enumerate(line)] for line, born in zip(GRID[1:], BORN, strict=True)]
    return lines([GRID[0]]) + "".join(
        row(number, *(cell(f"{chr(65 + at)}{number}", value, by_hand.DAY if at == 3 else None) for at, value in enumerate(line))) for number, line in enumerate(dated, 2)
    )


@odd("dates-1904.xlsx", "1904 日期系统（Mac Excel）")
def dates_1904(path: Path):
    return pack(path, parts([("花名册", "visible", sheet(_serials(date(1904, 1, 1))))], workbook='<workbookPr date1904="1"/>'))


@odd("chinese-date-formats.xlsx", "出生日期是日期单元格，格式为 [DBNum1]yyyy年m月d日")
def chinese_dates(path: Path):
    styles = by_hand.STYLES.replace('formatCode="yyyy-mm-dd"', 'formatCode="[DBNum1][$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"')
    return by_part(path, _serials(date(1899, 12, 30)), **{"xl/styles.xml": styles})


@odd("prefixed.xlsx", "元素带命名空间前缀 x:")
def prefixed(path: Path):
    body = sheet(lines()).replace("</", "\0").replace("<", "<x:").replace("\0", "</x:").replace("<x:?xml", "<?xml").replace("<x:worksheet xmlns=", "<x:worksheet xmlns:x=")
    return pack(path, parts([("花名册", "visible", body)]))


@odd("no-references.xlsx", "行和单元格都没有坐标")
def no_references(path: Path):
    body = "".join("<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in line) + "</row>" for line in GRID)
    return by_part(path, body)


@odd("utf16-parts.xlsx", "部件以 UTF-16 编码")
def utf16(path: Path):
    body = sheet(lines()).replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    return pack(path, parts([("花名册", "visible", "")]) | {"xl/worksheets/sheet1.xml": body})


@odd("wps.xlsx", "WPS 的写法：自有命名空间、嵌入单元格图片（DISPIMG）、极隐藏的保留表")
def wps(path: Path):
    picture = f'<c r="I{{0}}" t="str"><f>_xlfn.DISPIMG("ID_{"0" * 31}{{0}}",1)</f><v>=DISPIMG("ID_{"0" * 31}{{0}}",1)</v></c>'
    rows = lines().replace("</row>", "\0")
    for number in range(1, len(GRID) + 1):
        rows = rows.replace("\0", (picture.format(number) if number > 1 else cell("I1", "照片")) + "</row>", 1)
    space = f'{MAIN}" xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData'
    made = parts([("花名册", "visible", sheet(rows, space=space)), ("WpsReserved_CellImgList", "veryHidden", sheet(""))])
    return pack(path, made | {"xl/cellimages.xml": '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>'})


@odd("macros.xlsm", "带宏、嵌入对象和外部链接：只读单元格，宏不运行")
def macros(path: Path):
    extra = {"xl/vbaProject.bin": "not a real project", "xl/embeddings/oleObject1.bin": "not a real object", "xl/externalLinks/externalLink1.xml": "<externalLink/>"}
    return by_part(path, lines(), **extra)


@odd("merged-headline.xlsx", "合并的大标题、填报单位行，表头在第 3 行")
def merged(path: Path):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["浔阳区离退休干部花名册"])
    page.append(["填报日期：2026年11月"])
    for line in GRID:
        page.append(line)
    page.merge_cells("A1:H1")
    page.merge_cells("A2:H2")
    book.save(path)


@odd("hidden-and-filtered.xlsx", "自动筛选藏起两行、另藏一列：藏起的也要导入")
def filtered(path: Path):
    def dress(book, page):
        page.autofilter(0, 0, 3, 7)
        page.filter_column(0, "x == 不存在")
        page.set_row(1, None, None, {"hidden": True})
        page.set_row(2, None, None, {"hidden": True})
        page.set_column(7, 7, None, None, {"hidden": True})

    return written(path, dress)


@odd("picture-over-cells.xlsx", "图片、文本框盖在单元格上")
def picture(path: Path):
    def dress(book, page):
        image = io.BytesIO()
        Image.new("RGB", (40, 20), "red").save(image, "PNG")
        page.insert_image(1, 0, "seal.png", {"image_data": image})
        page.insert_textbox(2, 1, "内部资料")

    return written(path, dress)


@odd("notes-and-rules.xlsx", "批注、数据有效性、条件格式")
def notes(path: Path):
    def dress(book, page):
        page.write_comment(1, 0, "请核对")
        page.data_validation(1, 1, 100, 1, {"validate": "list", "source": ["男", "女"]})
        page.conditional_format(1, 2, 100, 2, {"type": "duplicate", "format": book.add_format({"bg_color": "#ffcccc"})})

    return written(path, dress)


@odd("table.xlsx", "套用表格格式（ListObject），带汇总行位置")
def table(path: Path):
    return written(path, lambda book, page: page.add_table(0, 0, 3, 7, {"columns": [{"header": title} for title in TITLES]}))


@odd("formulas.xlsx", "姓名由公式算出（有缓存值），序号列的公式没有缓存值")
def formulas(path: Path):
    def dress(book, page):
        for at, one in enumerate(PEOPLE, 1):
            page.write_formula(at, 0, f'=CONCATENATE("{one["姓名"][:1]}","{one["姓名"][1:]}")', None, one["姓名"])

    return written(path, dress)


@odd("formulas-without-values.xlsx", "公式没有缓存值（openpyxl 写的）：序号列读作空白")
def uncached(path: Path):
    book = openpyxl.Workbook()
    for number, line in enumerate(GRID, 1):
        book.active.append(["序号" if number == 1 else f"=ROW()-{number - 1}", *line])
    book.save(path)


@odd("errors.xlsx", "手机列是 #N/A、#REF!：逐格说明，该行退回")
def errors(path: Path):
    rows = lines([GRID[0], GRID[1]]) + "".join(
        row(number, *(cell(f"{chr(65 + at)}{number}", text) for at, text in enumerate(line[:-1])), f'<c r="H{number}" t="e"><v>{error}</v></c>')
        for number, line, error in ((3, GRID[2], "#N/A"), (4, GRID[3], "#REF!"))
    )
    return by_part(path, rows)


@odd("numbers-as-dates.xlsx", "日期写成数字：19410202、1961.09（两位小数格式）、百分比列")
def numbers(path: Path):
    def dress(book, page):
        two, percent = book.add_format({"num_format": "0.00"}), book.add_format({"num_format": "0%"})
        page.write(0, 8, "护理比例")
        for at, (one, born) in enumerate(zip(PEOPLE, BORN, strict=True), 1):
            page.write_number(at, 3, int(f"{born:%Y%m%d}"))
            page.write_number(at, 5, float(one["参加工作时间"]), two)
            page.write_number(at, 8, 0.5, percent)

    return written(path, dress)


@odd("quoted-prefix.xlsx", "身份证号以撇号强制为文本（quotePrefix）")
def quoted(path: Path):
    def dress(book, page):
        form = book.add_format({"quote_prefix": True})
        for at, one in enumerate(PEOPLE, 1):
            page.write_string(at, 2, one["身份证号"], form)

    return written(path, dress)


@odd("sheet-names.xlsx", "工作表名带引号、表情、31 个字；每张一人")
def sheet_names(path: Path):
    names = ["它's “名册” & <1>", "🀄花名册😀", "长" * 31]
    return pack(path, parts([(name, "visible", sheet(lines([GRID[0], line]))) for name, line in zip(names, GRID[1:], strict=True)]))


@odd("chart-sheet.xlsx", "第一张是图表工作表，另有隐藏和极隐藏的表")
def chart_sheet(path: Path):
    with xlsxwriter.Workbook(path) as book:
        chart = book.add_chart({"type": "column"})
        book.add_chartsheet("图").set_chart(chart)
        page = book.add_worksheet("花名册")
        for at, line in enumerate(GRID):
            page.write_row(at, 0, line)
        for name in ("代码", "旧名册"):
            other = book.add_worksheet(name)
            other.write_row(0, 0, GRID[0])
            other.write_row(1, 0, list(person(9).values()))
            getattr(other, "hide" if name == "代码" else "very_hidden")()
        chart.add_series({"values": "=花名册!$A$1:$A$2"})


@odd("rare-characters.xlsx", "扩展 B、扩展 G 的生僻字和间隔号姓名")
def rare(path: Path):
    return by_part(path, lines([GRID[0], *[[name, *line[1:]] for name, line in zip(("𠮷志远", "王𰻝国", "阿依古丽·买买提"), GRID[1:], strict=True)]]))


@odd("full-width.xlsx", "全角数字、不间断空格、姓名中间的全角空格")
def full_width(path: Path):
    wide = str.maketrans("0123456789.X", "０１２３４５６７８９．Ｘ")
    return by_part(path, lines([GRID[0], *[[f"\u00a0{line[0][0]}\u3000{line[0][1:]} ", line[1], *(text.translate(wide) for text in line[2:4]), *line[4:]] for line in GRID[1:]]]))


@odd("blank-formatted-rows.xlsx", "后面跟着 2,000 行只有格式的空行，末尾一格在 XFD1048576")
def blanks(path: Path):
    rows = "".join(row(number, *(cell(f"{letter}{number}", None, 1) for letter in "ABCDEFGH")) for number in range(5, 2_005))
    return by_part(path, lines() + rows + row(1_048_576, cell("XFD1048576", None, 1)))


@odd("streamed.xlsx", "流式写出：zip64、数据描述符、目录项")
def streamed(path: Path):
    made = parts([("花名册", "visible", "")])
    return by_hand.streamed(path, "xl/worksheets/sheet1.xml", [sheet(lines()).encode()], {"xl/": "", "xl/worksheets/": ""} | made)


def _old(path: Path, *, system_1904: bool = False):
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = system_1904
    page = book.add_sheet("花名册")
    form = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for at, line in enumerate(GRID):
        for column, text in enumerate(line):
            if at and column == 3:
                page.write(at, column, BORN[at - 1], form)
            else:
                page.write(at, column, text)
    book.save(str(path))


@odd("biff8.xls", "Excel 97–2003，日期单元格")
def biff8(path: Path):
    _old(path)


@odd("biff8-1904.xls", "Excel 97–2003，1904 日期系统")
def biff8_1904(path: Path):
    _old(path, system_1904=True)


@odd("biff5.xls", "Excel 5/95，文字按代码页 936 编码")
def biff5(path: Path):
    def record(kind: int, body: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    name = "花名册".encode("gbk")
    head = record(0x0809, struct.pack("<4H", 0x0500, 5, 0, 1995)) + record(0x0042, struct.pack("<H", 936))
    start = len(head) + 4 + 7 + len(name) + 4
    book = head + record(0x0085, struct.pack("<IHB", start, 0, len(name)) + name) + record(0x000A)
    labels = b"".join(
        record(0x0204, struct.pack("<4H", at, column, 0, len(text.encode("gbk"))) + text.encode("gbk")) for at, line in enumerate(GRID) for column, text in enumerate(line)
    )
    page = record(0x0809, struct.pack("<4H", 0x0500, 16, 0, 1995)) + record(0x0200, struct.pack("<5H", 0, 4, 0, 8, 0)) + labels + record(0x000A)
    container = io.BytesIO()
    CompoundDoc.XlsDoc().save(container, book + page)
    data = container.getvalue()
    old, new = "Workbook".encode("utf-16-le"), "Book".encode("utf-16-le")
    at = data.index(old)
    path.write_bytes(data[:at] + new.ljust(64, b"\x00") + struct.pack("<H", len(new) + 2) + data[at + 66 :])


@odd("xml-2003.xls", "XML 2003 电子表格，存成 .xls")
def xml_2003(path: Path):
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    rows = "".join("<Row>" + "".join(f'<Cell><Data ss:Type="String">{text}</Data></Cell>' for text in line) + "</Row>" for line in GRID)
    path.write_text(f'<?xml version="1.0"?>\n<Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="花名册"><Table>{rows}</Table></Worksheet></Workbook>')


@odd("binary.xlsb", "二进制工作簿 .xlsb")
def binary(path: Path):
    def record(kind: int, body: bytes = b"") -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])
        return head + length + body

    def text(words: str) -> bytes:
        return struct.pack("<I", len(words.encode("utf-16-le")) // 2) + words.encode("utf-16-le")

    def line(number: int, cells: list[str]) -> bytes:
        made = record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        return made + b"".join(record(6, struct.pack("<II", at, 0) + text(words)) for at, words in enumerate(cells))

    body = record(129) + record(148, struct.pack("<4I", 0, 3, 0, 7)) + record(145) + b"".join(line(at, cells) for at, cells in enumerate(GRID)) + record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + text("rId1") + text("花名册")) + record(144) + record(132)
    made = {name: data for name, data in parts([("花名册", "visible", "")]).items() if name.startswith(("_rels", "["))}
    made = {name: data.replace("workbook.xml", "workbook.bin") for name, data in made.items()}
    links = f'<Relationships xmlns="{by_hand.PACKAGE}"><Relationship Id="rId1" Type="{by_hand.RELATIONS}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>'
    return pack(path, made | {"xl/workbook.bin": book, "xl/_rels/workbook.bin.rels": links, "xl/worksheets/sheet1.bin": body})


def separated(path: Path, encoding: str, separator: str = ",", ends: str = "\r\n", rows=GRID, first: str = "") -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=ends).writerows(rows)
    path.write_bytes((first + out.getvalue()).encode(encoding))


@odd("gb18030.csv", "GB18030 编码，含扩展 B 汉字")
def gb18030(path: Path):
    separated(path, "gb18030", rows=[GRID[0], ["𠮷志远", *GRID[1][1:]], *GRID[2:]])


@odd("utf8-bom.csv", "UTF-8 带 BOM")
def utf8(path: Path):
    separated(path, "utf-8-sig")


@odd("unicode-text.xls", "“Unicode 文本”（UTF-16，制表符）存成 .xls")
def unicode_text(path: Path):
    separated(path, "utf-16", "\t")


@odd("semicolons.csv", "首行 sep=;，分号分隔，单独回车换行")
def semicolons(path: Path):
    separated(path, "utf-8", ";", first="sep=;\r\n")


@odd("mixed-line-ends.csv", "换行符混用，格内有换行，末尾没有换行")
def mixed(path: Path):
    note = [[*GRID[0], "备注"], *[[*line, "第一行\n第二行"] for line in GRID[1:]]]
    out = io.StringIO()
    for line, end in zip(note, ("\r\n", "\n", "\r", ""), strict=True):
        csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerow(line)
    path.write_bytes(out.getvalue().encode())


@odd("wrapped-digits.csv", '长数字写成 ="3604…" 或 \'3604…')
def wrapped(path: Path):
    kept = [[f'="{text}"' if at == 2 else f"'{text}" if at == 7 else text for at, text in enumerate(line)] for line in GRID[1:]]
    separated(path, "gb18030", rows=[GRID[0], *kept])


@odd("web-page.xls", "其他系统导出的网页表格，存成 .xls，GB2312")
def web_page(path: Path):
    rows = "".join("<tr>" + "".join(f"<td style='mso-number-format:\"\\@\"'>{text}</td>" for text in line) + "</tr>" for line in GRID)
    path.write_bytes(f"<html><head><meta charset=gb2312></head><body><table border=1>{rows}</table></body></html>".encode("gb18030"))


def by_libreoffice(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "source.xlsx"
        written(source)
        for name, (_what, form) in MADE_ELSEWHERE.items():
            ending = form.partition(":")[0]
            order = ["soffice", f"-env:UserInstallation=file://{work}/profile", "--headless", "--convert-to", form, "--outdir", f"{work}/out", str(source)]
            done = subprocess.run(order, capture_output=True, timeout=180, check=False)
            result = Path(work) / "out" / f"source.{ending}"
            if result.exists():
                shutil.move(result, folder / name)
            else:
                sys.stderr.write(f"{name}: {done.stderr.decode()}\n")


def readme(folder: Path) -> None:
    kept = {name: what for name, (what, _maker) in (MAKERS | MADE_ELSEWHERE).items() if (folder / name).exists()}
    table = "\n".join(f"| `{name}` | {what.replace('|', '/')} |" for name, what in sorted(kept.items()))
    (folder / "README.md").write_text(
        "# Odd but legal workbooks\n\nMade by `python -m tests.workbooks.odd`, tried by `tests/files/test_odd_workbooks.py`. Each holds the same three invented people"
        " (area code 360499 and phone prefix 120 don't exist).\n\n| file | what it proves |\n|---|---|\n" + table + "\n"
    )


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (_what, maker) in MAKERS.items():
        maker(folder / name)
    if shutil.which("soffice"):
        by_libreoffice(folder)
    readme(folder)


if __name__ == "__main__":
    main()
