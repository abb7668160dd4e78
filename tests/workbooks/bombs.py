"""Packages built to exhaust a reader of .xlsx: overlapping parts, endless styles and strings, depth, merges. Each function returns its path."""

import struct
import zipfile
import zlib
from pathlib import Path

from tests.workbooks.by_hand import MAIN, cell, in_memory, line, pack, parts, row, sheet

HEAD = line(1, "姓名", "性别") + line(2, "王伟", "男")
LONG = "长" * 30_000


def honest() -> dict[str, str | bytes]:
    return parts([("名册", "visible", sheet(HEAD))])


def with_part(path: Path, name: str, data: str | bytes) -> Path:
    return pack(path, honest() | {name: data})


def nested(path: Path) -> Path:
    return pack(path, {"名册.xlsx": in_memory(honest()), "名册2.xlsx": in_memory(honest())})


def overlapping(path: Path) -> Path:
    """Four hundred entries whose data are the same bytes of the file: 6 GB out of 16 MB of zeros."""
    data = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = data.compress(b"\x00" * 2**24) + data.flush()
    checksum, name = zlib.crc32(b"\x00" * 2**24), b"xl/worksheets/sheet0001.xml"
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, checksum, len(packed), 2**24, len(name), 0) + name + packed
    entries = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, checksum, len(packed), 2**24, len(name), 0, 0, 0, 0, 0, 0) + b"xl/worksheets/sheet%04d.xml" % number
        for number in range(400)
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 400, 400, len(entries), len(local), 0)
    path.write_bytes(local + entries + end)
    return path


def quadratic(path: Path) -> Path:
    """One entity of 50,000 characters, 50,000 times."""
    strings = f'<!DOCTYPE sst [<!ENTITY a "{"长" * 50_000}">]><sst><si><t>{"&a;" * 50_000}</t></si></sst>'
    return with_part(path, "xl/sharedStrings.xml", strings)


def outside_definition(path: Path) -> Path:
    return with_part(path, "xl/styles.xml", '<!DOCTYPE styleSheet SYSTEM "http://203.0.113.1/x.dtd"><styleSheet/>')


def outside_entity_in_utf16(path: Path) -> Path:
    evil = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + sheet(HEAD).partition("?>")[2]
    return with_part(path, "xl/worksheets/sheet1.xml", evil.encode("utf-16"))


def odd_packing(path: Path) -> Path:
    """A part packed by LZMA, whose dictionary may be as large as it says."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in honest().items():
            archive.writestr(name, data)
    return path


def endless_styles(path: Path) -> Path:
    """100,000 cell formats and 60,000 number formats, all of them different; the last one says 0.00."""
    codes = "".join(f'<numFmt numFmtId="{number}" formatCode="0.00&quot;{number}&quot;"/>' for number in range(200, 60_200))
    looks = "".join(f'<xf numFmtId="{200 + number % 60_000}" fontId="{number}"><alignment wrapText="1"/></xf>' for number in range(100_000))
    styles = f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts><cellStyleXfs>{looks}</cellStyleXfs><cellXfs>{looks}</cellXfs></styleSheet>'
    return pack(path, parts([("名册", "visible", sheet(HEAD + row(3, cell("A3", "李红"), cell("B3", 1945.1, 99_999))))]) | {"xl/styles.xml": styles})


def deep_styles(path: Path) -> Path:
    """A style sheet a million elements deep."""
    return with_part(path, "xl/styles.xml", "<styleSheet>" + "<a>" * 1_000_000 + "</a>" * 1_000_000 + "</styleSheet>")


def deep_workbook(path: Path) -> Path:
    made = honest()
    return pack(path, made | {"xl/workbook.xml": made["xl/workbook.xml"].replace("<sheets>", "<a>" * 500_000 + "</a>" * 500_000 + "<sheets>")})


def long_strings_everywhere(path: Path, *, cells: int = 2_000) -> Path:
    """One long shared string shown by thousands of cells: a file of some kilobytes, 180 MB once it is spelt out."""
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>{number}</v></c><c r="B{number}" t="s"><v>0</v></c></row>' for number in range(1, cells + 1))
    return pack(path, parts([("名册", "visible", sheet(rows))]) | {"xl/sharedStrings.xml": f"<sst><si><t>{LONG}</t></si></sst>"})


def many_strings(path: Path) -> Path:
    """A million shared strings, no two alike, of which one is shown."""
    strings = "".join(f"<si><t>{number * 7919}</t></si>" for number in range(1_000_000))
    made = parts([("名册", "visible", sheet(row(1, '<c r="A1" t="s"><v>7</v></c>')))])
    return pack(path, made | {"xl/sharedStrings.xml": f"<sst>{strings}</sst>"})


def crossing_merges(path: Path) -> Path:
    """20,000 ranges merged over one another, each from the top to the end of the sheet."""
    merges = "".join(f'<mergeCell ref="A{1 + number % 50}:XFD{1_048_576 - number}"/>' for number in range(20_000))
    rows = "".join(line(number, f"人{number}", "男") for number in range(1, 2_001))
    return pack(path, parts([("名册", "visible", sheet(rows, after=f"<mergeCells>{merges}</mergeCells>"))]))


def macros_and_objects(path: Path) -> Path:
    """A workbook with a VBA project, an embedded OLE object, an ActiveX control, a DDE link and a picture."""
    extra = {
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Auto_Open Shell" * 100,
        "xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"MZ" * 100,
        "xl/activeX/activeX1.bin": b"\x00" * 64,
        "xl/externalLinks/externalLink1.xml": '<externalLink xmlns="x"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>',
        "xl/media/image1.png": b"\x89PNG\r\n\x1a\n",
        "xl/drawings/drawing1.xml": "<!DOCTYPE never-looked-at><wsDr/>",
    }
    return pack(path, honest() | extra)


def folders_and_zip64(path: Path) -> Path:
    """Entries for directories, sizes in zip64 records, a comment behind everything."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in ("_rels/", "xl/", "xl/worksheets/", "xl/_rels/"):
            archive.writestr(folder, b"")
        for name, data in honest().items():
            with archive.open(name, "w", force_zip64=True) as stream:
                stream.write(data.encode())
        archive.comment = b"made by hand"
    return path
