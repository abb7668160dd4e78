"""Builder of official documents (.docx) in the format of GB/T 9704-2012.

    doc = Gongwen("九江市2026年第三季度走访慰问工作报告", moment=now)
    doc.addressee("市委组织部")
    doc.heading1("一、总体情况")
    doc.paragraph("第三季度，全市共走访……")
    doc.table(["单位", "走访人次"], [["浔阳区", 12]], widths=[60, 40])
    doc.annexes(["走访情况统计表"])
    doc.sign("中共九江市委老干部局", today)
    doc.save(path)

Fonts are named, never embedded: a machine without 方正小标宋 or 仿宋_GB2312 shows a substitute. The same calls with the same
``moment`` give the same bytes.
"""

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from apps.core.documents import measures as m
from apps.core.documents.chart import add_chart
from apps.core.documents.page import add_red_header, set_page
from apps.core.documents.styles import LOOKS, add_styles, fonts, indent
from apps.core.documents.text import clean, official_date, title_lines

ALIGNMENTS = {"left": ALIGN.LEFT, "center": ALIGN.CENTER, "right": ALIGN.RIGHT}


class Gongwen:
    """One document; every method adds below what is there.

    ``mark`` switches the red header on (with ``number`` and, where needed, ``copy_number``, ``secrecy``, ``urgency``).
    ``title`` is broken into even lines unless it holds line breaks itself. ``moment`` stands in the file's properties
    (a naive one is taken as UTC).
    """

    def __init__(self, title, *, moment: datetime, author="", mark="", number="", copy_number="", secrecy="", urgency=""):
        self._document = Document()
        self._moment = (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None, microsecond=0)
        self._charts = 0
        add_styles(self._document)
        set_page(self._document)
        self._properties(clean(title).replace("\n", ""), clean(author))
        if mark:
            add_red_header(self, clean(mark), clean(number), clean(copy_number), clean(secrecy), clean(urgency))
        for line in title_lines(clean(title)):
            self.add(line, "title")
        self.blank()

    def add(self, text, look):
        """A paragraph in one of the named looks; returns the python-docx paragraph."""
        return self._document.add_paragraph(clean(text), style=LOOKS[look].name)

    def blank(self, lines=1):
        for _ in range(lines):
            self.add("", "flush")

    def addressee(self, text):
        """主送机关: flush left, ended by a full-width colon."""
        self.add(clean(text).rstrip("：:") + "：", "flush")

    def heading1(self, text):
        """一、 黑体"""
        self.add(text, "heading1")

    def heading2(self, text, then=""):
        """（一） 楷体; ``then`` goes on in the same paragraph as body text."""
        self._heading(text, then, "heading2")

    def heading3(self, text, then=""):
        """1. 仿宋"""
        self._heading(text, then, "heading3")

    def heading4(self, text, then=""):
        """（1） 仿宋"""
        self._heading(text, then, "heading4")

    def _heading(self, text, then, look):
        paragraph = self.add(text, look)
        if then:
            paragraph.paragraph_format.keep_with_next = False
            fonts(paragraph.add_run(clean(then))._r.get_or_add_rPr(), m.FANGSONG)

    def paragraph(self, text):
        """Body text, first line indented by two characters; a line break begins a new paragraph."""
        for part in clean(text).split("\n"):
            self.add(part, "body")

    def table(self, header, rows, widths=None, *, caption="", align=None):
        """A ruled table of the block's width; its header row repeats on every page.

        ``widths`` are proportions, ``align`` one of left, center, right per column. ValueError when a row's length differs.
        """
        columns = len(header)
        widths, align = list(widths or [1] * columns), list(align or ["center"] * columns)
        rows = [list(row) for row in rows]
        if any(len(row) != columns for row in (*rows, widths, align)):
            raise ValueError("every row, the widths and the alignments need one entry per column")
        if caption:
            self.add(caption, "caption")
        table = self._document.add_table(rows=0, cols=columns)
        table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
        sizes = [Mm(m.BLOCK_MM * width / sum(widths)) for width in widths]
        for column, size in zip(table.columns, sizes, strict=True):
            column.width = size
        self._row(table, header, sizes, ["center"] * columns, "cell_head")
        _flag(table.rows[0], "w:tblHeader")
        for row in rows:
            self._row(table, row, sizes, align, "cell")
        self.blank()

    def _row(self, table, values, sizes, align, look):
        row = table.add_row()
        _flag(row, "w:cantSplit")
        for cell, value, size, side in zip(row.cells, values, sizes, align, strict=True):
            cell.width = size
            paragraph = cell.paragraphs[0]
            paragraph.style = LOOKS[look].name
            paragraph.alignment = ALIGNMENTS[side]
            paragraph.add_run(clean(value))

    def chart(self, title, categories, series, *, height_mm=75):
        """A native column chart as wide as the block; ``series`` maps a name to one figure (or None) per category."""
        self._charts += 1
        paragraph = self.add("", "caption")
        paragraph.paragraph_format.keep_with_next = False
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        add_chart(self._document, paragraph, self._charts, clean(title), categories, series, (m.BLOCK_MM, height_mm), self._moment)

    def annexes(self, titles):
        """附件说明: a line below the text, indented by two characters, numbered when there are several, nothing at the end."""
        titles = [clean(title).rstrip("。；;，,") for title in titles]
        if not titles:
            return
        self.blank()
        label = "附件："
        for place, title in enumerate(titles, 1):
            number = f"{place}. " if len(titles) > 1 else ""
            paragraph = self.add((label if place == 1 else "") + number + title, "body")
            hang = len(label) + (1 if number else 0)
            properties = paragraph._p.get_or_add_pPr()
            indent(properties, m.BODY_PT, left=m.INDENT_CHARS + hang)
            _hang(properties, hang if place == 1 else hang - len(label))

    def annex(self, label, title):
        """A new page: 附件1 in 黑体 top left, and on the third line the annex's title."""
        self.add(label, "annex_label").paragraph_format.page_break_before = True
        self.blank()
        for line in title_lines(clean(title)):
            self.add(line, "title")
        self.blank()

    def sign(self, org, day: date):
        """Signature two lines below: the date four characters from the right edge, the issuer centred over it."""
        self.blank(2)
        issuer, when = clean(org), official_date(day)
        above = self.add(issuer, "sign")
        right = m.SIGN_CHARS + (m.width_pt(when, m.BODY_PT) - m.width_pt(issuer, m.BODY_PT)) / 2 / m.BODY_PT
        indent(above._p.get_or_add_pPr(), m.BODY_PT, right=max(right, 0.01))
        above.paragraph_format.keep_with_next = True
        self.add(when, "sign")

    def save(self, target):
        """Write to a path or a binary file."""
        data = self.to_bytes()
        if hasattr(target, "write"):
            target.write(data)
        else:
            Path(target).write_bytes(data)

    def to_bytes(self) -> bytes:
        """The file; entries carry the given moment, so equal documents are equal bytes."""
        raw, out = io.BytesIO(), io.BytesIO()
        self._document.save(raw)
        with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for item in source.infolist():
                target.writestr(zipfile.ZipInfo(item.filename, (1980, 1, 1, 0, 0, 0)), source.read(item), zipfile.ZIP_DEFLATED)
        return out.getvalue()

    def _properties(self, title, author):
        core = self._document.core_properties
        core.title, core.author, core.last_modified_by = title[:255], author[:255], author[:255]
        core.created = core.modified = self._moment
        core.comments, core.language, core.revision = "", "zh-CN", 1
        package = self._document.part.package
        for name, relation in list(package.rels.items()):
            if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
                del package.rels[name]


def _flag(row, name):
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _hang(properties, chars):
    """Let the first line begin ``chars`` characters left of the others."""
    element = properties.get_or_add_ind()
    for name in ("firstLine", "firstLineChars"):
        element.attrib.pop(qn(f"w:{name}"), None)
    element.set(qn("w:hangingChars"), str(round(chars * 100)))
    element.set(qn("w:hanging"), str(m.twips(chars * m.BODY_PT)))
