"""What a brand asks for, with its sources; where none is named, the number is this platform's proposal."""

from dataclasses import dataclass

FIVE_HAVE = (
    ("name", "名称"), ("logo", "标识"), ("meaning", "内涵"), ("carrier", "载体"), ("media", "影响"),
)  # fmt: skip
"""五有: the columns of a brand that stand for each (a practice seen in the field)."""

ON_TIME_REPORTS = 3
"""Accepted quarterly reports that were handed in on time before a brand may be put up for review (this platform's proposal)."""
REPORT_DAYS = 10
"""Days after a quarter's end within which its report is handed in (this platform's proposal)."""
PLAN_DAYS = 30
"""Days after a list of practices within which a county should have a plan to learn (this platform's proposal)."""
ANSWER_DAYS = 10
"""Days within which the owner of a practice answers a question (this platform's proposal)."""
REPORT_TELLS = (1, 8)
"""Days after the quarter's end on which who owes a report is told; once more the day after it was due, then those above too."""
IDLE_DAYS = 60
"""Days without anything logged after which a county's effort counts as uneven (this platform's proposal)."""
STILL_AFTER_DAYS = 365
"""Days after it was taken over that one asks whether a practice still works (this platform's proposal)."""
PUBLICITY_DAYS = 5
"""Working days of 公示 (as for branches; this platform's proposal)."""

BRAND_FILE, REPORT_FILE, PRACTICE_FILE = "brands.brand", "brands.report", "brands.practice"
"""Labels of stored files."""


@dataclass(frozen=True)
class Criterion:
    """A line of the sheet: ``points`` are whole."""

    key: str
    group: str
    name: str
    points: int
    note: str = ""


MATERIAL = (
    Criterion("difficulty", "实效性", "解决了什么难题", 15, "有前后对比的数字；没有数字的不超过 7 分"),
    Criterion("breadth", "实效性", "服务老同志、参与党员和点位的广度", 15, "按本县规模"),
    Criterion("mechanism", "实效性", "留下的机制、制度", 10, "须有文件"),
    Criterion("satisfaction", "实效性", "老同志满意度", 10, "95 % 以上 10 分，90 % 以上 8 分，80 % 以上 5 分，其余 0 分"),
    Criterion("idea", "创新性", "思路、角度新", 10, "对照经验做法清单"),
    Criterion("form", "创新性", "机制、形式、技术新", 10),
    Criterion("local", "创新性", "地方特色，名称与标识贴切", 5),
    Criterion("steps", "可操作性", "步骤写得清，别人照着能做", 10, "操作要点不超过两页"),
    Criterion("spread", "可操作性", "已推广的范围", 10, "试点 3 分，本县 6 分，外县 10 分"),
    Criterion("lasting", "可操作性", "有人、有钱、有责任，能长久", 5),
)
"""实效性 50 / 创新性 25 / 可操作性 25 is found; how each is divided is this platform's proposal."""
STAGE = (
    Criterion("content", "现场展示", "内容", 40), Criterion("evidence", "现场展示", "佐证", 30), Criterion("answers", "现场展示", "答问", 20),
    Criterion("time", "现场展示", "时间", 10, "超时每 10 秒扣 1 分"),
)  # fmt: skip
WEIGHTS = {"material": 60, "stage": 30, "vote": 10}
"""Per cent of the total (this platform's proposal; 70/30 and 50/50 are seen)."""
STAGE_SECONDS = 480
DROP_ABOVE = 5
"""With more judges than this the highest and the lowest are left out."""
