"""The four annual tables as they are printed: heads with their merged cells, rows, columns, and the condition of every cell.

A 离休干部基本情况, B 离休干部两年数字变化, C 退休干部基本情况, D 退休干部两年数字变化: titles, column order and heads after two retiree systems that
agree with each other. The last period of table A ends on 30 September 1949; one of the two prints 1945 there, and loses nearly everybody.
"""

from dataclasses import dataclass

from apps.cadres.statistics.counted import RANKS, Where

DUE, DIFFERENCE = "due", "difference"
HERE, OPENING, NEW, DIED = {"here": "yes"}, {"opening": "yes"}, {"new": "yes"}, {"died": "yes"}


@dataclass(frozen=True)
class Head:
    """A cell of the head; ``rows`` and ``columns`` it reaches over."""

    text: str
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True)
class Column:
    """``where`` is what people of this column have in common; a ``formula`` (应有, 差) is worked out from the others."""

    key: str
    title: str
    where: Where | None = None
    formula: str = ""
    width: float = 7


@dataclass(frozen=True)
class Line:
    """``labels``: cells on the left that begin in this row; ``where`` narrows every column."""

    key: str
    title: str
    labels: tuple[Head, ...]
    where: Where


@dataclass(frozen=True)
class Rest:
    """People of the total whom no row or column names, told below the table."""

    key: str
    title: str
    where: Where


@dataclass(frozen=True)
class Table:
    """``kind`` is whom it counts; ``stub`` how many columns stand left of 编号; ``state`` the flag of the total."""

    key: str
    title: str
    kind: str
    stub: int
    head: tuple[tuple[Head, ...], ...]
    lines: tuple[Line, ...]
    columns: tuple[Column, ...]
    rest: tuple[Rest, ...]
    widths: tuple[float, ...]

    @property
    def span(self) -> int:
        return self.stub + 1 + len(self.columns)

    def where(self, line: Line, column: Column) -> Where:
        """Condition of a cell: who of the kind it counts, narrowed by row and column."""
        return of_kind(self.kind, column.where or {}) | line.where | (column.where or {})


def of_kind(kind: str, where: Where) -> Where:
    """Those of last year's end are of the kind they were then; all others of the kind they are now."""
    return {"kind_open" if "opening" in where else "kind": kind}


GRADES = tuple(zip(RANKS, ("正省部级", "副省部级", "正厅局级", "副厅局级", "正县处级", "副县处级", "正乡科级", "副乡科级"), strict=True))
GRADE_COLUMNS = (*GRADES, ("other", "科员、办事员及其他"))
NATURES = (("organ", "机关"), ("institution", "事业单位"), ("enterprise", "企业"))
LEVELS = (("centre", "中央"), ("province", "省级"), ("city", "市级"), ("county", "县级"), ("town", "乡级"))
PERIODS = (
    ("1", "1927年7月底以前"), ("2", "1927年8月1日至1937年7月6日"), ("3", "1937年7月7日至1942年12月底"),
    ("4", "1943年1月1日至1945年9月2日"), ("5", "1945年9月3日至1949年9月30日"),
)  # fmt: skip
BY_NATURE = (
    Line("1", "总计", (Head("总计"),), {}),
    *(Line(str(n), title, (Head(title),), {"nature": key}) for n, (key, title) in enumerate(NATURES, 2)),
)
NO_NATURE = "{}单位性质为「其他」或没有填写，只列入总计，不在机关、事业单位、企业各{}中"
REST_OF_TWO_YEARS = tuple(
    Rest(f"nature_{key}", NO_NATURE.format(words, "行"), state | {"nature": "rest"})
    for key, words, state in (("opening", "（上年末）", OPENING), ("new", "（本年办理手续）", NEW), ("died", "（本年去世）", DIED), ("here", "（实有）", HERE))
)

TABLE_A = Table(
    "A",
    "离休干部基本情况统计表",
    "lixiu",
    1,
    (
        (
            Head("项目", 3), Head("编号", 3), Head("总数", 3), Head("中共党员", 3), Head("生活不能自理", 3), Head("70岁至79岁", 3), Head("80岁及以上", 3),
            Head("参加革命工作时间", 1, 10),
        ),
        tuple(Head(title, 1, 2) for _, title in PERIODS),
        tuple(Head(text) for _ in PERIODS for text in ("人数", "其中在京")),
    ),
    BY_NATURE,
    (
        Column("all", "总数", HERE),
        Column("party", "中共党员", HERE | {"party": "yes"}),
        Column("dependent", "生活不能自理", HERE | {"dependent": "yes"}),
        Column("70", "70岁至79岁", HERE | {"age": "70"}),
        Column("80", "80岁及以上", HERE | {"age": "80"}),
        *(
            Column(f"p{key}{'b' if beijing else ''}", f"{title}{'（在京）' if beijing else ''}", HERE | {"period": key} | ({"beijing": "yes"} if beijing else {}))
            for key, title in PERIODS
            for beijing in (False, True)
        ),
    ),
    (
        Rest("period", "参加革命工作时间没有填写、只知年月而跨两个时期尚未确认，只列入总数，不在五个时期中", HERE | {"period": "unknown"}),
        Rest("nature", NO_NATURE.format("", "行"), HERE | {"nature": "rest"}),
        Rest("born", "出生日期不详，不在两个年龄段中", HERE | {"age": "unknown"}),
        Rest("region", "没有居住地代码，无法判断是否在京，按不在京统计", HERE | {"region": "unknown"}),
    ),
    (11, 5, 6, 6, 7, 7, 7, *(6.5 for _ in range(10))),
)

