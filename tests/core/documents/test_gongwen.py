import io
import zipfile
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree

from apps.core.documents import Gongwen, document_number, official_date
from apps.core.documents.text import clean, title_lines

MOMENT = datetime(2026, 10, 8, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
TITLE = "九江市2026年第三季度离退休干部走访慰问工作情况报告"
COUNTIES = ["浔阳区", "濂溪区", "柴桑区"]


def built(**options):
    doc = Gongwen(options.pop("title", TITLE), moment=MOMENT, author="中共九江市委老干部局", **options)
    doc.addressee("市委组织部:")
    doc.heading1("一、总体情况")
    doc.paragraph("第一段。\n第二段。")
    doc.heading2("（一）走访完成情况。", "共走访1,204人次。")
    doc.heading3("1. 重点关注对象。")
    doc.heading4("（1）上门走访。")
    doc.table(["单位", "人次"], [[name, n] for n, name in enumerate(COUNTIES)], widths=[2, 1], caption="表1", align=["left", "right"])
    doc.chart("走访人次", COUNTIES, {"应走访": [1, 2, 3], "已走访": [1, None, 2]})
    doc.annexes(["统计表。", "明细表"])
    doc.sign("中共九江市委老干部局", date(2026, 10, 8))
    doc.annex("附件1", "统计表")
    return doc


@pytest.fixture(scope="module")
def plain():
    return Document(io.BytesIO(built().to_bytes()))


@pytest.fixture(scope="module")
def red():
    data = built(mark="中共九江市委老干部局文件", number=document_number("九老干字", 2026, 12), copy_number="000001", secrecy="内部", urgency="特急").to_bytes()
    return Document(io.BytesIO(data))


def paragraph(document, text):
    return next(p for p in document.paragraphs if p.text == text)


def east_asian(style_or_run):
    return style_or_run.element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))


def ind(item):
    element = item.pPr.find(qn("w:ind"))
    return {name.split("}")[1]: int(value) for name, value in element.attrib.items()}


