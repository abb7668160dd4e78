"""What speaks against a branch as it stands: pure functions over its facts and the rules in force.

An ``error`` breaks a number of a regulation; a ``warning`` is something to look at: what a regulation says with 一般, what comes near, what rests on practice
or on this platform's proposal. Each finding names its source.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from apps.branches.models import BranchKind, Post

ELECTED = (BranchKind.COMMITTEE, BranchKind.GENERAL, BranchKind.BRANCH, BranchKind.JOINT)
SIZED = (BranchKind.BRANCH, BranchKind.JOINT)
USUAL = (Post.ORGANISATION, Post.PUBLICITY, Post.DISCIPLINE)
ERROR, WARNING = "error", "warning"
OWN_RECORD, TEMPORARY = "登记内容核对", "临时党支部设置办法（据公开资料，以上级现行文件为准）"


@dataclass(frozen=True)
class Rule:
    """A number in force and where it comes from."""

    value: Decimal
    source: str = ""
    basis: str = "regulation"


@dataclass(frozen=True)
class Facts:
    """A branch as its rules look at it. ``posts``: post → holders (keys or names), only those in office; ``groups``: group → members;
    ``unreached``: members away without a contact person."""

    kind: str
    formal: int = 0
    probationary: int = 0
    hosts: int = 0
    community: bool = False
    posts: Mapping[str, tuple] = field(default_factory=dict)
    starts_on: date | None = None
    ends_on: date | None = None
    elected_on: date | None = None
    eligible: int | None = None
    present: int | None = None
    seats: int | None = None
    candidates: int | None = None
    groups: Mapping[str, int] = field(default_factory=dict)
    unreached: int = 0

    @property
    def total(self) -> int:
        return self.formal + self.probationary

    @property
    def committee(self) -> int:
        """Persons, however many posts one holds."""
        return len({who for holders in self.posts.values() for who in holders})


@dataclass(frozen=True)
class Finding:
    key: str
    level: str
    sentence: str
    source: str


Rules = Mapping[str, Rule]


def years_on(day: date, years: int) -> date:
    """The same day so many years later; 29 February gives 28 February."""
    return months_on(day, 12 * years)


def months_on(day: date, months: int) -> date:
    """The same day so many months later, the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _finding(key: str, firm: bool, rule: Rule, sentence: str) -> Finding:
    """An error only where a regulation says so without 一般."""
    return Finding(key, ERROR if firm and rule.basis == "regulation" else WARNING, sentence, rule.source)


def size(facts: Facts, rules: Rules, today: date) -> Iterator[Finding]:
    least, most = rules["min_formal"], rules["max_members"]
    if facts.kind not in SIZED:
        return
    if facts.formal < least.value:
        yield _finding("too_few", True, least, f"正式党员 {facts.formal} 名，不足 {plain(least.value)} 名：请与相邻或同行业单位成立联合党支部，或补登党员。")
    if facts.total > most.value:
        yield _finding("too_many", False, most, f"共有党员 {facts.total} 名，超过一般的 {plain(most.value)} 名：可划分为几个党支部，或报上级研究。")


def hosts(facts: Facts, rules: Rules, today: date) -> Iterator[Finding]:
    most = rules["joint_units"]
    if facts.kind != BranchKind.JOINT:
        return
    if facts.hosts > most.value:
        yield _finding("too_many_units", False, most, f"覆盖 {facts.hosts} 个单位，超过一般的 {plain(most.value)} 个。")
    if facts.hosts < 2:
        yield Finding("one_unit", WARNING, "联合党支部只登记了不到两个依托单位，请补登或改为党支部。", OWN_RECORD)


def committee(facts: Facts, rules: Rules, today: date) -> Iterator[Finding]:
    start = rules["committee_from"]
    if not facts.posts.get(Post.SECRETARY):
        yield Finding("no_secretary", ERROR if facts.kind in ELECTED else WARNING, "没有在任的书记，请登记支委会或补选。", start.source if facts.kind in ELECTED else OWN_RECORD)
    if facts.kind not in SIZED:
        return
    if facts.formal < start.value:
        beyond = facts.committee - len({*facts.posts.get(Post.SECRETARY, ()), *facts.posts.get(Post.DEPUTY, ())})
        if beyond > 0:
            yield _finding("committee_not_needed", False, start, f"正式党员不足 {plain(start.value)} 名，设 1 名书记、必要时 1 名副书记即可，现另有委员 {beyond} 名。")
        return
    yield from _committee_size(facts, rules)
    missing = [Post(post).label for post in USUAL if not facts.posts.get(post)]
    if missing:
        yield _finding("posts_missing", False, start, f"支委会没有{'、'.join(missing)}，可由其他委员兼任。")


