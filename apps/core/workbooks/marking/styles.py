"""The style sheet with a few formats more: each format a marked cell has once more with our fill, and those of the list of problems."""

from apps.core.workbooks.limits import UnreadableWorkbook
from apps.core.workbooks.marking.surgery import Surgery, with_attributes

FILLS = {"error": "FFFFC7CF", "warning": "FFFFE69B"}
"""Red and amber. They also tell our own marks when the file comes a second time, so nobody else's palette holds them."""
PLAIN = '<styleSheet xmlns="{space}"/>'
TABLES = {
    "fonts": '<{p}fonts count="1"><{p}font><{p}sz val="11"/><{p}name val="宋体"/></{p}font></{p}fonts>',
    "fills": '<{p}fills count="2"><{p}fill><{p}patternFill patternType="none"/></{p}fill><{p}fill><{p}patternFill patternType="gray125"/></{p}fill></{p}fills>',
    "borders": '<{p}borders count="1"><{p}border><{p}left/><{p}right/><{p}top/><{p}bottom/><{p}diagonal/></{p}border></{p}borders>',
    "cellStyleXfs": '<{p}cellStyleXfs count="1"><{p}xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></{p}cellStyleXfs>',
    "cellXfs": '<{p}cellXfs count="1"><{p}xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></{p}cellXfs>',
    "cellStyles": '<{p}cellStyles count="1"><{p}cellStyle name="Normal" xfId="0" builtinId="0"/></{p}cellStyles>',
}
"""What a style sheet must have for our formats to stand in it, in this order."""
BEFORE = ("numFmts", *TABLES)
FONTS = {
    "body": '<{p}font><{p}sz val="11"/><{p}color rgb="FF2B2622"/><{p}name val="宋体"/></{p}font>',
    "bold": '<{p}font><{p}b/><{p}sz val="11"/><{p}color rgb="FF2B2622"/><{p}name val="宋体"/></{p}font>',
    "title": '<{p}font><{p}b/><{p}sz val="16"/><{p}color rgb="FF8C1D18"/><{p}name val="宋体"/></{p}font>',
    "link": '<{p}font><{p}u/><{p}sz val="11"/><{p}color rgb="FF0B57A4"/><{p}name val="宋体"/></{p}font>',
}
LIST = {
    "title": ("title", 0, 'vertical="center"'),
    "note": ("body", 0, 'vertical="center" wrapText="1"'),
    "head": ("bold", "head", 'vertical="center"'),
    "text": ("body", 0, 'vertical="top" wrapText="1"'),
    "link": ("link", 0, 'vertical="top"'),
    "error": ("bold", "error", 'vertical="top"'),
    "warning": ("bold", "warning", 'vertical="top"'),
}
"""Formats of the list sheet: font, fill, alignment."""
HEAD = "FFF3F1EE"


def completed(text: str) -> str:
    """The style sheet with the tables it may legally lack."""
    surgery = Surgery(text)
    root = surgery.root
    for name, table in TABLES.items():
        if root.child(name) is None:
            earlier = BEFORE[: BEFORE.index(name)]
            behind = next((one for one in root.children if one.name not in earlier), None)
            made = table.format(p=surgery.prefix)
            surgery.insert(behind.start, made) if behind else surgery.append(root, made)
    return surgery.result().decode().partition("\n")[2]


class Styles:
    """``marked(format, level)`` and ``listed(name)`` give numbers for ``s="…"``; ``result()`` the part, once all have been asked."""

    def __init__(self, text: str):
        self.surgery = Surgery(completed(text))
        self.tables = {name: self.surgery.root.child(name) for name in ("fonts", "fills", "cellXfs")}
        if not all(one.children for one in self.tables.values()):
            raise UnreadableWorkbook("broken")
        self.counts = {name: len(one.children) for name, one in self.tables.items()}
        self.added: dict[str, list[str]] = {name: [] for name in self.tables}
        self.known: dict[tuple, int] = {}
        self._forget_own_fills()

    def _forget_own_fills(self) -> None:
        """Cells we marked in an earlier copy of this file are plain again."""
        own = {
            str(number)
            for number, fill in enumerate(self.tables["fills"].children)
            if any(color.attributes.get("rgb", "").upper() in FILLS.values() for color in fill.below("fgColor"))
        }
        self.formats = []
        for xf in self.tables["cellXfs"].children:
            raw = self.surgery.raw(xf)
            if xf.attributes.get("fillId") in own:
                head = self.surgery.data[xf.start : xf.head_end].decode()
                self.surgery.put(xf, fillId="0", applyFill="0")
                raw = with_attributes(head, {"fillId": "0", "applyFill": "0"}) + raw[len(head) :]
            self.formats.append(raw)

    def _add(self, table: str, key: tuple, make) -> int:
        if key not in self.known:
            self.known[key] = self.counts[table] + len(self.added[table])
            self.added[table].append(make())
        return self.known[key]

    def _fill(self, colour: str) -> int:
        p = self.surgery.prefix
        return self._add(
            "fills", ("fill", colour),
            lambda: f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="{colour}"/><{p}bgColor indexed="64"/></{p}patternFill></{p}fill>',
        )  # fmt: skip

    def marked(self, number: int, level: str) -> int:
        """The number of the format that is ``number`` with the fill of the level."""
        number = number if 0 <= number < len(self.formats) else 0
        fill = self._fill(FILLS[level])

        def make() -> str:
            raw = self.formats[number]
            end = raw.index(">") + 1
            return with_attributes(raw[:end], {"fillId": str(fill), "applyFill": "1"}) + raw[end:]

        return self._add("cellXfs", (number, level), make)

    def listed(self, name: str) -> int:
        """The number of a format of the list sheet."""
        font, fill, alignment = LIST[name]
        p = self.surgery.prefix
        font_id = self._add("fonts", ("font", font), lambda: FONTS[font].format(p=p))
        fill_id = self._fill(HEAD if fill == "head" else FILLS[fill]) if fill else 0
        return self._add(
            "cellXfs", ("list", name),
            lambda: f'<{p}xf numFmtId="49" fontId="{font_id}" fillId="{fill_id}" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"'
            f' applyAlignment="1"><{p}alignment {alignment}/></{p}xf>',
        )  # fmt: skip

    def result(self) -> bytes:
        for name, table in self.tables.items():
            if self.added[name]:
                self.surgery.append(table, "".join(self.added[name]))
                self.surgery.put(table, count=str(self.counts[name] + len(self.added[name])))
        return self.surgery.result()
