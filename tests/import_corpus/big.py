"""A roster of any size with the 25 columns of the benchmark, everything in it valid and distinct."""

from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from apps.core.id_numbers import make_id

TITLES = [
    "序号", "姓名", "性别", "身份证号", "出生日期", "民族", "籍贯", "文化程度", "政治面貌", "入党时间", "参加工作时间", "原工作单位", "原职务",
    "离退休时职级", "离退休类型", "离退休时间", "现享受待遇级别", "居住地址", "居住状况", "手机", "紧急联系人", "与本人关系", "紧急联系电话", "健康状况", "备注",
]  # fmt: skip
FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
GIVEN = "建国志远秀兰桂英德福玉珍明华文博淑芬永康春生国庆凤霞"
FIRST = date(1931, 1, 1)


def row(n: int) -> list:
    """The n-th person, n from 0 below nine million."""
    born = FIRST + timedelta(days=n % 9_000)
    name = FAMILY[n % 48] + GIVEN[n // 48 % 13 * 2 : n // 48 % 13 * 2 + 2]
    started, retired = born.year + 20, born.year + 60
    return [
        n + 1, name, "男" if n % 2 else "女", make_id("360499", born, n // 9_000 * 2 % 1000 + n % 2), f"{born:%Y.%m.%d}", "汉", "江西九江", "大专", "中共党员",
        f"{started + 3}.07", f"{started}.09", f"某某局第{n % 300}科", "科长", "正科级", "退休", f"{retired}.10", "正科级待遇", f"江西省九江市浔阳区甘棠街道{n % 90 + 1}号",
        "与配偶同住", f"120{n:08d}", name[0] + "小明", "子女", f"121{n:08d}", "健康", f"第{n}号",
    ]  # fmt: skip


def roster(path: Path, count: int, first: int = 0) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("花名册")
        sheet.write_row(0, 0, TITLES)
        for n in range(count):
            sheet.write_row(n + 1, 0, row(first + n))
    return path