class TestPage:
    def test_a4_and_margins(self, plain):
        section = plain.sections[0]
        sides = [section.page_width, section.page_height, section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
        assert [round(side.mm, 1) for side in sides] == [210, 297, 37, 35, 28, 26]

    def test_twips_of_the_margins(self, plain):
        margins = plain.sections[0]._sectPr.find(qn("w:pgMar"))
        assert [int(margins.get(qn(f"w:{side}"))) for side in ("top", "bottom", "left", "right")] == [2098, 1984, 1587, 1474]

    def test_no_grid_because_line_spacing_is_exact(self, plain):
        assert plain.sections[0]._sectPr.find(qn("w:docGrid")) is None

    def test_page_numbers(self, plain):
        section = plain.sections[0]
        assert plain.settings.odd_and_even_pages_header_footer
        assert round(section.footer_distance.mm, 1) == 25.5
        for footer, side, edge in ((section.footer, ALIGN.RIGHT, "right"), (section.even_page_footer, ALIGN.LEFT, "left")):
            number = footer.paragraphs[0]
            assert number.text == "— 1 —"
            assert [mark.get(qn("w:fldCharType")) for mark in number._p.iter(qn("w:fldChar"))] == ["begin", "separate", "end"]
            assert [code.text.strip() for code in number._p.iter(qn("w:instrText"))] == ["PAGE"]
            style = number.style
            assert (style.font.size, east_asian(style), style.font.name) == (Pt(14), "宋体", "宋体")
            assert style.paragraph_format.alignment == side
            assert ind(style.element) == {f"{edge}Chars": 100, edge: 280}


class TestText:
    @pytest.mark.parametrize(
        ("text", "font"),
        [
            ("市委组织部：", "仿宋_GB2312"),
            ("一、总体情况", "黑体"),
            ("第一段。", "仿宋_GB2312"),
            ("（一）走访完成情况。共走访1,204人次。", "楷体_GB2312"),
            ("1. 重点关注对象。", "仿宋_GB2312"),
            ("（1）上门走访。", "仿宋_GB2312"),
            ("2026年10月8日", "仿宋_GB2312"),
        ],
    )
    def test_sixteen_points_on_exact_lines(self, plain, text, font):
        style = paragraph(plain, text).style
        assert (east_asian(style), style.font.size, style.font.bold) == (font, Pt(16), False)
        form = style.paragraph_format
        assert (form.line_spacing_rule, form.line_spacing) == (WD_LINE_SPACING.EXACTLY, Pt(28.95))
        assert (form.space_before, form.space_after) == (Pt(0), Pt(0))

    @pytest.mark.parametrize("text", ["一、总体情况", "第一段。", "第二段。", "1. 重点关注对象。", "（1）上门走访。"])
    def test_first_line_two_characters_in(self, plain, text):
        assert ind(paragraph(plain, text).style.element) == {"firstLineChars": 200, "firstLine": 640}

    def test_body_after_a_heading_is_fangsong(self, plain):
        first, second = paragraph(plain, "（一）走访完成情况。共走访1,204人次。").runs
        assert first.element.rPr is None
        assert east_asian(second) == "仿宋_GB2312"

    def test_addressee_is_flush_left_one_line_below_the_title(self, plain):
        texts = [p.text for p in plain.paragraphs]
        place = texts.index("市委组织部：")
        assert texts[place - 1] == ""
        assert texts[place - 2] == "离退休干部走访慰问工作情况报告"
        assert plain.paragraphs[place].style.element.pPr.find(qn("w:ind")) is None

    def test_title(self, plain):
        title = paragraph(plain, "九江市2026年第三季度")
        assert (east_asian(title.style), title.style.font.size, title.style.font.bold) == ("方正小标宋简体", Pt(22), False)
        assert title.style.paragraph_format.alignment == ALIGN.CENTER
        assert title.style.paragraph_format.line_spacing == Pt(35)

    def test_no_theme_font_wins_over_ours(self, plain):
        styles = plain.styles.element
        ours = [style for style in styles.iter(qn("w:style")) if style.find(qn("w:name")).get(qn("w:val")).startswith(("公文", "Normal"))]
        for rfonts in [f for style in ours for f in style.iter(qn("w:rFonts"))] + list(styles.find(qn("w:docDefaults")).iter(qn("w:rFonts"))):
            assert not [name for name in rfonts.attrib if name.endswith("Theme")]

    def test_headings_are_in_the_navigation_pane(self, plain):
        levels = [paragraph(plain, text).style.element.pPr.find(qn("w:outlineLvl")) for text in ("一、总体情况", "1. 重点关注对象。", "（1）上门走访。")]
        assert [level.get(qn("w:val")) for level in levels] == ["1", "3", "4"]


class TestEnd:
    def test_annexes_one_line_below_two_characters_in_no_stop(self, plain):
        texts = [p.text for p in plain.paragraphs]
        place = texts.index("附件：1. 统计表")
        assert texts[place - 1] == ""
        assert texts[place + 1] == "2. 明细表"
        first, second = ind(plain.paragraphs[place]._p), ind(plain.paragraphs[place + 1]._p)
        assert first["leftChars"] - first["hangingChars"] == 200
        assert second["leftChars"] - second["hangingChars"] == 200 + 300
        assert first["leftChars"] == second["leftChars"]

    def test_a_single_annex_has_no_number(self):
        doc = Gongwen("通知", moment=MOMENT)
        doc.annexes(["统计表"])
        assert [p.text for p in Document(io.BytesIO(doc.to_bytes())).paragraphs][-1] == "附件：统计表"

    def test_date_four_characters_from_the_right_issuer_centred_over_it(self, plain):
        when, issuer = paragraph(plain, "2026年10月8日"), paragraph(plain, "中共九江市委老干部局")
        assert when.style.paragraph_format.alignment == ALIGN.RIGHT
        assert ind(when.style.element) == {"rightChars": 400, "right": 1280}
        date_width, issuer_width = 3 * 16 + 7 * 8, 10 * 16
        right = ind(issuer._p)["right"] / 20
        assert right + issuer_width / 2 == pytest.approx(64 + date_width / 2)

    def test_an_issuer_too_long_to_be_centred_stays_inside_the_block(self):
        doc = Gongwen("通知", moment=MOMENT)
        doc.sign("中共" + "很长" * 12 + "委员会", date(2026, 1, 1))
        issuer = Document(io.BytesIO(doc.to_bytes())).paragraphs[-2]
        assert 0 <= ind(issuer._p)["rightChars"] <= 10

    def test_annex_begins_a_page_with_its_label_in_heiti(self, plain):
        label = paragraph(plain, "附件1")
        assert label.paragraph_format.page_break_before
        assert (east_asian(label.style), label.style.paragraph_format.alignment) == ("黑体", ALIGN.LEFT)


class TestTable:
    def test_width_of_the_block_in_the_given_proportions(self, plain):
        table = plain.tables[0]
        widths = [cell.width.mm for cell in table.rows[1].cells]
        assert widths == [pytest.approx(104, abs=0.1), pytest.approx(52, abs=0.1)]
        assert sum(column.width for column in table.columns) <= Mm(156)

    def test_header_repeats_and_rows_stay_whole(self, plain):
        rows = plain.tables[0].rows
        assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in rows] == [True, False, False, False]
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)

    def test_content_and_alignment(self, plain):
        rows = [[cell.text for cell in row.cells] for row in plain.tables[0].rows]
        assert rows == [["单位", "人次"], ["浔阳区", "0"], ["濂溪区", "1"], ["柴桑区", "2"]]
        assert [cell.paragraphs[0].alignment for cell in plain.tables[0].rows[1].cells] == [ALIGN.LEFT, ALIGN.RIGHT]
        assert east_asian(plain.tables[0].rows[0].cells[0].paragraphs[0].style) == "黑体"

    def test_a_row_of_another_length_is_refused(self):
        with pytest.raises(ValueError, match="one entry per column"):
            Gongwen("通知", moment=MOMENT).table(["甲", "乙"], [["一"]])


