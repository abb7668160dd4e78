"""Small XML parts edited in place: found by a real parser, changed as text, everything else byte for byte as it came."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.package import Package
from apps.core.workbooks.shared_strings import decoded_chunks

DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NEVER = re.compile("(?!)")
_HEAD = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_DECLARED = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>\s*")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def plain(text: str) -> str:
    """Text as XML can hold it, escaped."""
    return escape(_UNWANTED.sub("", text))


def attribute(text: str) -> str:
    """A quoted attribute value."""
    return quoteattr(_UNWANTED.sub("", text))


def small_text(package: Package, part: str) -> str:
    """A whole part as text without its declaration. Raises UnreadableWorkbook for document types and for parts too large to be held."""
    return _DECLARED.sub("", "".join(decoded_chunks(package, part, _NEVER, "\x00")))


@dataclass(slots=True)
class Element:
    """Where one element stands: ``start``–``head_end`` its start tag, ``tail``–``end`` its end tag (both the end when it is empty)."""

    name: str
    prefix: str
    attributes: dict[str, str]
    start: int
    head_end: int
    parent: "Element | None"
    tail: int = 0
    end: int = 0
    children: list["Element"] = field(default_factory=list)
    cut: bool = False

    def below(self, name: str = "") -> Iterator["Element"]:
        """Descendants of that local name in their order."""
        for child in self.children:
            if not name or child.name == name:
                yield child
            yield from child.below(name)

    def child(self, name: str) -> "Element | None":
        return next((one for one in self.children if one.name == name), None)


class Surgery:
    """One document. Raises UnreadableWorkbook(broken) when it isn't well-formed."""

    def __init__(self, text: str):
        self.data = text.encode("utf-8", "replace")
        self.edits: list[tuple[int, int, bytes]] = []
        self.root = self._parsed()

    def _parsed(self) -> Element:
        parser = expat.ParserCreate(namespace_separator="}")
        open_ones: list[Element] = []
        roots: list[Element] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            at = parser.CurrentByteIndex
            head = _HEAD.match(self.data, at)
            if head is None or len(open_ones) > 200:
                raise UnreadableWorkbook("broken")
            spelt = self.data[at + 1 : head.end()].split(None, 1)[0].rstrip(b"/>").decode()
            parent = open_ones[-1] if open_ones else None
            made = Element(_local(name), spelt.rpartition(":")[0], {_attribute(key): value for key, value in attributes.items()}, at, head.end(), parent)
            (parent.children if parent else roots).append(made)
            open_ones.append(made)

        def end(_name: str) -> None:
            one = open_ones.pop()
            empty = self.data[one.head_end - 2 : one.head_end] == b"/>"
            one.tail = one.head_end if empty else parser.CurrentByteIndex
            one.end = one.head_end if empty else self.data.index(b">", one.tail) + 1

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
        try:
            parser.Parse(self.data, True)
        except (expat.ExpatError, ValueError, IndexError, AttributeError) as fault:
            raise UnreadableWorkbook("broken") from fault
        return roots[0]

    @property
    def prefix(self) -> str:
        """What new elements of the root's own namespace begin with: "" or "x:"."""
        return f"{self.root.prefix}:" if self.root.prefix else ""

    def inner(self, element: Element) -> str:
        return self.data[element.head_end : element.tail].decode()

    def raw(self, element: Element) -> str:
        return self.data[element.start : element.end].decode()

    def cut(self, element: Element) -> None:
        """Take the element out, and its parent when nothing is left in it."""
        if element.cut:
            return
        element.cut = True
        self.edits.append((element.start, element.end, b""))
        parent = element.parent
        if parent is not None and parent is not self.root and all(one.cut for one in parent.children):
            self.cut(parent)

    def insert(self, at: int, text: str) -> None:
        self.edits.append((at, at, text.encode()))

    def append(self, element: Element, text: str) -> None:
        """Behind the element's last child."""
        if element.tail == element.end:
            name = f"{element.prefix}:{element.name}" if element.prefix else element.name
            self.edits.append((element.end - 2, element.end, f">{text}</{name}>".encode()))
        else:
            self.insert(element.tail, text)

    def put(self, element: Element, **attributes: str | None) -> None:
        """Set attributes without a namespace; None takes one away."""
        head = with_attributes(self.data[element.start : element.head_end].decode(), attributes)
        self.edits.append((element.start, element.head_end, head.encode()))

    def drop_attribute(self, element: Element, spelt: str) -> None:
        """Remove an attribute by a pattern of its spelling, such as ``\\w+:id``."""
        head = re.sub(rf"""\s{spelt}\s*=\s*("[^"]*"|'[^']*')""", "", self.data[element.start : element.head_end].decode())
        self.edits.append((element.start, element.head_end, head.encode()))

    def result(self) -> bytes:
        pieces, at = [DECLARATION], 0
        for start, end, new in sorted(self.edits, key=lambda edit: edit[:2]):
            if start < at:
                continue  # inside something that has been cut
            pieces += [self.data[at:start], new]
            at = end
        return b"".join([*pieces, self.data[at:]])


def with_attributes(head: str, attributes: dict[str, str | None]) -> str:
    """A start tag with attributes set or, for None, taken away."""
    for name, value in attributes.items():
        head = re.sub(rf"""\s{name}\s*=\s*("[^"]*"|'[^']*')""", "", head)
        if value is not None:
            close = "/>" if head.endswith("/>") else ">"
            head = f"{head[: -len(close)].rstrip()} {name}={attribute(value)}{close}"
    return head


def relation_id(space: str, key: str) -> str:
    """The attribute ``r:id`` with its own declaration, since documents spell the prefix as they like. ``space`` tells strict documents."""
    strict = "purl.oclc.org" in space
    base = "http://purl.oclc.org/ooxml/officeDocument" if strict else "http://schemas.openxmlformats.org/officeDocument/2006"
    return f'xmlns:r="{base}/relationships" r:id="{key}"'


def _refuse(*_arguments) -> None:
    raise UnreadableWorkbook("unsafe")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attribute(name: str) -> str:
    """``r:id`` becomes ``rel:id``, whatever its prefix; other namespaces are dropped."""
    space, _, local = name.rpartition("}")
    return f"rel:{local}" if space.endswith("relationships") else local
