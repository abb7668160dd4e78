"""A plain .xlsx of cells as they were read, written as a stream: the way back for what can't be marked in its own form (.xls, .csv, .ods, .xlsb)."""

import itertools
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import BinaryIO, NamedTuple

from apps.core.workbooks.marking.relations import MAIN, TYPES, ContentTypes, Relation, relations_text
from apps.core.workbooks.marking.rewriting import RELATIONS
from apps.core.workbooks.marking.surgery import DECLARATION, attribute, plain
from apps.core.workbooks.values import CellError, Merge, MonthDate, Number, Row, Value, column_letter

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LEVEL, LONGEST_NAME, LONGEST_TEXT, LONG_NUMBER = 4, 31, 32_767, 1e11
NARROWEST, WIDEST = 8, 40
GENERAL, TEXT, HEAD, DAY, MONTH, MOMENT, WHOLE, DECIMALS = range(8)
_FORMATS = ("General", "@", "@", "yyyy-mm-dd", "yyyy-mm", "yyyy-mm-dd hh:mm", "0", *("0." + "0" * places for places in range(1, 10)))
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FIRST_LEAP = date(1900, 3, 1)


class Line(NamedTuple):
    """One row of the copy; ``head`` ones are set off."""

    number: int
    cells: Sequence[Value]
    head: bool = False


def sheet_name(wanted: str, taken: Collection[str]) -> str:
    """A name Excel takes, unlike those taken."""
    base = _NOT_IN_NAMES.sub(" ", wanted).strip().strip("'")[:LONGEST_NAME] or "数据"
    names = itertools.chain([base], (f"{base[: LONGEST_NAME - 6]} ({number})" for number in itertools.count(2)))
    lower = {name.casefold() for name in taken}
    return next(name for name in names if name.casefold() not in lower)


