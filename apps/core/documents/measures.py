"""The numbers of GB/T 9704-2012 (党政机关公文格式) that the builder uses; millimetres and points as named."""

PAGE_MM = (210, 297)
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 37, 35, 28, 26  # text block 156 × 225 mm
BLOCK_MM = 156
LINE_PT = 28.95  # 22 lines on 225 mm
TITLE_LINE_PT = 35

BODY_PT, TITLE_PT, PAGE_NUMBER_PT, TABLE_PT = 16, 22, 14, 12  # 3号, 2号, 4号, 小4号
FANGSONG, KAITI, HEITI, XIAOBIAOSONG, SONGTI = "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "宋体"
LATIN = "Times New Roman"

INDENT_CHARS = 2
SIGN_CHARS = 4
TITLE_CHARS = 20  # 156 mm hold twenty characters of 22 pt

MARK_TOP_MM = 35  # upper edge of the issuer's mark below the upper edge of the text block
MARK_MAX_PT = 54
RED = "FF0000"
RULE_GAP_MM = 4
RULE_EIGHTHS = 8  # 0.35 mm

# The dash of the page number lies 7 mm below the text block: 35 - 7 mm from the page's edge, less half a line of 14 pt.
FOOTER_MM = round(BOTTOM_MM - 7 - PAGE_NUMBER_PT * 25.4 / 72 / 2, 1)


def twips(points: float) -> int:
    """Twentieths of a point, the unit of WordprocessingML."""
    return round(points * 20)


def points(mm: float) -> float:
    return mm * 72 / 25.4


def width_pt(text: str, size: float) -> float:
    """About how wide a line of ``text`` runs in points: ASCII half a square, everything else a whole one."""
    return sum(size / 2 if char.isascii() else size for char in text)