def _committee_size(facts: Facts, rules: Rules) -> Iterator[Finding]:
    start, least, most, cap = (rules[key] for key in ("committee_from", "committee_min", "committee_max", "committee_cap"))
    if facts.committee < least.value:
        yield _finding(
            "committee_small", True, least,
            f"正式党员满 {plain(start.value)} 名，应设 {plain(least.value)} 至 {plain(most.value)} 人的支部委员会，现在任 {facts.committee} 人。",
        )  # fmt: skip
    elif facts.committee > cap.value:
        yield _finding("committee_large", False, cap, f"支委会 {facts.committee} 人，超过一般最多的 {plain(cap.value)} 人。")
    elif facts.committee > most.value:
        yield _finding("committee_large", False, most, f"支委会 {facts.committee} 人，多于一般的 {plain(most.value)} 人，请核对批复。")


def term(facts: Facts, rules: Rules, today: date) -> Iterator[Finding]:
    if facts.ends_on is None or facts.kind not in ELECTED:
        return
    years, late = rules["term_years_community" if facts.community else "term_years"], rules["postpone_months"]
    if facts.starts_on and facts.ends_on > years_on(facts.starts_on, int(years.value)):
        yield _finding("term_long", False, years, f"登记的任期长于一般的 {plain(years.value)} 年，请核对批复。")
    left = (facts.ends_on - today).days
    if left < 0:
        yield _finding("term_over", True, years, f"任期已于 {facts.ends_on:%Y-%m-%d} 届满，超过 {-left} 天：请换届；延期须报上级批准，一般不超过 {plain(late.value)} 个月。")
        return
    for key, word in (("term_last", "请抓紧选举"), ("term_second", "请报候选人"), ("term_first", "请准备换届请示")):
        if left <= rules[key].value:
            yield Finding("term_near", WARNING, f"任期 {facts.ends_on:%Y-%m-%d} 届满，还有 {left} 天：{word}。", rules[key].source)
            return


def election(facts: Facts, rules: Rules, today: date) -> Iterator[Finding]:
    if facts.kind == BranchKind.TEMPORARY and facts.elected_on:
        yield Finding("temporary_elected", WARNING, "临时党支部的书记、委员一般由上级党组织指定，这里登记了选举日期，请核对。", TEMPORARY)
    if facts.kind not in ELECTED:
        return
    surplus, quorum = rules["surplus"], rules["quorum"]
    if facts.seats and facts.candidates is not None:
        needed = ceil(facts.seats * (1 + surplus.value / 100))
        if facts.candidates < needed:
            yield _finding("no_surplus", True, surplus, f"应选 {facts.seats} 名、候选人 {facts.candidates} 名，差额不足 {plain(surplus.value)}%，候选人至少 {needed} 名。")
    if facts.eligible and facts.present is not None:
        share, said = facts.present * 100, facts.eligible * quorum.value
        if share < said:
            yield _finding("no_quorum", True, quorum, f"有选举权的应到 {facts.eligible} 名、实到 {facts.present} 名，不足 {plain(quorum.value)}%，选举无效。")
        elif share == said:
            yield _finding("just_quorum", False, quorum, f"实到 {facts.present} 名刚好是应到的 {plain(quorum.value)}%；较早的选举办法要求“超过”，请按当时适用的办法核对。")


def members(facts: Facts, rules: Rules, today: date) -> Iterator[Finding]:
    least = rules["group_min"]
    if small := [name for name, count in sorted(facts.groups.items()) if count < least.value]:
        yield _finding("group_small", False, least, f"{'、'.join(small)}不足 {plain(least.value)} 名党员。")
    if facts.unreached:
        yield Finding("unreached", WARNING, f"外出党员 {facts.unreached} 名没有登记联系人，请补登并保持联系。", OWN_RECORD)


CHECKS = (size, hosts, committee, term, election, members)


def findings(facts: Facts, rules: Rules, today: date) -> list[Finding]:
    """Everything that speaks against the branch, what breaks a regulation first."""
    found: Iterable[Finding] = (one for check in CHECKS for one in check(facts, rules, today))
    return sorted(found, key=lambda one: one.level != ERROR)


def dues(base: Decimal | None, rate: Decimal | None, rules: Rules) -> Decimal | None:
    """Monthly dues in 元, to the fen: by the branch's own ``rate`` (reduced or waived) where one is decided, else by the bands."""
    if base is None:
        return None
    if rate is None:
        rate = rules["dues_low" if base <= rules["dues_limit"].value else "dues_high"].value
    return (base * rate / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