class TestChart:
    def test_is_native_with_an_editable_workbook(self):
        import openpyxl

        with zipfile.ZipFile(io.BytesIO(built().to_bytes())) as parts:
            chart = etree.fromstring(parts.read("word/charts/chart1.xml"))
            sheet = openpyxl.load_workbook(io.BytesIO(parts.read("word/embeddings/chart1.xlsx"))).active
            relations = parts.read("word/charts/_rels/chart1.xml.rels").decode()
            types = parts.read("[Content_Types].xml").decode()
        names = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}
        assert chart.xpath("//c:ser/c:val//c:v/text()", namespaces=names) == ["1", "2", "3", "1", "2"]
        assert chart.xpath("//c:ser[1]/c:cat//c:v/text()", namespaces=names) == COUNTIES
        assert [[cell.value for cell in row] for row in sheet.rows][1:] == [["浔阳区", 1, 1], ["濂溪区", 2, None], ["柴桑区", 3, 2]]
        assert "../embeddings/chart1.xlsx" in relations
        assert "/word/charts/chart1.xml" in types

    def test_markup_in_names_is_text(self):
        doc = Gongwen("通知", moment=MOMENT)
        doc.chart('<a> & "b"', ["<&>"], {"<s>": [1]})
        with zipfile.ZipFile(io.BytesIO(doc.to_bytes())) as parts:
            etree.fromstring(parts.read("word/charts/chart1.xml"))
            assert "&lt;a&gt; &amp; &quot;b&quot;" in parts.read("word/document.xml").decode()

    def test_series_of_another_length_is_refused(self):
        with pytest.raises(ValueError, match="one figure per category"):
            Gongwen("通知", moment=MOMENT).chart("图", ["甲", "乙"], {"数": [1]})


