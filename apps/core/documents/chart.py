"""A native bar chart in a .docx: chart part with its workbook embedded, so that Word and WPS can edit the figures."""

import io
from datetime import datetime
from xml.sax.saxutils import escape

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Mm
from xlsxwriter.utility import xl_col_to_name

from apps.core.literal_books import LiteralBook

OFFICE = "http://schemas.openxmlformats.org"
RELATIONS = f"{OFFICE}/officeDocument/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
COLOURS = ("B42318", "1F4E79", "7F7F7F", "C98A00")
MOST_LABELS = 16
FONT = '<a:latin typeface="Times New Roman"/><a:ea typeface="宋体"/>'


def _text(size: int) -> str:
    return f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}" b="0">{FONT}</a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'


def _cache(tag: str, reference: str, values, kind: str) -> str:
    cells = "".join(f'<c:pt idx="{n}"><c:v>{escape(str(value))}</c:v></c:pt>' for n, value in enumerate(values) if value is not None)
    code = "<c:formatCode>General</c:formatCode>" if kind == "num" else ""
    return f'<c:{tag}><c:{kind}Ref><c:f>{reference}</c:f><c:{kind}Cache>{code}<c:ptCount val="{len(values)}"/>{cells}</c:{kind}Cache></c:{kind}Ref></c:{tag}>'


def _labels(shown: bool) -> str:
    switches = {"LegendKey": 0, "Val": int(shown), "CatName": 0, "SerName": 0, "Percent": 0, "BubbleSize": 0}
    shows = "".join(f'<c:show{name} val="{on}"/>' for name, on in switches.items())
    return f"<c:dLbls>{_text(900)}{shows}</c:dLbls>"


def _series(number: int, name: str, categories, values, labelled: bool) -> str:
    column, last = xl_col_to_name(number + 1), len(categories) + 1
    colour = COLOURS[number % len(COLOURS)]
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/>'
        f'<c:tx><c:strRef><c:f>Sheet1!${column}$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f'<c:spPr><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/>'
        + _labels(labelled)
        + _cache("cat", f"Sheet1!$A$2:$A${last}", categories, "str")
        + _cache("val", f"Sheet1!${column}$2:${column}${last}", values, "num")
        + "</c:ser>"
    )


def chart_xml(title: str, categories, series: dict, relation: str) -> bytes:
    """The chart part: clustered columns, value labels while they fit, legend below when there are several series."""
    labelled = len(categories) * len(series) <= MOST_LABELS
    bars = "".join(_series(number, name, categories, values, labelled) for number, (name, values) in enumerate(series.items()))
    legend = f'<c:legend><c:legendPos val="b"/><c:overlay val="0"/>{_text(1000)}</c:legend>' if len(series) > 1 else ""
    heading = (
        f'<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="1200" b="0">{FONT}</a:defRPr></a:pPr>'
        f'<a:r><a:rPr lang="zh-CN" sz="1200" b="0">{FONT}</a:rPr><a:t>{escape(title)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>'
    )
    axes = (
        '<c:catAx><c:axId val="111"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="b"/><c:numFmt formatCode="General" sourceLinked="0"/>'
        f'<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>{_text(1000)}<c:crossAx val="222"/><c:crosses val="autoZero"/></c:catAx>'
        '<c:valAx><c:axId val="222"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling><c:delete val="0"/><c:axPos val="l"/>'
        '<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D9D9D9"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>'
        f'<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>{_text(1000)}'
        '<c:crossAx val="111"/><c:crosses val="autoZero"/></c:valAx>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<c:chartSpace xmlns:c="{OFFICE}/drawingml/2006/chart" xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:r="{RELATIONS}">'
        f'<c:roundedCorners val="0"/><c:chart>{heading}<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>'
        f'<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>{bars}<c:gapWidth val="80"/>'
        f'<c:axId val="111"/><c:axId val="222"/></c:barChart>{axes}</c:plotArea>'
        f'{legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart><c:externalData r:id="{relation}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    ).encode()


def _workbook(categories, series: dict, moment: datetime) -> bytes:
    out = io.BytesIO()
    with LiteralBook(out, {"in_memory": True}) as book:
        book.set_properties({"created": moment})
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 1, list(series))
        for row, category in enumerate(categories, 1):
            sheet.write_string(row, 0, category)
            for column, values in enumerate(series.values(), 1):
                if values[row - 1] is not None:
                    sheet.write_number(row, column, values[row - 1])
    return out.getvalue()


def add_chart(document, paragraph, number: int, title: str, categories, series: dict, size_mm, moment: datetime) -> None:
    """Append the ``number``-th chart of the document to a paragraph. ``series`` maps a name to one figure (or None) per category."""
    categories = [str(category) for category in categories]
    if any(len(values) != len(categories) for values in series.values()):
        raise ValueError("each series needs one figure per category")
    package = document.part.package
    sheet = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), SHEET_TYPE, _workbook(categories, series, moment), package)
    chart = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART_TYPE, b"", package)
    chart._blob = chart_xml(title, categories, series, chart.relate_to(sheet, f"{RELATIONS}/package"))
    relation = document.part.relate_to(chart, f"{RELATIONS}/chart")
    width, height = (int(Mm(side)) for side in size_mm)
    paragraph.add_run()._r.append(
        parse_xml(
            f'<w:drawing xmlns:w="{OFFICE}/wordprocessingml/2006/main" xmlns:wp="{OFFICE}/drawingml/2006/wordprocessingDrawing" xmlns:a="{OFFICE}/drawingml/2006/main">'
            f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:docPr id="{100 + number}" name="图表{number}" descr={_quoted(title)}/><wp:cNvGraphicFramePr/>'
            f'<a:graphic><a:graphicData uri="{OFFICE}/drawingml/2006/chart"><c:chart xmlns:c="{OFFICE}/drawingml/2006/chart" xmlns:r="{RELATIONS}" r:id="{relation}"/>'
            "</a:graphicData></a:graphic></wp:inline></w:drawing>"
        )
    )


def _quoted(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;"}) + '"'
