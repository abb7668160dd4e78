"""The shared strings of an .xlsx, read as a stream: phonetic guides dropped, rich text joined."""

import codecs
import re
from collections.abc import Callable, Iterator

from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.package import Package, read_bytes

CHUNK = 2**20
LONGEST_TEXT = 32_767
ITEM_LIMIT = 16 * 2**20
LONGEST_MARK = 300
_ITEM = re.compile(r"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si\s*>)", re.S)
ITEM_END = re.compile(r"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
_PLAIN_ITEM = re.compile(r"<si><t(?: xml:space=\"preserve\")?>([^<]*)</t></si>")
_PLAIN = re.compile(r"<t>([^<]*)</t>")
_TEXT = re.compile(r"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)</(?:\w+:)?t\s*>")
_PHONETIC = re.compile(r"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh\s*>", re.S)
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def unescape(text: str) -> str:
    """Resolve the five XML entities, character references and Excel's ``_x000D_``."""
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text[:LONGEST_TEXT]


def _character(match: re.Match) -> str:
    if match[3]:
        return _NAMED[match[3]]
    code = int(match[1]) if match[1] else int(match[2], 16)
    return chr(code) if code < 0x110000 else ""


def text_of(fragment: str) -> str:
    """The text of an ``<si>`` or ``<is>`` body."""
    plain = _PLAIN.fullmatch(fragment)
    if plain:
        return unescape(plain[1])
    if "rPh" in fragment:
        fragment = _PHONETIC.sub("", fragment)
    return unescape("".join(_TEXT.findall(fragment)))


def read_shared_strings(package: Package, part: str) -> list[str]:
    """All shared strings in order. Raises UnreadableWorkbook for document type declarations and endless items."""
    strings: list[str] = []
    for text in decoded_chunks(package, part, ITEM_END, "</si>"):
        plain = _PLAIN_ITEM.findall(text) if "&" not in text and "_x" not in text else []
        if len(plain) != text.count("si>") // 2 or "si/>" in text or ":si" in text or "si " in text:
            plain = [text_of(item) for item in _ITEM.findall(text)]
        strings += plain
    return strings


def decoded_chunks(package: Package, part: str, boundary: re.Pattern, usual: str) -> Iterator[str]:
    """Text of a part in pieces that end behind a match of ``boundary``; comments gone, CDATA turned into plain text.

    ``usual`` is how the boundary is nearly always spelt; the pattern is only tried when that isn't found.
    """
    with package.open(part) as stream:
        tail, decode = "", None
        while data := read_bytes(stream, CHUNK):
            decode = decode or _decoder(data)
            text = tail + decode(data)
            if "!" in text and "<!" in text:
                text = _without_marks(text)
            start = max(0, len(tail) - LONGEST_MARK)
            cut = text.rfind(usual, start) + len(usual)
            if cut < len(usual):
                cut = max((match.end() for match in boundary.finditer(text, start)), default=0)
            tail = text[cut:]
            if len(tail) > ITEM_LIMIT:
                raise UnreadableWorkbook("too_large", limit="每行 16 MB")
            if cut:
                yield text[:cut]
        if tail:
            yield tail


_ENCODINGS = re.compile(r"gbk|gb2312|gb18030|big5|shift_jis|euc-(?:jp|kr)|iso-8859-\d{1,2}|windows-125\d")


def _decoder(data: bytes) -> Callable[[bytes], str]:
    """Decodes as the byte order mark or the declaration says, if that is an encoding of texts, else as UTF-8."""
    name = "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        name = "utf-16"
    elif declared := re.match(rb"<\?xml[^>]*?encoding=[\"']([\w.\-]+)[\"']", data):
        wanted = declared[1].decode("ascii").lower()
        name = ("gb18030" if wanted.startswith("gb") else wanted) if _ENCODINGS.fullmatch(wanted) else name
    return codecs.getincrementaldecoder(name)("replace").decode


def _without_marks(text: str) -> str:
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.I):
        raise UnreadableWorkbook("unsafe")
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    return re.sub(
        r"<!\[CDATA\[(.*?)\]\]>",
        lambda match: match[1].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        text,
        flags=re.S,
    )
