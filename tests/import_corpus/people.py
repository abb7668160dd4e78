"""Invented people for sheets: area codes that don't exist, phone prefixes that don't exist, correct check characters."""

from datetime import date

from apps.core.id_numbers import make_id

AREA = "360499"
TITLES = ["姓名", "性别", "身份证号", "出生日期", "离退休类型", "参加工作时间", "离退休时间", "手机"]


def id_number(seq: int = 1, born: date = date(1945, 8, 15), sex: str = "男") -> str:
    """``seq`` 0–499 of one birthday; odd sequence numbers are men."""
    return make_id(AREA, born, seq * 2 + (1 if sex == "男" else 0))


def person(n: int = 1, **changes) -> dict:
    """A row that is right in every column, the n-th of a family of distinct ones."""
    born = date(1940 + n % 15, n % 12 + 1, n % 28 + 1)
    sex = "男" if n % 2 else "女"
    row = {
        "姓名": "赵钱孙李周吴郑王"[n % 8] + "建国志远秀兰桂英"[n % 4 * 2 : n % 4 * 2 + 2] + ("" if n < 100 else "甲乙丙丁戊己庚辛壬癸"[n // 100 % 10]),
        "性别": sex, "身份证号": id_number(n % 450, born, sex), "出生日期": f"{born:%Y.%m}", "离退休类型": "退休",
        "参加工作时间": f"{born.year + 20}.09", "离退休时间": f"{born.year + 60}.10", "手机": f"1200000{n:04d}",
    }  # fmt: skip
    return row | changes
