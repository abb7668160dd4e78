"""The zip container of an .xlsx: checked from its directory before anything is unpacked, then its small parts."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from apps.core.workbooks.limits import Limits, UnreadableWorkbook

SMALL_PART = 16 * 2**20
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
BOMB_RATIO, BOMB_BYTES = 150, 64 * 2**20
CONTENTS = (
    ("word/document.xml", "Word 文档"), ("ppt/presentation.xml", "演示文稿"), ("content.xml", "OpenDocument 文件"),
    ("AndroidManifest.xml", "安卓程序"), ("META-INF/MANIFEST.MF", "程序"),
)  # fmt: skip


class Package:
    """An open .xlsx: part names are matched without regard to case, as Excel does."""

    def __init__(self, path: Path, limits: Limits):
        try:
            self.archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, UnicodeDecodeError) as fault:
            raise UnreadableWorkbook("broken") from fault
        self.limits = limits
        self.parts = {self._key(info.filename): info for info in self.archive.infolist()}
        self._check_sizes()

    @staticmethod
    def _key(name: str) -> str:
        return name.replace("\\", "/").lstrip("/").lower()

    def _check_sizes(self) -> None:
        infos = self.archive.infolist()
        if len(infos) > 20_000:
            raise UnreadableWorkbook("zip_bomb")
        for info in infos:
            if info.file_size > BOMB_BYTES and info.file_size > BOMB_RATIO * max(info.compress_size, 1):
                raise UnreadableWorkbook("zip_bomb")
        if sum(info.file_size for info in infos) > self.limits.unzipped_bytes:
            raise UnreadableWorkbook("zip_bomb")
        if any(info.flag_bits & 1 for info in infos):
            raise UnreadableWorkbook("encrypted")
        if any(info.compress_type not in PACKINGS for info in infos):
            raise UnreadableWorkbook("broken")

    @property
    def kind(self) -> str:
        """xlsx, xlsb or ods; raises UnreadableWorkbook for every other kind of zip."""
        if "xl/workbook.bin" in self.parts:
            return "xlsb"
        if "mimetype" in self.parts and self.read("mimetype", 200).startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return "ods"
        if "encryptedpackage" in self.parts:
            raise UnreadableWorkbook("encrypted")
        for name, what in CONTENTS:
            if name.lower() in self.parts:
                raise UnreadableWorkbook("not_a_workbook", what=what)
        if any(name.startswith("xl/") for name in self.parts) or "_rels/.rels" in self.parts:
            return "xlsx"
        raise UnreadableWorkbook("not_a_workbook", what="压缩包")

    def has(self, name: str) -> bool:
        return self._key(name) in self.parts

    def size(self, name: str) -> int:
        return self.parts[self._key(name)].file_size

    def open(self, name: str):
        """A binary stream of one part. Raises UnreadableWorkbook when it is missing or packed in an unknown way."""
        try:
            return self.archive.open(self.parts[self._key(name)])
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as fault:
            raise UnreadableWorkbook("broken") from fault

    def read(self, name: str, limit: int = SMALL_PART) -> bytes:
        with self.open(name) as stream:
            data = read_bytes(stream, limit + 1)
        if len(data) > limit and limit == SMALL_PART:
            raise UnreadableWorkbook("too_large", limit=f"{SMALL_PART // 2**20} MB")
        return data

    def tree(self, name: str) -> ElementTree.Element:
        """A small part as an element tree with namespaces dropped; document type declarations are refused."""
        return parse_small(self.read(name))

    def elements(self, name: str, wanted: frozenset[str]) -> Iterator[tuple[str, dict[str, str]]]:
        """(tag, attributes) of the wanted elements of a part of any length, as a stream; their parents come too when wanted."""
        with self.open(name) as stream:
            yield from stream_elements(stream, wanted)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id → (type's last word, target part name); external targets are left out."""
        folder, name = posixpath.split(part)
        rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if not self.has(rels):
            return {}
        found = {}
        for element in self.tree(rels):
            if element.get("TargetMode", "").lower() == "external" or not element.get("Target"):
                continue
            target = element.get("Target").replace("\\", "/")
            target = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], target)
        return found


def read_bytes(stream, count: int) -> bytes:
    """The next piece of an open part. Raises UnreadableWorkbook when its packing is damaged."""
    try:
        return stream.read(count)
    except (zlib.error, zipfile.BadZipFile, EOFError, OSError, ValueError) as fault:
        raise UnreadableWorkbook("broken") from fault


def stream_elements(stream, wanted: frozenset[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Start tags among ``wanted`` without their namespaces; document type declarations are refused."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if (tag := _local(name)) in wanted:
            found.append((tag, {_attribute(key): value for key, value in attributes.items()}))

    parser = _parser()
    parser.StartElementHandler = start
    try:
        while data := read_bytes(stream, 65_536):
            parser.Parse(data, False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as fault:
        raise UnreadableWorkbook("broken") from fault
    yield from found


def _parser():
    """An expat parser for which a document type declaration or an entity is the end."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_arguments):
        raise UnreadableWorkbook("unsafe")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def parse_small(data: bytes) -> ElementTree.Element:
    """Parse XML without DTDs or entities; tags and attributes lose their namespace."""
    builder = ElementTree.TreeBuilder()
    parser = _parser()
    parser.StartElementHandler = lambda name, attributes: builder.start(
        _local(name), {_attribute(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: builder.end(_local(name))
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, LookupError, ValueError) as fault:
        raise UnreadableWorkbook("broken") from fault


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attribute(name: str) -> str:
    """``r:id`` keeps apart from ``id``: relationship attributes get the prefix ``rel:``."""
    space, _, local = name.rpartition("}")
    return f"rel:{local}" if re.search("relationships$", space) else local
