"""A marked copy of an .xlsx: the original package part by part, with what acts left out and our marks put in."""

import re
import zipfile
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.marking.listing import list_text
from apps.core.workbooks.marking.notes import Note, comments_text, drawing_text, join_comments, join_drawing, without_macros
from apps.core.workbooks.marking.relations import MAIN, TYPES, ContentTypes, Relation, relations_of, relations_text, rels_name
from apps.core.workbooks.marking.sheets import SheetRewriter, cut_dangling
from apps.core.workbooks.marking.styles import PLAIN, Styles
from apps.core.workbooks.marking.surgery import DECLARATION, Surgery, plain, relation_id, small_text
from apps.core.workbooks.ooxml import workbook_part
from apps.core.workbooks.package import Package, read_bytes
from apps.core.workbooks.shared_strings import CHUNK, ITEM_END, decoded_chunks

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OWN_LIST = "_portal_problems"
LIST_NAME = "问题清单"
_MACRO = re.compile(r"""\bmacro\s*=\s*("[^"]*"|'[^']*')""")
_QUERY = re.compile(r"""\s(?:tableType\s*=\s*["']queryTable["']|queryTableFieldId\s*=\s*["']\d+["'])""")
_FOREIGN = re.compile(r"\[\d+\]")


class Rewriter:
    """``orders["sheets"]``: sheet name → ``[[row, column, level, comment], …]``, a comment "" for none; ``orders["list"]``: see ``listing``, or None."""

    def __init__(self, package: Package, out: zipfile.ZipFile, orders: dict):
        self.package, self.out, self.orders = package, out, orders
        self.types = ContentTypes(package)
        self.seen: set[str] = set()
        self.main = workbook_part(package)
        self.folder = self.main.rpartition("/")[0]
        self.book = Surgery(small_text(package, self.main))
        self.space = re.search(r"""xmlns(?::\w+)?\s*=\s*["']([^"']*spreadsheetml[^"']*)["']""", small_text(package, self.main)[:4096])
        if self.space is None:
            raise UnreadableWorkbook("broken")
        self.space = self.space[1]
        self.relations, self.dropped = relations_of(package, self.main)
        for kind in ("styles", "sharedStrings"):
            part = f"{self.folder}/{kind}.xml"
            if package.has(part) and all(one.kind != kind for one in self.relations):
                self._new_relation(self.relations, kind, part)
        self.styles_part = next((one.part for one in self.relations if one.kind == "styles"), "")
        self.styles = Styles(small_text(package, self.styles_part) if self.styles_part else PLAIN.format(space=self.space))
        self.names: dict[str, str] = {}
        self.foreign = self.book.root.child("externalReferences") is not None or package.has(f"{self.folder}/externalLinks/externalLink1.xml")

    def write(self) -> None:
        relations, _ = relations_of(self.package, "")
        if not self.styles_part:
            self.styles_part = self._new_relation(self.relations, "styles", self._free("portalStyles{}.xml")).part
        self._put_text("_rels/.rels", relations_text(relations), listed=False)
        self._sheet_names()
        self._workbook(self._list_sheet())
        for one in relations:
            self._follow(one)
        for one in self.relations:
            self._follow(one)
        self._put_text(rels_name(self.main), relations_text(self.relations), listed=False)
        self._put_bytes(self.styles_part, self.styles.result(), TYPES["styles"])
        self._put_text("[Content_Types].xml", self.types.text(), listed=False)

    # the workbook and its first sheet

    def _sheet_names(self) -> None:
        """Part of each sheet by its relation, so that marks given by name find it."""
        by_key = {one.key: one for one in self.relations}
        for element in self.book.root.below("sheet"):
            if (one := by_key.get(element.attributes.get("rel:id", ""))) is not None:
                self.names[one.part.lower()] = element.attributes.get("name", "")

    def _list_sheet(self) -> str:
        """Write the list; returns the id of its relation, "" without a list. A list of ours from an earlier copy gives its place to the new one."""
        if self.orders["list"] is None:
            return ""
        old = self._earlier_list()
        part = old.part if old else self._free("worksheets/problems{}.xml")
        self.seen.add(part.lower())
        self._put(part, (piece.encode() for piece in list_text(self.orders["list"], self.styles, self.space)), TYPES["worksheet"])
        if old:
            return old.key
        return self._new_relation(self.relations, "worksheet", part).key

    def _earlier_list(self) -> Relation | None:
        names = {one.attributes.get("name"): self.book.inner(one) for one in self.book.root.below("definedName")}
        sheet = names.get(OWN_LIST, "").rpartition("!")[0].strip("'")
        part = next((part for part, name in self.names.items() if name == sheet), "") if sheet.startswith(LIST_NAME) else ""
        return next((one for one in self.relations if one.part.lower() == part), None) if part else None

    def _workbook(self, list_key: str) -> None:
        book, root = self.book, self.book.root
        sheets = root.child("sheets")
        if sheets is None or not sheets.children or any(one.attributes.get("rel:id") in self.dropped for one in sheets.children):
            raise UnreadableWorkbook("broken")
        fresh = bool(list_key) and all(one.attributes.get("rel:id") != list_key for one in sheets.children)
        if list_key:
            for view in root.below("workbookView"):
                book.put(view, activeTab="0", firstSheet="0")
        if fresh:
            numbers = [int(number) for one in sheets.children if (number := one.attributes.get("sheetId", "")).isdecimal()]
            book.insert(sheets.head_end, f'<{book.prefix}sheet name="{self._list_name()}" sheetId="{max(numbers, default=0) + 1}" {relation_id(self.space, list_key)}/>')
        self._defined_names(fresh)
        cut_dangling(book, self.dropped)
        for name in ("externalReferences", "functionGroups", "smartTagPr", "webPublishing"):
            for one in list(root.below(name)):
                book.cut(one)
        self._put_bytes(self.main, book.result(), MAIN)
        self.seen.add(self.main.lower())

    def _list_name(self) -> str:
        taken = {name.casefold() for name in self.names.values()}
        return next(name for number in range(1, 1000) if (name := LIST_NAME if number == 1 else f"{LIST_NAME} ({number})").casefold() not in taken)

    def _defined_names(self, fresh: bool) -> None:
        """Names move on with their sheets; those of macros and of other files go."""
        book, holder = self.book, self.book.root.child("definedNames")
        for one in holder.children if holder else ():
            macro = any(one.attributes.get(key) in ("1", "true") for key in ("xlm", "function", "vbProcedure"))
            if macro or _FOREIGN.search(book.inner(one)):
                book.cut(one)
            elif fresh and one.attributes.get("localSheetId", "").isdecimal():
                book.put(one, localSheetId=str(int(one.attributes["localSheetId"]) + 1))
        if fresh:
            own = f"<{book.prefix}definedName name=\"{OWN_LIST}\" hidden=\"1\">'{plain(self._list_name())}'!$A$1</{book.prefix}definedName>"
            if holder and not holder.cut:
                book.insert(holder.head_end, own)
            else:
                behind = book.root.child("externalReferences") or book.root.child("functionGroups") or book.root.child("sheets")
                book.insert(behind.end, f"<{book.prefix}definedNames>{own}</{book.prefix}definedNames>")

    # every other part

    def _follow(self, one: Relation) -> None:
        if not one.part or one.part.lower() in self.seen:
            return
        self.seen.add(one.part.lower())
        if one.kind == "worksheet":
            self._worksheet(one.part)
        elif one.kind != "styles":
            relations, dropped = relations_of(self.package, one.part)
            self._copy(one, dropped)
            self._relations(one.part, relations)

    def _relations(self, part: str, relations: list[Relation]) -> None:
        if relations:
            self._put_text(rels_name(part), relations_text(relations), listed=False)
        for one in relations:
            self._follow(one)

    def _copy(self, one: Relation, dropped: frozenset[str]) -> None:
        if one.kind in ("image", "printerSettings"):
            with self.package.open(one.part) as stream:
                self._put(one.part, iter(lambda: read_bytes(stream, CHUNK), b""), parse=False)
        elif one.kind in ("sharedStrings", "pivotCacheRecords"):
            pieces = decoded_chunks(self.package, one.part, ITEM_END, "</si>" if one.kind == "sharedStrings" else "</r>")
            self._put(one.part, _without_declaration(pieces), TYPES.get(one.kind, ""))
        elif one.kind == "vmlDrawing":
            self._put(one.part, [without_macros(small_text(self.package, one.part)).encode()], parse=False)
        else:
            self._put_bytes(one.part, self._harmless(one, dropped))

    def _harmless(self, one: Relation, dropped: frozenset[str]) -> bytes:
        text = small_text(self.package, one.part)
        if one.kind == "drawing":
            text = _MACRO.sub('macro=""', text)
        if one.kind == "table":
            text = _QUERY.sub("", text)
        surgery = Surgery(text)
        cut_dangling(surgery, dropped)
        for view in surgery.root.below("sheetView") if one.kind == "chartsheet" else ():
            surgery.put(view, tabSelected="0")
        return surgery.result()

    def _worksheet(self, part: str) -> None:
        relations, dropped = relations_of(self.package, part)
        marks, notes = self._orders_for(self.names.get(part.lower(), ""))
        fresh = ""
        if notes or any(one.kind == "comments" for one in relations):
            fresh = self._comments(relations, notes)
        rewriter = SheetRewriter(self.package, part, marks=marks, restyle=self.styles.marked, dropped=dropped, notes=fresh, foreign=self.foreign)
        self._put(part, _without_declaration(rewriter.pieces()), TYPES["worksheet"])
        self._relations(part, relations)

    def _orders_for(self, name: str) -> tuple[dict[int, dict[int, str]], list[Note]]:
        marks: dict[int, dict[int, str]] = {}
        notes = []
        for row, column, level, text in self.orders["sheets"].get(name, ()):
            marks.setdefault(row, {})[column] = level
            if text:
                notes.append(Note(row, column, text))
        return marks, notes

    def _comments(self, relations: list[Relation], notes: list[Note]) -> str:
        """Write the texts and boxes of a sheet; returns the id of the relation to a drawing the sheet doesn't know yet."""
        number = sum(name.startswith(f"{self.folder}/portalNotes") for name in self.types.written) + 1
        comments = next((one for one in relations if one.kind == "comments"), None)
        drawing = next((one for one in relations if one.kind == "vmlDrawing" and "ClientData" in small_text(self.package, one.part)), None)
        kept: set[str] = set()
        if comments:
            text, kept = join_comments(small_text(self.package, comments.part), notes)
        else:
            comments = self._new_relation(relations, "comments", f"{self.folder}/portalNotes{number}.xml")
            text = comments_text(notes, self.space)
        self._put_text(comments.part, text, kind=TYPES["comments"])
        self.seen.add(comments.part.lower())
        known = drawing is not None
        drawing = drawing or self._new_relation(relations, "vmlDrawing", f"{self.folder}/drawings/portalNotes{number}.vml")
        text = join_drawing(small_text(self.package, drawing.part), notes, kept, number) if known else drawing_text([one for one in notes if one.reference not in kept], number)
        self._put(drawing.part, [text.encode()], TYPES["vml"], parse=not known)
        self.seen.add(drawing.part.lower())
        if known:
            self._relations(drawing.part, relations_of(self.package, drawing.part)[0])
        return "" if known else drawing.key

    def _new_relation(self, relations: list[Relation], kind: str, part: str) -> Relation:
        base = next((one.type.rpartition("/")[0] for one in self.relations if one.kind == "worksheet"), RELATIONS)
        made = Relation(self._free_key(relations), f"{base}/{kind}", "/" + part, part)
        relations.append(made)
        return made

    def _free_key(self, relations: Iterable[Relation]) -> str:
        taken = {one.key for one in relations} | self.dropped
        return next(key for number in range(1, 100_000) if (key := f"portal{number}") not in taken)

    def _free(self, pattern: str) -> str:
        return next(name for number in range(1, 1000) if not self.package.has(name := f"{self.folder}/{pattern.format(number)}"))

    # writing

    def _put_text(self, part: str, text: str, kind: str = "", *, listed: bool = True) -> None:
        self._put(part, [DECLARATION, text.encode("utf-8", "replace")], kind, listed=listed)

    def _put_bytes(self, part: str, data: bytes, kind: str = "") -> None:
        self._put(part, [data], kind)

    def _put(self, part: str, pieces: Iterable[bytes], kind: str = "", *, listed: bool = True, parse: bool = True) -> None:
        """Write one part; XML of ours or theirs that isn't well-formed ends everything."""
        parser = expat.ParserCreate(namespace_separator="}") if parse else None
        with self.out.open(part, "w") as stream:
            for piece in pieces:
                stream.write(piece)
                if parser:
                    _checked(parser, piece, False)
            if parser:
                _checked(parser, b"", True)
        if listed:
            self.types.add(part, kind) if kind == MAIN else self.types.keep(part, kind)


def _checked(parser, piece: bytes, last: bool) -> None:
    try:
        parser.Parse(piece, last)
    except expat.ExpatError as fault:
        raise UnreadableWorkbook("broken") from fault


def _without_declaration(pieces: Iterable[str]) -> Iterator[bytes]:
    yield DECLARATION
    for number, piece in enumerate(pieces):
        yield (re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>\s*", "", piece) if number == 0 else piece).encode("utf-8", "replace")
