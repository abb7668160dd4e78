"""Excel 2.0 to 95: every kind of cell of every version, and damage."""

import struct

import pytest

from apps.core.workbooks.limits import SENTENCES, UnreadableWorkbook
from apps.core.workbooks.reading import read_workbook
from tests.workbooks.damage import damaged

BOFS = {2: (0x0009, 4), 3: (0x0209, 6), 4: (0x0409, 6), 5: (0x0809, 8)}


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def old_book(version: int, *, page: int = 936, lock: bool = False) -> bytes:
    """One row: a text, a number, a date, an error, a truth, a formula's text."""
    kind, length = BOFS[version]
    made = record(kind, struct.pack("<HH", 0x0500 if version == 5 else 0, 16).ljust(length, b"\x00")) + record(0x0042, struct.pack("<H", page))
    made += record(0x002F, b"\x01\x02\x03\x04") if lock else b""
    codes = ["General", "yyyy-mm-dd"]
    for number, code in enumerate(codes):
        made += record(0x041E if version > 3 else 0x001E, (struct.pack("<H", number) if version > 3 else b"") + bytes([len(code)]) + code.encode())
    for number in range(2):
        looks = {2: (0x0043, bytes([0, 0, number, 0])), 3: (0x0243, bytes([0, number] + [0] * 10)), 4: (0x0443, bytes([0, number] + [0] * 10))}
        made += record(*looks.get(version, (0x00E0, struct.pack("<HH", 0, number) + bytes(12))))

    def at(column: int, look: int = 0) -> bytes:
        return struct.pack("<HH", 0, column) + (bytes([look, 0, 0]) if version == 2 else struct.pack("<H", look))

    def numbered(base: int) -> int:
        return base if version == 2 else 0x0200 | base

    def text(words: str) -> bytes:
        data = words.encode("gb18030")
        return (bytes([len(data)]) if version == 2 else struct.pack("<H", len(data))) + data

    formula = {2: 0x0006, 3: 0x0206, 4: 0x0406, 5: 0x0006}[version]
    made += record(numbered(4), at(0) + text("王伟")) + record(numbered(3), at(1) + struct.pack("<d", 1945.5)) + record(numbered(3), at(2, 1) + struct.pack("<d", 16664.0))
    made += record(numbered(5), at(3) + bytes([0x2A, 1])) + record(numbered(5), at(4) + bytes([1, 0]))
    made += record(formula, at(5) + b"\x00\x00\x00\x00\x00\x00\xff\xff" + bytes(8)) + record(numbered(7), text("离休"))
    return made + record(0x000A)


def cells(path):
    with read_workbook(path) as book:
        return [(row.number, [str(value) for value in row.cells]) for sheet in book for row in sheet.rows()]


@pytest.mark.parametrize("version", BOFS)
def test_every_kind_of_cell(version, tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(old_book(version))
    assert cells(path) == [(1, ["王伟", "1945.5", "1945-08-15", "#N/A", "True", "离休"])]


def test_a_locked_one(tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(old_book(4, lock=True))
    with pytest.raises(UnreadableWorkbook) as refused:
        cells(path)
    assert refused.value.code == "encrypted"


@pytest.mark.parametrize("version", BOFS)
def test_damage(version, tmp_path):
    path, found = tmp_path / "a.xls", set()
    for seed in range(8):
        path.write_bytes(old_book(version)[:6] + damaged(old_book(version)[6:], seed))
        try:
            cells(path)
            found.add("rows")
        except UnreadableWorkbook as refused:
            found.add(refused.code)
    assert found <= {"rows", *SENTENCES}