TABLE_B = Table(
    "B",
    "离休干部两年数字变化情况统计表",
    "lixiu",
    1,
    (
        tuple(
            Head(text)
            for text in (
                "项目", "编号", "上年12月底离休干部总数", "本年度内办理离休手续干部数", "本年度内去世离休干部数",
                "本年12月底应有离休干部数", "本年12月底实有离休干部数", "实有数与应有数之差",
            )
        ),
    ),
    BY_NATURE,
    (
        Column("opening", "上年12月底总数", OPENING),
        Column("new", "本年办理离休手续", NEW),
        Column("died", "本年去世", DIED),
        Column("due", "应有", formula=DUE),
        Column("here", "实有", HERE),
        Column("difference", "差", formula=DIFFERENCE),
    ),
    REST_OF_TWO_YEARS,
    (14, 6, 18, 18, 18, 18, 18, 18),
)  # fmt: skip


def _graded(state: Where, key: str, all_of: Where) -> tuple[Column, ...]:
    """合计 and one column per rank."""
    return (Column(f"{key}_all", "合计", state | all_of), *(Column(f"{key}_{code}", title, state | all_of | {"rank": code}) for code, title in GRADE_COLUMNS))


GRADE_HEADS = (Head("合计"), *(Head(title) for _, title in GRADE_COLUMNS))

TABLE_C = Table(
    "C",
    "退休干部基本情况统计表",
    "retired",
    2,
    (
        (Head("项目", 2, 2), Head("编号", 2), Head("总数", 2), Head("机关", 1, 10), Head("事业单位", 2), Head("企业", 2)),
        GRADE_HEADS,
    ),
    (
        Line("1", "总计", (Head("总计", 1, 2),), {}),
        Line("2", "女", (Head("其中", 2), Head("女")), {"sex": "female"}),
        Line("3", "中共党员", (Head("中共党员"),), {"party": "yes"}),
        *(
            Line(str(n), title, ((Head("层次", len(LEVELS)),) if n == 4 else ()) + (Head(title),), {"level": key})
            for n, (key, title) in enumerate(LEVELS, 4)
        ),
    ),
    (
        Column("all", "总数", HERE),
        *_graded(HERE, "organ", {"nature": "organ"}),
        Column("institution", "事业单位", HERE | {"nature": "institution"}),
        Column("enterprise", "企业", HERE | {"nature": "enterprise"}),
    ),
    (
        Rest("nature", NO_NATURE.format("", "列"), HERE | {"nature": "rest"}),
        Rest("rank", "是机关人员而没有填写离退休时职级，只列入机关合计", HERE | {"nature": "organ", "rank": "unknown"}),
    ),
    (5, 10, 5, 7, *(7 for _ in range(9)), 9, 8, 7),
)

TABLE_D = Table(
    "D",
    "退休干部两年数字变化情况统计表",
    "retired",
    2,
    (
        (
            Head("项目", 2, 2), Head("编号", 2), Head("上年末总数", 2), Head("本年度内办理退休手续干部数", 1, 10), Head("本年度内去世退休干部数", 2),
            Head("本年12月底应有退休干部数", 2), Head("本年12月底实有退休干部数", 2), Head("实有数与应有数之差", 2),
        ),
        GRADE_HEADS,
    ),
    (
        Line("1", "总计", (Head("总计", 1, 2),), {}),
        Line("2", "机关", (Head("机关", 1 + len(LEVELS)), Head("小计")), {"nature": "organ"}),
        *(Line(str(n), f"机关·{title}", (Head(title),), {"nature": "organ", "level": key}) for n, (key, title) in enumerate(LEVELS, 3)),
        Line("8", "事业单位", (Head("事业单位", 1, 2),), {"nature": "institution"}),
        Line("9", "企业", (Head("企业", 1, 2),), {"nature": "enterprise"}),
    ),
    (
        Column("opening", "上年末总数", OPENING),
        *_graded(NEW, "new", {}),
        Column("died", "本年去世", DIED),
        Column("due", "应有", formula=DUE),
        Column("here", "实有", HERE),
        Column("difference", "差", formula=DIFFERENCE),
    ),
    (
        *REST_OF_TWO_YEARS,
        Rest("rank", "本年办理退休手续而没有填写职级，只列入合计", NEW | {"rank": "unknown"}),
    ),
    (5, 8, 5, 8, *(6.5 for _ in range(9)), 9, 8, 8, 8, 8),
)
TABLES = {table.key: table for table in (TABLE_A, TABLE_B, TABLE_C, TABLE_D)}
