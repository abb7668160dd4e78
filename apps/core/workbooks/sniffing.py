"""What a file is, told from its first bytes and never from its name."""

import re
from pathlib import Path

from apps.core.workbooks.limits import UnreadableWorkbook

SIGNATURES = (
    (b"\x89PNG", "图片"), (b"\xff\xd8\xff", "图片"), (b"GIF8", "图片"), (b"BM", "图片"), (b"II*\x00", "图片"), (b"MM\x00*", "图片"),
    (b"RIFF", "图片或音像"), (b"%PDF", "PDF 文件"), (b"Rar!", "压缩包"), (b"7z\xbc\xaf", "压缩包"), (b"\x1f\x8b", "压缩包"),
    (b"MZ", "程序"), (b"\x7fELF", "程序"), (b"{\\rtf", "Word 文档"), (b"SQLite format 3", "数据库文件"), (b"ID3", "音频"),
    (b"OggS", "音频"), (b"MIME-Version:", "网页存档文件"), (b"ID;P", "SYLK 文件"), (b"TABLE\r\n0,1\r\n", "DIF 文件"), (b"\x00\x01\x00\x00Stan", "Access 数据库"), (b"#!/", "程序"),
)  # fmt: skip
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BIFF_STARTS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_HTML = re.compile(rb"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|table|style|div)\b", re.I | re.S)
_XML_WORKBOOK = re.compile(rb"^\s*<\?xml.*?urn:schemas-microsoft-com:office:spreadsheet", re.I | re.S)


def sniff(path: Path) -> str:
    """zip, ole, biff, html, xml2003 or text. Raises UnreadableWorkbook (empty, not_a_workbook)."""
    with path.open("rb") as stream:
        head = stream.read(8192)
    if not head.strip(b"\x00\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise UnreadableWorkbook("empty" if len(head) < 8192 else "not_a_workbook")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if head.startswith(OLE):
        return "ole"
    for signature, what in SIGNATURES:
        if head.startswith(signature) and not (what == "图片" and signature == b"BM" and _is_text(head)):
            raise UnreadableWorkbook("not_a_workbook", what=what)
    if head[4:8] == b"ftyp":
        raise UnreadableWorkbook("not_a_workbook", what="图片或音像")
    if head.startswith(BIFF_STARTS):
        return "biff"
    return _sniff_text(head)


def _sniff_text(head: bytes) -> str:
    plain = head.removeprefix(BOMS[0])
    if head.startswith((BOMS[1], BOMS[2])):
        plain = head.decode("utf-16", "replace").encode()
    if _XML_WORKBOOK.match(plain):
        return "xml2003"
    if _HTML.match(plain):
        return "html"
    if plain.lstrip().startswith(b"<?xml"):
        raise UnreadableWorkbook("not_a_workbook", what="XML 文件")
    if not _is_text(head):
        raise UnreadableWorkbook("not_a_workbook")
    return "text"


def _is_text(head: bytes) -> bool:
    """No control characters but the end mark of DOS, or UTF-16."""
    head = head.removesuffix(b"\x1a")
    return head.startswith(BOMS[1:]) or bool(utf16_without_mark(head)) or not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", head)


_USUAL = re.compile(r"[\t\r\n -~\u00a0-\u00ff\u2010-\u203b\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]")


def utf16_without_mark(head: bytes) -> str:
    """utf-16-le or utf-16-be when the beginning of a file makes sense in it, else ""."""
    if 0 not in head:
        return ""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = head[: len(head) // 2 * 2].decode(encoding, "replace")
        if len(_USUAL.findall(text)) >= 0.98 * len(text) and re.search("[,;\t\n]", text):
            return encoding
    return ""