class PlainBook:
    """``with PlainBook(target) as book: book.sheet(…)``; what has been written stands in ``names``."""

    def __init__(self, target: BinaryIO):
        self.out = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)
        self.names: list[str] = []

    def __enter__(self) -> "PlainBook":
        return self

    def __exit__(self, kind, *_fault) -> None:
        if kind is None:
            self._finish()
        self.out.close()

    def sheet(self, wanted: str, lines: Iterable[Line], *, near: Sequence[Row] = (), merged: Iterable[Merge] = (), texts: frozenset[int] = frozenset(), top: int = 0) -> str:
        """Write one sheet; returns its name. ``near``: rows that tell how wide columns are; ``texts``: columns formatted as text, so that
        digits typed into them stay; ``top``: rows that don't scroll away."""
        name = sheet_name(wanted, self.names)
        self.names.append(name)
        with self.out.open(f"xl/worksheets/sheet{len(self.names)}.xml", "w") as stream:
            stream.write(DECLARATION + f"<worksheet xmlns={attribute(SPACE)}>{_view(top)}{_columns(near, texts)}<sheetData>".encode())
            for line in lines:
                stream.write(_row(line, texts).encode("utf-8", "replace"))
            areas = [f"{column_letter(one.first_column)}{one.first_row}:{column_letter(one.last_column)}{one.last_row}" for one in merged]
            cells = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
            stream.write(("</sheetData>" + (f'<mergeCells count="{len(areas)}">{cells}</mergeCells>' if areas else "") + "</worksheet>").encode())
        return name

    def _finish(self) -> None:
        sheets = "".join(f'<sheet name={attribute(name)} sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(self.names, 1))
        parts = [Relation(f"rId{number}", f"{RELATIONS}/worksheet", f"worksheets/sheet{number}.xml", "x") for number in range(1, len(self.names) + 1)]
        parts.append(Relation("rIdStyles", f"{RELATIONS}/styles", "styles.xml", "x"))
        types = ContentTypes()
        types.add("xl/workbook.xml", MAIN)
        types.add("xl/styles.xml", TYPES["styles"])
        for number in range(1, len(self.names) + 1):
            types.add(f"xl/worksheets/sheet{number}.xml", TYPES["worksheet"])
        self._write("xl/workbook.xml", f'<workbook xmlns={attribute(SPACE)} xmlns:r="{RELATIONS}"><bookViews><workbookView/></bookViews><sheets>{sheets}</sheets></workbook>')
        self._write("xl/_rels/workbook.xml.rels", relations_text(parts))
        self._write("_rels/.rels", relations_text([Relation("rId1", f"{RELATIONS}/officeDocument", "xl/workbook.xml", "x")]))
        self._write("xl/styles.xml", _styles())
        self._write("[Content_Types].xml", types.text())

    def _write(self, part: str, text: str) -> None:
        self.out.writestr(part, DECLARATION + text.encode("utf-8", "replace"))


def _styles() -> str:
    formats = "".join(f'<numFmt numFmtId="{164 + number}" formatCode={attribute(code)}/>' for number, code in enumerate(_FORMATS))
    xfs = "".join(
        f'<xf numFmtId="{49 if code == "@" else 164 + number}" fontId="{int(number == HEAD)}" fillId="{2 * int(number == HEAD)}" borderId="{int(number == HEAD)}" xfId="0"'
        f' applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="{int(number == HEAD)}"/></xf>'
        for number, code in enumerate(_FORMATS)
    )
    sides = "".join(f'<{side} style="thin"><color rgb="FFC9C3BB"/></{side}>' for side in ("left", "right", "top", "bottom"))
    return (
        f'<styleSheet xmlns={attribute(SPACE)}><numFmts count="{len(_FORMATS)}">{formats}</numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
        '<fill><patternFill patternType="solid"><fgColor rgb="FFF3F1EE"/><bgColor indexed="64"/></patternFill></fill></fills>'
        f'<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border>{sides}<diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(_FORMATS)}">{xfs}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _view(top: int) -> str:
    frozen = f'<pane ySplit="{top}" topLeftCell="A{top + 1}" activePane="bottomLeft" state="frozen"/>' if top else ""
    return f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>'


def _columns(near: Sequence[Row], texts: frozenset[int]) -> str:
    widths: dict[int, int] = dict.fromkeys(texts, NARROWEST)
    for row in near:
        for column, value in enumerate(row.cells):
            if value is not None and (not isinstance(value, str) or len(value) < WIDEST):
                widths[column] = max(widths.get(column, NARROWEST), _width(str(value)) + 2)
    made = "".join(
        f'<col min="{column + 1}" max="{column + 1}" width="{min(width, WIDEST)}" style="{TEXT if column in texts else GENERAL}" customWidth="1"/>'
        for column, width in sorted(widths.items())
    )
    return f"<cols>{made}</cols>" if made else ""


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text[:WIDEST])


def _row(line: Line, texts: frozenset[int]) -> str:
    return f'<row r="{line.number}">{"".join(_cells(line, texts))}</row>'


def _cells(line: Line, texts: frozenset[int]) -> Iterator[str]:
    for column, value in enumerate(line.cells):
        if value is not None:
            kind, style, content = _cell(value)
            style = HEAD if line.head else TEXT if column in texts else style
            yield f'<c r="{column_letter(column)}{line.number}" s="{style}"{kind}>{content}</c>'


def _cell(value: Value) -> tuple[str, int, str]:
    """(type attribute, format, content)"""
    if isinstance(value, CellError):
        return ' t="e"', GENERAL, f"<v>{plain(value)}</v>"
    if isinstance(value, str):
        return ' t="inlineStr"', TEXT, f'<is><t xml:space="preserve">{plain(value[:LONGEST_TEXT])}</t></is>'
    if isinstance(value, bool):
        return ' t="b"', GENERAL, f"<v>{int(value)}</v>"
    if isinstance(value, date):
        return _date(value)
    if isinstance(value, Number):
        return "", DECIMALS + value.decimals - 1 if value.decimals else WHOLE, f"<v>{float(value)!r}</v>"
    return "", WHOLE if abs(value) >= LONG_NUMBER else GENERAL, f"<v>{value!r}</v>"


def _date(value: date) -> tuple[str, int, str]:
    """A day as Excel counts it; days Excel can't count stay text."""
    day = value.date() if isinstance(value, datetime) else value
    serial = (day - date(1899, 12, 30)).days - (day < _FIRST_LEAP)
    if serial < 1:
        return _cell(day.isoformat())
    if isinstance(value, datetime) and value.time() != time():
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return "", MOMENT, f"<v>{serial + seconds / 86_400!r}</v>"
    return "", MONTH if isinstance(value, MonthDate) else DAY, f"<v>{serial}</v>"
