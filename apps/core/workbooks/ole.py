"""OLE containers (.xls and everything else Office 97 wrote): a look at what they hold, and one stream out of them."""

import struct
from pathlib import Path

from apps.core.workbooks.limits import UnreadableWorkbook

_NAMES = (
    ("EncryptedPackage", "encrypted", ""),
    ("EncryptionInfo", "encrypted", ""),
    ("WordDocument", "not_a_workbook", "Word 文档"),
    ("PowerPoint Document", "not_a_workbook", "演示文稿"),
    ("__properties_version1.0", "not_a_workbook", "邮件"),
)
FILE_PASS, _PASSED = 0x002F, (0x000A, 0x0085)
LAST_SECTOR = 0xFFFFFFFA


def checked_stream(path: Path) -> bytes:
    """The records of a workbook's container. Raise UnreadableWorkbook when the container holds something that is no .xls workbook, or its sectors run in circles."""
    data = path.read_bytes()
    if not any(_entry(name) in data for name in ("Workbook", "Book")) or _entry("EncryptedPackage") in data:
        for name, code, what in _NAMES:
            if _entry(name) in data:
                raise UnreadableWorkbook(code, what=what)
        raise UnreadableWorkbook("broken")
    try:
        stream = workbook_stream(data)
        if not stream:
            raise UnreadableWorkbook("broken")
        if _locked(stream):
            raise UnreadableWorkbook("encrypted")
    except (struct.error, ValueError, IndexError, KeyError) as fault:
        raise UnreadableWorkbook("broken") from fault
    return stream


def _locked(stream: bytes) -> bool:
    """Whether a FILEPASS record stands before the first sheet is named: everything behind it is ciphertext."""
    position = 0
    while position + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, position)
        if record in (FILE_PASS, *_PASSED):
            return record == FILE_PASS
        position += 4 + length
    return False


def workbook_stream(data: bytes) -> bytes:
    """The records of the workbook in an OLE container, b"" when it has none. Raises ValueError and its like for a broken container."""
    container = Container(data)
    return next((found for name in ("Workbook", "Book", "WORKBOOK", "BOOK") if (found := container.stream(name))), b"")


def _entry(name: str) -> bytes:
    """How a directory entry spells a stream's name: UTF-16, zero-ended."""
    return name.encode("utf-16-le") + b"\x00\x00"


class Container:
    """Streams of an OLE container by name (MS-CFB). Broken chains raise ValueError, never loop."""

    def __init__(self, data: bytes):
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise ValueError("no OLE container")
        self.size = 1 << shift
        self.table = self._allocation_table()
        entries = self._chain(struct.unpack_from("<I", data, 48)[0])
        self.entries = {}
        for start in range(0, len(entries) - 127, 128):
            length, first, size = struct.unpack_from("<H", entries, start + 64)[0], *struct.unpack_from("<II", entries, start + 116)
            self.entries[entries[start : start + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")] = (first, size)

    def stream(self, name: str) -> bytes | None:
        """The content of a stream, ``None`` when there is none of this name."""
        if name not in self.entries:
            return None
        first, size = self.entries[name]
        if size >= struct.unpack_from("<I", self.data, 56)[0]:
            return self._chain(first)[:size]
        small_table = self._chain(struct.unpack_from("<I", self.data, 60)[0])
        table = struct.unpack(f"<{len(small_table) // 4}I", small_table[: len(small_table) // 4 * 4])
        whole = self._chain(self.entries["Root Entry"][0])
        return b"".join(whole[sector * 64 : sector * 64 + 64] for sector in _followed(first, table))[:size]

    def _sector(self, number: int) -> bytes:
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    def _allocation_table(self) -> tuple[int, ...]:
        sectors = list(struct.unpack_from("<109I", self.data, 76))
        following, count = struct.unpack_from("<II", self.data, 68)
        most = len(self.data) // self.size + 1
        for _step in range(min(count, most)):
            if len(sectors) > most + 128:
                raise ValueError("more allocation sectors than sectors")
            more = struct.unpack(f"<{self.size // 4}I", self._sector(following))
            sectors += more[:-1]
            following = more[-1]
        table = b"".join(self._sector(sector) for sector in sectors if sector < LAST_SECTOR)
        return struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])

    def _chain(self, first: int) -> bytes:
        return b"".join(self._sector(sector) for sector in _followed(first, self.table))


def _followed(first: int, table: tuple[int, ...]) -> list[int]:
    chain: list[int] = []
    while first < LAST_SECTOR:
        if first >= len(table) or len(chain) > len(table):
            raise ValueError("broken chain of sectors")
        chain.append(first)
        first = table[first]
    return chain
