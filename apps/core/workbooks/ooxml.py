"""An .xlsx workbook: which sheets are visible, and their rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from apps.core.workbooks.cells import Cells
from apps.core.workbooks.limits import Limits, UnreadableWorkbook
from apps.core.workbooks.package import Package
from apps.core.workbooks.shared_strings import read_shared_strings
from apps.core.workbooks.sheet_xml import SheetReader, read_merges
from apps.core.workbooks.styles import read_styles


class _Sheet(NamedTuple):
    name: str
    part: str
    hidden: bool


def read_ooxml(package: Package, limits: Limits) -> Iterator[dict]:
    """The messages of the child process for one .xlsx: a book, then per visible sheet its head and blocks."""
    part = workbook_part(package)
    root = package.tree(part)
    relations = package.relations(part)
    date1904 = any(element.get("date1904", "0") in ("1", "true") for element in root.iter("workbookPr"))
    sheets = list(_sheets(package, root, part, relations))
    if not sheets:
        raise UnreadableWorkbook("broken")
    if len(sheets) > limits.sheets:
        raise UnreadableWorkbook("too_many_sheets", limit=limits.sheets)
    visible = [sheet for sheet in sheets if not sheet.hidden]
    yield {"book": {"format": "xlsx", "date1904": date1904, "hidden": [sheet.name for sheet in sheets if sheet.hidden]}}
    cells = _cells(package, part, relations, date1904)
    for sheet in visible:
        if package.has(sheet.part):
            yield {"sheet": {"name": sheet.name, "merged": read_merges(package, sheet.part)}}
            yield from SheetReader(package, sheet.part, cells).blocks()


def workbook_part(package: Package) -> str:
    for kind, target in package.relations("").values():
        if kind == "officeDocument" and package.has(target):
            return target
    if package.has("xl/workbook.xml"):
        return "xl/workbook.xml"
    raise UnreadableWorkbook("broken")


def _sheets(package: Package, root, part: str, relations: dict[str, tuple[str, str]]) -> Iterator[_Sheet]:
    folder = part.rpartition("/")[0]
    for number, element in enumerate(root.iter("sheet"), start=1):
        kind, target = relations.get(element.get("rel:id", ""), ("worksheet", f"{folder}/worksheets/sheet{number}.xml"))
        if kind == "worksheet":
            yield _Sheet(element.get("name", f"Sheet{number}"), target, element.get("state", "visible") != "visible")


def _cells(package: Package, part: str, relations: dict[str, tuple[str, str]], date1904: bool) -> Cells:
    folder = part.rpartition("/")[0]
    parts = {"sharedStrings": f"{folder}/sharedStrings.xml", "styles": f"{folder}/styles.xml"}
    parts |= {kind: target for kind, target in relations.values() if kind in parts}
    strings = read_shared_strings(package, parts["sharedStrings"]) if package.has(parts["sharedStrings"]) else []
    styles = read_styles(package, parts["styles"]) if package.has(parts["styles"]) else []
    return Cells(strings, styles, date1904)


def open_package(path: Path, limits: Limits) -> tuple[str, Package]:
    """The kind of a zip file (xlsx, xlsb, ods) and its package."""
    package = Package(path, limits)
    return package.kind, package


__all__ = ["open_package", "read_ooxml", "workbook_part"]
