"""Files that mean harm, or look as if they did. Each function writes one file and returns its path."""

import zipfile
from itertools import chain
from pathlib import Path

from tests.workbooks.by_hand import cell, in_memory, line, ole, pack, parts, row, sheet, streamed, workbook

HEAD = line(1, "姓名", "性别", "身份证号") + line(2, "王伟", "男", "360499194508150011")


def bomb(path: Path) -> Path:
    """Half a gigabyte of spaces in half a megabyte."""
    base = parts([("名册", "visible", "")])
    return streamed(path, "xl/worksheets/sheet1.xml", (b" " * 2**20 for _ in range(512)), base)


def lying_bomb(path: Path) -> Path:
    """A part much longer than its directory entry says."""
    bomb(path)
    data = bytearray(path.read_bytes())
    size = (512 * 2**20).to_bytes(4, "little")
    while (found := data.rfind(size)) >= 0:
        data[found : found + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    return path


def many_entries(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_100):
            archive.writestr(f"xl/{number}", "")
    return path


def far_corner(path: Path) -> Path:
    """Real data, and an empty formatted cell in the last corner of the sheet."""
    return workbook(path, HEAD + row(1_048_576, cell("XFD1048576", None, 1)), before='<dimension ref="A1:XFD1048576"/>')


def far_value(path: Path) -> Path:
    """A value in A1 and one in the last corner: a full grid would have 17 thousand million cells."""
    return workbook(path, HEAD + row(1_048_576, cell("XFD1048576", 1)))


def blank_rows(path: Path, *, columns: int = 12) -> Path:
    """1,048,576 rows of which all but two hold formatted blank cells only."""
    blank = row(0, *(cell(f"{chr(65 + column)}0", None, 1) for column in range(columns))).replace('0"', '#"')

    def pieces():
        yield sheet("").split("<sheetData>")[0].encode() + b"<sheetData>" + HEAD.encode()
        for start in range(3, 1_048_577, 4096):
            yield "".join([blank.replace("#", str(number)) for number in range(start, min(start + 4096, 1_048_577))]).encode()
        yield b"</sheetData></worksheet>"

    return streamed(path, "xl/worksheets/sheet1.xml", pieces(), parts([("名册", "visible", "")]))


def entities(path: Path) -> Path:
    """The thousand million laughs, in a sheet."""
    laughs = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    evil = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "哈">{laughs}]>' + sheet(row(1, '<c r="A1" t="inlineStr"><is><t>&l9;</t></is></c>'))
    return pack(path, parts([("名册", "visible", evil)]))


def entities_in_workbook(path: Path) -> Path:
    made = parts([("名册", "visible", sheet(HEAD))])
    made["xl/workbook.xml"] = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + made["xl/workbook.xml"]
    return pack(path, made)


def external_links(path: Path) -> Path:
    """A formula on another workbook, whose link points to a share; the stored result counts."""
    made = parts([("名册", "visible", sheet(HEAD + row(3, '<c r="A3" t="str"><f>[1]Sheet1!A1</f><v>李红</v></c>', '<c r="B3"><f>[1]Sheet1!B1</f></c>')))])
    made["xl/externalLinks/externalLink1.xml"] = '<externalLink xmlns="x"/>'
    made["xl/_rels/workbook.xml.rels"] = made["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", '<Relationship Id="rId9" Type="x/externalLink" TargetMode="External" Target="file:///\\\\evil\\share\\x.xlsx"/></Relationships>'
    )
    return pack(path, made)


def unclosed_cells(path: Path) -> Path:
    """A row of a hundred thousand cells none of which ends: food for a backtracking pattern."""
    return workbook(path, '<row r="1">' + '<c r="A1"><v>1' * 100_000 + "</row>")


def wide(path: Path) -> Path:
    """A value in each of 16,384 columns."""
    from apps.core.workbooks.values import column_letter

    return workbook(path, row(1, *(cell(f"{column_letter(index)}1", index) for index in range(16_384))))


def endless_row(path: Path) -> Path:
    """A row that never ends, 64 MB of it, too varied to look like a bomb."""
    base = parts([("名册", "visible", "")])
    start = sheet("").split("<sheetData>")[0].encode() + b'<sheetData><row r="1">'
    cells = (b"".join(b'<c r="A1"><v>%d</v></c>' % (number * 7919) for number in range(block * 40_000, (block + 1) * 40_000)) for block in range(64))
    return streamed(path, "xl/worksheets/sheet1.xml", chain([start], cells), base)


def encrypted(path: Path) -> Path:
    path.write_bytes(ole("EncryptionInfo", "EncryptedPackage"))
    return path


def encrypted_zip(path: Path) -> Path:
    data = bytearray(in_memory(parts([("名册", "visible", sheet(HEAD))])))
    position = 0
    while (position := data.find(b"PK\x01\x02", position)) >= 0:
        data[position + 8] |= 1
        position += 4
    path.write_bytes(bytes(data))
    return path


def truncated(path: Path) -> Path:
    data = in_memory(parts([("名册", "visible", sheet("".join(line(number, f"人{number * 7919}", "男") for number in range(1, 3000))))]))
    path.write_bytes(data[: len(data) // 2])
    return path


def damaged(path: Path) -> Path:
    """A zip whose directory is whole while the packed data are not."""
    data = bytearray(in_memory(parts([("名册", "visible", sheet("".join(line(number, f"人{number * 7919}", "男") for number in range(1, 3000))))])))
    start = data.find(b"xl/worksheets/sheet1.xml") + 200
    data[start : start + 4000] = b"\xff" * 4000
    path.write_bytes(bytes(data))
    return path


def word_document(path: Path) -> Path:
    return pack(path, {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>", "_rels/.rels": "<Relationships/>"})


def old_word_document(path: Path) -> Path:
    path.write_bytes(ole("WordDocument", "1Table"))
    return path


def plain_zip(path: Path) -> Path:
    return pack(path, {"readme.txt": "x"})


def picture(path: Path) -> Path:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 64)
    return path


def pdf(path: Path) -> Path:
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    return path


def noise(path: Path) -> Path:
    path.write_bytes(bytes((number * number * 31 + number) % 256 for number in range(70_000)))
    return path


def broken_ole(path: Path) -> Path:
    path.write_bytes(ole("Workbook") + b"\x09\x08\x10\x00" + b"\xff" * 3000)
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def zip_without_sheets(path: Path) -> Path:
    return pack(path, parts([]))
