"""Write fixtures/demo/柴桑区离退休干部花名册.xlsx: sixty invented people as an office would send them, with the faults of real sheets.

Run by hand when the demo story changes; the result is committed. Needs requirements-dev.txt.
"""

import os
import sys
from datetime import date, datetime
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cadre_portal.settings.dev")

import django  # noqa: E402

django.setup()

from openpyxl import Workbook  # noqa: E402
from openpyxl.styles import Alignment, Border, Font, Side  # noqa: E402

from apps.core.id_numbers import make_id  # noqa: E402
from apps.dashboard.demo.names import draw  # noqa: E402

TARGET = ROOT / "fixtures" / "demo" / "柴桑区离退休干部花名册.xlsx"
TOP = (
    "序号", "姓名", "性别", "公民身份号码", "出生年月", "民族", "政治面貌", "离退休类型", "参加革命\n工作时间", "参加工作\n时间", "离退休时间",
    "原工作单位及职务", "", "联系方式", "", "居住情况", "", "健康状况", "自理能力", "备注",
)  # fmt: skip
SUB = ("", "", "", "", "", "", "", "", "", "", "", "单位", "职务", "手机", "家庭住址", "居住状况", "易地安置", "", "", "")
UNITS = ("柴桑区教育体育局", "柴桑区卫生健康委员会", "柴桑区农业农村局", "柴桑区公安局", "柴桑区水利局")
CHINESE = "〇一二三四五六七八九"
MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


def spelled(day: date, style: int):
    """A month as offices write it: nine ways."""
    return (
        f"{day.year}.{day.month:02d}",
        f"{day.year}.{day.month}",
        f"{day.year}-{day.month:02d}",
        f"{day.year}年{day.month}月",
        f"{day.year}{day.month:02d}",
        "".join(CHINESE[int(digit)] for digit in str(day.year)) + f"年{MONTHS[day.month - 1]}月",
        f"{day.year % 100:02d}.{day.month:02d}",
        datetime(day.year, day.month, 1),
        f"{day.year}/{day.month}",
    )[style % 9]


def person(random: Random, number: int) -> list:
    sex = "1" if random.random() < 0.7 else "2"
    lixiu = number in (4, 17)
    age = random.randint(94, 97) if lixiu else random.randint(61, 90)
    born = date(2026 - age, random.randint(1, 12), random.randint(1, 28))
    started = date(random.randint(1946, 1948), random.choice((2, 5, 11)), 1) if lixiu else date(born.year + 20, random.choice((3, 7, 9)), 1)
    retired = date(born.year + 60, born.month, 1)
    unit = UNITS[number % len(UNITS)]
    living = random.choice(("与配偶同住", "与子女同住", "独居", "空巢", "与保姆同住"))
    away = "是" if number in (23, 41) else "否"
    return [
        number,
        draw(random, sex),
        "男" if sex == "1" else "女",
        make_id("360499", born, 600 + number * 2 + (1 if sex == "1" else 0)),
        spelled(born, number),
        "汉",
        "中共党员" if random.random() < 0.8 else "群众",
        "离休" if lixiu else "退休",
        spelled(started, number + 3) if lixiu else "",
        spelled(started, number + 1),
        spelled(retired, number + 2),
        unit,
        random.choice(("局长", "科长", "高级教师", "主任科员", "科员")),
        float(f"12{random.randint(0, 999999999):09d}") if number % 3 == 0 else f"12{random.randint(0, 999999999):09d}",
        f"沙河街镇庐山北路 {random.randint(1, 90)} 号",
        living,
        away,
        random.choice(("健康", "一般", "慢性病")),
        random.choice(("自理", "自理", "自理", "半自理", "不能自理")),
        "",
    ]


def spoil(rows: list[list]) -> None:
    """What goes wrong in real sheets; the numbers are places in the list."""
    rows[5][3] = rows[5][3][:17] + ("1" if rows[5][3][17] != "1" else "2")
    rows[9][3] = float(rows[9][3][:15] + "000")
    rows[13][10] = "解放后不久"
    rows[18][1] = ""
    rows[24][3] = rows[24][3][:16]
    rows[29][7] = "离休"
    rows[29][8] = "1951.03"
    rows[33] = list(rows[32])
    rows[36][1] = rows[36][1][0] + "　" + rows[36][1][1:]
    rows[38][3] = "'" + rows[38][3].replace("X", "x")
    rows[44][15] = "跟战友住"


def append_person(sheet, row: list) -> None:
    """Real dates are shown to the month, as offices format them."""
    sheet.append(row)
    for cell in sheet[sheet.max_row]:
        if isinstance(cell.value, datetime):
            cell.number_format = 'yyyy"年"m"月"'


def write(rows: list[list]) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "花名册"
    thin = Side(style="thin", color="999999")
    sheet.append(["柴桑区离退休干部花名册（演示数据，全部虚构）"])
    sheet.append(["填报单位：柴桑区委老干部局", *[""] * 15, "填报日期：2026年11月"])
    sheet.append(list(TOP))
    sheet.append(list(SUB))
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(TOP))
    for column, (top, sub) in enumerate(zip(TOP, SUB, strict=True), 1):
        if top and not sub:
            sheet.merge_cells(start_row=3, start_column=column, end_row=4, end_column=column)
    for first, last in ((12, 13), (14, 15), (16, 17)):
        sheet.merge_cells(start_row=3, start_column=first, end_row=3, end_column=last)
    for number, row in enumerate(rows, 1):
        append_person(sheet, row)
        if number == 30:
            sheet.append(["", "小计", *[""] * 10, "30人"])
    sheet.append(["", "合计", *[""] * 10, "60人"])
    sheet.append(["注：本表由各单位填报，原件存档。"])
    sheet.append(["填表人：（略）", *[""] * 8, "审核人：（略）"])
    sheet["A1"].font = Font(size=16, bold=True)
    for row in sheet.iter_rows(min_row=3, max_row=4):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
            cell.border = Border(top=thin, bottom=thin, left=thin, right=thin)
    for column, width in zip("ABCDEFGHIJKLMNOPQRST", (5, 9, 5, 21, 12, 5, 10, 9, 11, 11, 11, 20, 10, 14, 24, 11, 9, 9, 9, 8), strict=True):
        sheet.column_dimensions[column].width = width
    hidden = book.create_sheet("去年旧表")
    hidden.append(["姓名", "身份证号", "离退休类型"])
    hidden.append(["不应读入", "", "退休"])
    hidden.sheet_state = "hidden"
    book.save(TARGET)


if __name__ == "__main__":
    draws = Random(1120)
    people = [person(draws, number) for number in range(1, 61)]
    spoil(people)
    write(people)
    print(TARGET)
