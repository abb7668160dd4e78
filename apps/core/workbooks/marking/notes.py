"""Comments at cells: the part that holds their texts and the drawing of their boxes, new or joined to what the sheet has already."""

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.marking.surgery import Surgery, attribute, plain
from apps.core.workbooks.values import column_letter

AUTHOR = "导入核对"
OPENING = "【导入核对】"
"""First words of what we add to somebody else's comment, so that we know it again."""
WIDE, PER_LINE = 3, 17
_SHAPE = re.compile(r"<(\w+:)shape\b.*?</\1shape\s*>", re.S)
_PLACE = re.compile(r"<(\w+:)Row>\s*(\d+)\s*</\1Row>\s*<\1Column>\s*(\d+)\s*</\1Column>")
_MACRO = re.compile(r"<(\w+:)FmlaMacro\b.*?</\1FmlaMacro\s*>", re.S)
_OWN_TYPE = re.compile(r'<v:shapetype id="portal_note".*?</v:shapetype\s*>', re.S)
_SPACES = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"'


class Note(NamedTuple):
    row: int
    column: int
    text: str

    @property
    def reference(self) -> str:
        return f"{column_letter(self.column)}{self.row}"


def _run(p: str, text: str) -> str:
    return f'<{p}r><{p}rPr><{p}sz val="10"/><{p}rFont val="宋体"/></{p}rPr><{p}t xml:space="preserve">{plain(text)}</{p}t></{p}r>'


def comments_text(notes: Iterable[Note], space: str) -> str:
    """A new part."""
    lines = "".join(f'<comment ref="{note.reference}" authorId="0"><text>{_run("", note.text)}</text></comment>' for note in notes)
    return f"<comments xmlns={attribute(space)}><authors><author>{AUTHOR}</author></authors><commentList>{lines}</commentList></comments>"


def join_comments(text: str, notes: Iterable[Note]) -> tuple[str, set[str]]:
    """An existing part with ours in it, and the cells whose box is there already. Ours of an earlier copy go."""
    surgery = Surgery(text)
    p, root = surgery.prefix, surgery.root
    authors, listed = root.child("authors"), root.child("commentList")
    if authors is None or listed is None:
        raise UnreadableWorkbook("broken")
    names = [surgery.inner(one) if one.tail < one.end else "" for one in authors.children]
    own = {str(number) for number, name in enumerate(names) if name == AUTHOR}
    author = min(own, default=str(len(names)))
    if not own:
        surgery.append(authors, f"<{p}author>{AUTHOR}</{p}author>")
    ours = {note.reference: note for note in notes}
    theirs = {}
    for comment in listed.children:
        if comment.attributes.get("authorId") in own:
            surgery.edits.append((comment.start, comment.end, b""))
            continue
        theirs[comment.attributes.get("ref", "")] = comment
        for run in comment.below("r"):
            if OPENING in surgery.inner(run):
                surgery.edits.append((run.start, run.end, b""))
    fresh = []
    for reference, note in ours.items():
        holder = theirs[reference].child("text") if reference in theirs else None
        if holder is not None:
            surgery.append(holder, _run(p, f"\n{OPENING}{note.text}"))
        elif reference not in theirs:
            fresh.append(f'<{p}comment ref="{reference}" authorId="{author}"><{p}text>{_run(p, note.text)}</{p}text></{p}comment>')
    surgery.append(listed, "".join(fresh))
    return surgery.result().decode().partition("\n")[2], set(theirs)


def _box(note: Note, number: int) -> str:
    lines = sum(max(1, math.ceil(len(line) / PER_LINE)) for line in note.text.split("\n"))
    top = max(note.row - 2, 0)
    return (
        f'<v:shape {_SPACES} id="_x0000_s{number}" type="#portal_note" style="position:absolute;margin-left:60pt;margin-top:2pt;width:190pt;height:{lines * 14 + 12}pt;'
        f'z-index:1;visibility:hidden" fillcolor="#fffbe6" o:insetmode="auto"><v:fill color2="#fffbe6"/><v:shadow on="t" color="black" obscured="t"/>'
        f'<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{note.column + 1}, 12, {top}, 4, {note.column + 1 + WIDE}, 40, {top + lines + 1}, 6</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{note.row - 1}</x:Row><x:Column>{note.column}</x:Column></x:ClientData></v:shape>"
    )


_TYPE = (
    f'<v:shapetype id="portal_note" {_SPACES} coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)


def _boxes(notes: list[Note], first: int) -> str:
    return _TYPE + "".join(_box(note, number) for number, note in enumerate(notes, first))


def drawing_text(notes: list[Note], sheet: int) -> str:
    """A new drawing. ``sheet`` tells the blocks of numbers of several sheets apart."""
    first = sheet * 64
    blocks = ",".join(str(first + one) for one in range(len(notes) // 1000 + 1))
    return (
        f"<xml {_SPACES}>"
        f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/></o:shapelayout>{_boxes(notes, first * 1024 + 1)}</xml>'
    )


def join_drawing(text: str, notes: list[Note], kept: set[str], sheet: int) -> str:
    """An existing drawing with boxes for ours; boxes of comments that are gone go, and macros behind buttons."""
    text = _SHAPE.sub(lambda shape: shape[0] if _stays(shape[0], kept) else "", _MACRO.sub("", text))
    text = _OWN_TYPE.sub("", text)
    end = text.rfind("</xml")
    if end < 0 or "urn:schemas-microsoft-com:vml" not in text:
        raise UnreadableWorkbook("broken")
    return text[:end] + _boxes([note for note in notes if note.reference not in kept], sheet * 65_536 + 1) + text[end:]


def _stays(shape: str, kept: set[str]) -> bool:
    place = _PLACE.search(shape)
    return 'ObjectType="Note"' not in shape or place is None or f"{column_letter(int(place[3]))}{int(place[2]) + 1}" in kept


def without_macros(text: str) -> str:
    return _MACRO.sub("", text)


