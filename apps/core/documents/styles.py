"""Paragraph styles of the document: one per element of the standard, so that WPS shows and changes them as styles."""

from dataclasses import dataclass

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from apps.core.documents import measures as m


@dataclass(frozen=True)
class Look:
    """One style. Indents are in characters of the style's own size; ``outline`` 0-8 puts it into the navigation pane."""

    name: str
    font: str = m.FANGSONG
    size: float = m.BODY_PT
    line: float = m.LINE_PT
    align: ALIGN = ALIGN.JUSTIFY
    first: float = 0
    left: float = 0
    right: float = 0
    outline: int | None = None
    keep_next: bool = False
    latin: str = m.LATIN
    colour: str = ""


BODY = Look("公文正文", first=m.INDENT_CHARS)
LOOKS = {
    "body": BODY,
    "flush": Look("公文顶格"),
    "title": Look("公文标题", m.XIAOBIAOSONG, m.TITLE_PT, m.TITLE_LINE_PT, ALIGN.CENTER, outline=0, keep_next=True),
    "heading1": Look("公文一级标题", m.HEITI, first=m.INDENT_CHARS, outline=1, keep_next=True),
    "heading2": Look("公文二级标题", m.KAITI, first=m.INDENT_CHARS, outline=2, keep_next=True),
    "heading3": Look("公文三级标题", first=m.INDENT_CHARS, outline=3, keep_next=True),
    "heading4": Look("公文四级标题", first=m.INDENT_CHARS, outline=4, keep_next=True),
    "annex_label": Look("公文附件标识", m.HEITI, align=ALIGN.LEFT, keep_next=True),
    "sign": Look("公文署名", align=ALIGN.RIGHT, right=m.SIGN_CHARS),
    "caption": Look("公文表题", m.HEITI, m.PAGE_NUMBER_PT, 24, ALIGN.CENTER, keep_next=True),
    "cell": Look("公文表格", size=m.TABLE_PT, line=18, align=ALIGN.CENTER),
    "cell_head": Look("公文表头", m.HEITI, m.TABLE_PT, 18, ALIGN.CENTER, keep_next=True),
    "page_odd": Look("公文单页码", m.SONGTI, m.PAGE_NUMBER_PT, m.PAGE_NUMBER_PT, ALIGN.RIGHT, right=1, latin=m.SONGTI),
    "page_even": Look("公文双页码", m.SONGTI, m.PAGE_NUMBER_PT, m.PAGE_NUMBER_PT, ALIGN.LEFT, left=1, latin=m.SONGTI),
    "mark": Look("公文发文机关标志", m.XIAOBIAOSONG, m.MARK_MAX_PT, m.MARK_MAX_PT * 1.2, ALIGN.CENTER, colour=m.RED),
    "number": Look("公文发文字号", align=ALIGN.CENTER),
    "black": Look("公文密级", m.HEITI, align=ALIGN.LEFT),
}


def fonts(properties, east_asian: str, latin: str = m.LATIN) -> None:
    """Set both scripts on a style's or run's rPr and drop the theme fonts that would win over them."""
    element = properties.get_or_add_rFonts()
    for name in list(element.attrib):
        if name.endswith("Theme"):
            del element.attrib[name]
    for script, font in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east_asian)):
        element.set(qn(f"w:{script}"), font)


def indent(properties, size: float, *, first: float = 0, left: float = 0, right: float = 0) -> None:
    """Indents in characters (what Word and WPS obey) and in twips (what others obey)."""
    for name, chars in (("firstLine", first), ("left", left), ("right", right)):
        if chars:
            element = properties.get_or_add_ind()
            element.set(qn(f"w:{name}Chars"), str(round(chars * 100)))
            element.set(qn(f"w:{name}"), str(m.twips(chars * size)))


def add_styles(document) -> None:
    """Put every Look into the document and make Normal and the defaults agree with the standard."""
    _defaults(document)
    for look in LOOKS.values():
        style = document.styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
        style.quick_style = True
        style.font.size, style.font.bold = Pt(look.size), False
        if look.colour:
            style.font.color.rgb = RGBColor.from_string(look.colour)
        fonts(style.element.get_or_add_rPr(), look.font, look.latin)
        form = style.paragraph_format
        form.alignment, form.keep_with_next, form.widow_control = look.align, look.keep_next, False
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.line)
        properties = style.element.get_or_add_pPr()
        indent(properties, look.size, first=look.first, left=look.left, right=look.right)
        if look.outline is not None:
            level = OxmlElement("w:outlineLvl")
            level.set(qn("w:val"), str(look.outline))
            properties.append(level)


def _defaults(document) -> None:
    default = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for properties in (default, document.styles["Normal"].element.get_or_add_rPr()):
        fonts(properties, m.FANGSONG)
    language = default.find(qn("w:lang"))
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    document.styles["Normal"].font.size = Pt(m.BODY_PT)
