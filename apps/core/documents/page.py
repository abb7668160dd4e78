"""Page set-up, page numbers and the red header."""

import math

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from apps.core.documents import measures as m
from apps.core.documents.styles import LOOKS


def set_page(document) -> None:
    """A4, the margins of the standard, no document grid (line spacing is exact), different odd and even footers."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(m.PAGE_MM[0]), Mm(m.PAGE_MM[1])
    section.top_margin, section.bottom_margin = Mm(m.TOP_MM), Mm(m.BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(m.LEFT_MM), Mm(m.RIGHT_MM)
    section.footer_distance, section.header_distance = Mm(m.FOOTER_MM), Mm(15)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    document.settings.odd_and_even_pages_header_footer = True
    _number(section.footer, "page_odd", document)
    _number(section.even_page_footer, "page_even", document)
    _modern(document.settings.element)


def _modern(settings) -> None:
    """Without this Word opens the file in compatibility mode of 2007."""
    compat = settings.find(qn("w:compat"))
    if compat is None:
        compat = OxmlElement("w:compat")
        settings.insert_element_before(compat, "w:docVars", "w:rsids", "m:mathPr", "w:themeFontLang", "w:clrSchemeMapping", "w:shapeDefaults", "w:decimalSymbol")
    mode = OxmlElement("w:compatSetting")
    for name, value in (("name", "compatibilityMode"), ("uri", "http://schemas.microsoft.com/office/word"), ("val", "15")):
        mode.set(qn(f"w:{name}"), value)
    compat.append(mode)


def _number(footer, look, document) -> None:
    """— 1 — with a real PAGE field."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.style = document.styles[LOOKS[look].name]
    paragraph.add_run("— ")
    for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), (None, "1"), ("end", "")):
        run = paragraph.add_run()
        if kind is None:
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = text
            run._r.append(code)
    paragraph.add_run(" —")


def add_red_header(builder, mark: str, number: str, copy_number: str, secrecy: str, urgency: str) -> None:
    """份号, 密级, 紧急程度 top left; the issuer's mark; number; red rule. The mark's upper edge is 35 mm below the block's."""
    top = [(copy_number, "flush"), (secrecy, "black"), (urgency, "black")]
    above = [builder.add(text, look) for text, look in top if text]
    size = min(m.MARK_MAX_PT, math.floor(m.points(m.BLOCK_MM) * 0.97 / len(mark)))
    paragraph = builder.add(mark, "mark")
    paragraph.runs[0].font.size = Pt(size)
    line = size * 1.2
    paragraph.paragraph_format.line_spacing = Pt(line)
    # An exact line centres its glyphs: their upper edge lies (line - size) / 2 below the line's.
    paragraph.paragraph_format.space_before = Pt(max(0, m.points(m.MARK_TOP_MM) - m.LINE_PT * len(above) - (line - size) / 2))
    builder.blank(2)
    rule(builder.add(number, "number"))
    builder.blank(2)


def rule(paragraph) -> None:
    """A red line of the block's width, 4 mm below the paragraph."""
    border, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    gap = round(m.points(m.RULE_GAP_MM))
    for name, value in (("val", "single"), ("sz", m.RULE_EIGHTHS), ("space", gap), ("color", m.RED)):
        bottom.set(qn(f"w:{name}"), str(value))
    border.append(bottom)
    paragraph._p.get_or_add_pPr().insert_element_before(border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
