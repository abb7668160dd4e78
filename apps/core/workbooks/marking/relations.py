"""Which parts of a stranger's package come along into the copy, and the two kinds of parts that say so: relations and content types."""

import posixpath
from dataclasses import dataclass, replace

from apps.core.workbooks.marking.surgery import attribute
from apps.core.workbooks.package import Package

KEPT = frozenset(
    str.split(
        "officeDocument core-properties worksheet chartsheet theme styles sharedStrings sheetMetadata person pivotCacheDefinition pivotCacheRecords pivotTable "
        "drawing comments vmlDrawing printerSettings hyperlink table image threadedComment slicer slicerCache timeline timelineCache chart chartEx chartStyle "
        "chartColorStyle chartUserShapes themeOverride diagramData diagramLayout diagramQuickStyle diagramColors diagramDrawing "
        "rdRichValue rdRichValueStructure rdRichValueTypes richValueRel"
    )
)
"""Kinds of relations that only show something. Macros, links to other files, connections, embedded objects and controls are not among them."""
PICTURES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".svg", ".wdp", ".webp", ".ico"))
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TYPES = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "comments": "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    "worksheet": "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    "sharedStrings": "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml",
    "styles": "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml",
    "vml": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}
PACKAGE_SPACE = "http://schemas.openxmlformats.org/package/2006/"


@dataclass(frozen=True, slots=True)
class Relation:
    """``part``: the name of the target inside the package, "" for one outside."""

    key: str
    type: str
    target: str
    part: str = ""

    @property
    def kind(self) -> str:
        return self.type.rpartition("/")[2]

    def __str__(self) -> str:
        mode = "" if self.part else ' TargetMode="External"'
        return f"<Relationship Id={attribute(self.key)} Type={attribute(self.type)} Target={attribute(self.target)}{mode}/>"


def rels_name(part: str) -> str:
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


def relations_of(package: Package, part: str) -> tuple[list[Relation], frozenset[str]]:
    """(relations that come along, ids of those that don't)."""
    name = rels_name(part)
    found, dropped = [], set()
    for element in package.tree(name) if package.has(name) else ():
        key, target = element.get("Id", ""), element.get("Target", "").replace("\\", "/")
        outside = element.get("TargetMode", "").lower() == "external"
        inside = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(part), target))
        one = Relation(key, element.get("Type", ""), target, "" if outside else inside)
        one = replace(one, target="NULL") if outside and one.kind == "image" else one
        (found.append(one) if _comes_along(package, one) else dropped.add(key))
    return found, frozenset(dropped)


def _comes_along(package: Package, one: Relation) -> bool:
    if one.kind not in KEPT:
        return False
    if not one.part:
        return one.kind in ("hyperlink", "image")
    return package.has(one.part) and (one.kind != "image" or posixpath.splitext(one.part.lower())[1] in PICTURES)


def relations_text(relations: list[Relation]) -> str:
    return f'<Relationships xmlns="{PACKAGE_SPACE}relationships">{"".join(map(str, relations))}</Relationships>'


class ContentTypes:
    """What each part of the original is said to be, and the same for the copy; without an original only what is added."""

    def __init__(self, package: Package | None = None):
        self.by_ending, self.by_name, self.written = {}, {}, {}
        for element in package.tree("[Content_Types].xml") if package and package.has("[Content_Types].xml") else ():
            if element.tag == "Default":
                self.by_ending[element.get("Extension", "").lower()] = element.get("ContentType", "")
            else:
                self.by_name[element.get("PartName", "").lstrip("/").lower()] = element.get("ContentType", "")

    def keep(self, part: str, otherwise: str = "") -> None:
        ending = part.rpartition(".")[2].lower()
        self.add(part, self.by_name.get(part.lower()) or otherwise or self.by_ending.get(ending) or "application/octet-stream")

    def add(self, part: str, kind: str) -> None:
        self.written[part] = kind

    def text(self) -> str:
        lines = "".join(f"<Override PartName={attribute('/' + part)} ContentType={attribute(kind)}/>" for part, kind in self.written.items())
        return (
            f'<Types xmlns="{PACKAGE_SPACE}content-types"><Default Extension="rels" ContentType="{TYPES["rels"]}"/>'
            f'<Default Extension="xml" ContentType="application/xml"/><Default Extension="vml" ContentType="{TYPES["vml"]}"/>{lines}</Types>'
        )
