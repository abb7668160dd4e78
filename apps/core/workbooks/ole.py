"""A look into OLE containers (.xls and everything else Office 97 wrote) without unpacking them."""

from pathlib import Path

from apps.core.workbooks.limits import UnreadableWorkbook

_NAMES = (
    ("EncryptedPackage", "encrypted", ""),
    ("EncryptionInfo", "encrypted", ""),
    ("WordDocument", "not_a_workbook", "Word 文档"),
    ("PowerPoint Document", "not_a_workbook", "演示文稿"),
    ("__properties_version1.0", "not_a_workbook", "邮件"),
)
LOOK = 32 * 2**20


def check_ole(path: Path) -> None:
    """Raise UnreadableWorkbook when the container's directory names something that is no .xls workbook."""
    data = path.read_bytes()[:LOOK]
    if any(_entry(name) in data for name in ("Workbook", "Book")) and _entry("EncryptedPackage") not in data:
        return
    for name, code, what in _NAMES:
        if _entry(name) in data:
            raise UnreadableWorkbook(code, what=what)
    raise UnreadableWorkbook("broken")


def _entry(name: str) -> bytes:
    """How a directory entry spells a stream's name: UTF-16, zero-ended."""
    return name.encode("utf-16-le") + b"\x00\x00"
