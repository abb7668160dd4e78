"""The roster every importer is given: 25 columns, all rows right, nobody real."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

from apps.core.id_numbers import make_id
from apps.dashboard.demo.names import draw

AREA = "360499"
SHEET_ROWS = 100_000
TITLES = tuple(
    str.split(
        "姓名 性别 身份证号 出生日期 民族 籍贯 婚姻状况 文化程度 政治面貌 入党时间 所在党支部 参加工作时间 离退休类型 离退休时间 离退休时职级 "
        "原工作单位 原职务 单位性质 居住地址 居住状况 健康状况 自理能力 手机 紧急联系人 备注"
    )
)


def rows(count: int, start: int = 0) -> Iterator[tuple[str, ...]]:
    """People number ``start`` and following, in the order of ``TITLES``; each has an ID number of his own, up to four million."""
    random = Random(25)
    for n in range(start, start + count):
        sex = "男" if random.random() < 0.68 else "女"
        born = date(1932, 1, 1) + timedelta(days=n % 8000)
        started = date(born.year + 20, random.choice((3, 7, 9)), 1)
        yield (
            draw(random, "1" if sex == "男" else "2"), sex, make_id(AREA, born, n // 8000 * 2 + (sex == "男")), f"{born:%Y-%m-%d}", "汉族", "江西九江",
            random.choice(("已婚", "丧偶")), random.choice(("大学本科", "大专", "高中")), random.choice(("中共党员", "群众")), f"{born.year + 25}-07-01",
            "机关第一离退休干部党支部", f"{started:%Y-%m-%d}", "退休", f"{born.year + 60}-{born.month:02d}-01", random.choice(("正科级", "副科级", "正处级")),
            random.choice(("市教育局", "市卫生局", "市水利局", "市供销社")), random.choice(("局长", "科长", "科员")), "机关",
            f"人民路 {random.randint(1, 180)} 号", random.choice(("与配偶居住", "独居", "与子女同住")), random.choice(("健康或良好", "一般或较弱", "有慢性病")),
            random.choice(("完全自理", "部分自理")), f"12{n:09d}", draw(random, "2"), random.choice(("", "", "喜欢书法")),
        )  # fmt: skip


def write(path: Path, count: int, start: int = 0, *, sheet_rows: int = SHEET_ROWS) -> Path:
    """An .xlsx with titles in the first row of each sheet; more than ``sheet_rows`` people go on in further sheets."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    for line, row in enumerate(rows(count, start)):
        if line % sheet_rows == 0:
            sheet = book.add_worksheet(f"花名册{line // sheet_rows + 1}")
            sheet.write_row(0, 0, TITLES)
        sheet.write_row(line % sheet_rows + 1, 0, row)
    book.close()
    return path
