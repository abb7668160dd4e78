"""Workbooks written by hand, part by part: everything a well-behaved library would refuse to write."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="0.00"/>'
    '<numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="166" formatCode="yyyy-mm-dd"/></numFmts>'
    '<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="49"/></cellXfs></styleSheet>'
)
PLAIN, TWO_DECIMALS, MONTH, DAY, TEXT = range(5)


def cell(reference: str, value: object, style: int | None = None) -> str:
    """One inline cell."""
    mark = "" if style is None else f' s="{style}"'
    if value is None:
        return f'<c r="{reference}"{mark}/>'
    if isinstance(value, str):
        return f'<c r="{reference}"{mark} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{reference}"{mark}><v>{value}</v></c>'


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def line(number: int, *values: object) -> str:
    """A row of values from column A on."""
    return row(number, *(cell(f"{chr(65 + index)}{number}", value) for index, value in enumerate(values) if value is not None))


def sheet(rows: str, after: str = "", before: str = "", space: str = MAIN) -> str:
    return f'{DECLARATION}<worksheet xmlns="{space}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def parts(sheets: Iterable[tuple[str, str, str]], *, space: str = MAIN, relations: str = RELATIONS, workbook: str = "") -> dict[str, str]:
    """The parts of a workbook from (name, state, sheet xml)."""
    sheets = list(sheets)
    entries = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" state="{state}" r:id="rId{number}"/>' for number, (name, state, _xml) in enumerate(sheets, start=1)
    )
    links = "".join(f'<Relationship Id="rId{number}" Type="{relations}/worksheet" Target="worksheets/sheet{number}.xml"/>' for number in range(1, len(sheets) + 1))
    made = {
        "[Content_Types].xml": f'{DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{relations}">{workbook}<sheets>{entries}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>',
        "xl/styles.xml": STYLES,
    }
    return made | {f"xl/worksheets/sheet{number}.xml": xml for number, (_name, _state, xml) in enumerate(sheets, start=1)}


def pack(path: Path, contents: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return path


def workbook(path: Path, rows: str, **kwargs) -> Path:
    """A workbook of one visible sheet called 名册."""
    return pack(path, parts([("名册", "visible", sheet(rows, **kwargs))]))


def streamed(path: Path, name: str, pieces: Iterable[bytes], others: dict[str, str | bytes]) -> Path:
    """A zip one of whose parts is written piece by piece, so that it may be far larger than memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for other, data in others.items():
            if other != name:
                archive.writestr(other, data)
        with archive.open(name, "w", force_zip64=True) as stream:
            for piece in pieces:
                stream.write(piece)
    return path


def ole(*streams: str) -> bytes:
    """The beginning of an OLE container with directory entries of these names and nothing behind them."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
    directory = b"".join(name.encode("utf-16-le").ljust(64, b"\x00") + b"\x00" * 64 for name in ("Root Entry", *streams))
    return head + directory.ljust(2048, b"\x00")


def in_memory(contents: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return stream.getvalue()