class TestRedHeader:
    def test_is_off_unless_asked_for(self, plain):
        assert "FF0000" not in plain.element.xml

    def test_order_mark_and_number(self, red):
        texts = [p.text for p in red.paragraphs]
        assert texts[:9] == ["000001", "内部", "特急", "中共九江市委老干部局文件", "", "", "九老干字〔2026〕12号", "", ""]
        assert texts[9] == "九江市2026年第三季度"
        mark = red.paragraphs[3]
        assert (east_asian(mark.style), str(mark.style.font.color.rgb)) == ("方正小标宋简体", "FF0000")
        assert east_asian(red.paragraphs[1].style) == "黑体"

    def test_mark_fits_one_line_and_begins_35_mm_below_the_blocks_edge(self, red):
        mark = red.paragraphs[3]
        size = mark.runs[0].font.size.pt
        assert size * len(mark.text) < 156 * 72 / 25.4
        line = mark.paragraph_format.line_spacing.pt
        top = 3 * 28.95 + mark.paragraph_format.space_before.pt + (line - size) / 2
        assert top == pytest.approx(35 * 72 / 25.4, abs=0.5)

    def test_red_rule_4_mm_below_the_number(self, red):
        rule = red.paragraphs[6]._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom"))
        values = {name.split("}")[1]: value for name, value in rule.attrib.items()}
        assert values == {"val": "single", "sz": "8", "space": "11", "color": "FF0000"}


class TestFile:
    def test_same_calls_same_bytes(self):
        assert built().to_bytes() == built().to_bytes()

    def test_properties(self, plain):
        core = plain.core_properties
        assert (core.title, core.author, core.created, core.modified, core.comments) == (TITLE, "中共九江市委老干部局", MOMENT, MOMENT, "")

    def test_carries_nothing_of_the_template(self):
        with zipfile.ZipFile(io.BytesIO(built().to_bytes())) as parts:
            assert not [name for name in parts.namelist() if "thumbnail" in name]

    def test_saves_to_path_and_to_file(self, tmp_path):
        target, buffer = tmp_path / "a.docx", io.BytesIO()
        built().save(target)
        built().save(buffer)
        assert target.read_bytes() == buffer.getvalue() == built().to_bytes()

    def test_control_characters_do_no_harm(self):
        doc = Gongwen("标题\x00", moment=MOMENT)
        doc.paragraph("甲\x0b乙\ud800丙\r\n丁")
        assert [p.text for p in Document(io.BytesIO(doc.to_bytes())).paragraphs] == ["标题", "", "甲乙丙", "丁"]


class TestWording:
    def test_dates_and_numbers_have_no_leading_zero(self):
        assert official_date(date(2026, 1, 5)) == "2026年1月5日"
        assert document_number("九老干字", 2026, 7) == "九老干字〔2026〕7号"
        assert clean(None) == ""

    @pytest.mark.parametrize(
        ("title", "lines"),
        [
            ("短标题", ["短标题"]),
            ("九江市2026年第三季度走访慰问情况统计表", ["九江市2026年第三季度走访慰问情况统计表"]),
            (TITLE, ["九江市2026年第三季度", "离退休干部走访慰问工作情况报告"]),
            ("甲\n乙", ["甲", "乙"]),
        ],
    )
    def test_titles_break_evenly_and_not_inside_words(self, title, lines):
        assert title_lines(title) == lines

    @pytest.mark.parametrize("title", ["国" * 61, "A" * 90, "（" * 45, "、" * 45, "2026" * 25, "关于" * 33])
    def test_any_title_is_broken_into_lines_that_fit(self, title):
        lines = title_lines(title)
        assert "".join(lines) == title
        assert all(sum(0.5 if char.isascii() else 1 for char in line) <= 20 for line in lines)
