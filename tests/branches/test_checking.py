"""Every rule at its edge, and that only a regulation breaks."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.branches.checking import Facts, Rule, dues, findings
from apps.branches.standards import RULES

RULES_NOW = {key: Rule(Decimal(value), source, basis) for key, _, value, _, basis, source in RULES}
TODAY = date(2026, 11, 22)
FULL = {"secretary": (1,), "organisation": (2,), "publicity": (3,), "discipline": (3,)}


def said(rules=RULES_NOW, today=TODAY, **given) -> dict[str, str]:
    """Key → level. By default a sound branch of ten with a committee of three."""
    facts = Facts(**({"kind": "branch", "formal": 10, "posts": FULL, "starts_on": date(2025, 6, 1), "ends_on": date(2028, 6, 1)} | given))
    return {one.key: one.level for one in findings(facts, rules, today)}


def test_a_sound_branch_has_none():
    assert said() == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"formal": 2, "posts": {"secretary": (1,)}}, {"too_few": "error"}),
        ({"formal": 3, "posts": {"secretary": (1,)}}, {}),
        ({"formal": 2, "probationary": 5, "posts": {"secretary": (1,)}}, {"too_few": "error"}),
        ({"formal": 45, "probationary": 5}, {}),
        ({"formal": 45, "probationary": 6}, {"too_many": "warning"}),
        ({"formal": 6, "posts": {"secretary": (1,), "deputy": (2,)}}, {}),
        ({"formal": 6, "posts": {"secretary": (1,), "other": (2,)}}, {"committee_not_needed": "warning"}),
        ({"formal": 7, "posts": {"secretary": (1,), "deputy": (2,)}}, {"committee_small": "error", "posts_missing": "warning"}),
        ({"formal": 7}, {}),
        ({"posts": FULL | {"other": (4, 5)}}, {}),
        ({"posts": FULL | {"other": (4, 5, 6)}}, {"committee_large": "warning"}),
        ({"posts": FULL | {"other": (4, 5, 6, 7, 8)}}, {"committee_large": "warning"}),
        ({"posts": {"organisation": (1,), "publicity": (2,), "discipline": (3,)}}, {"no_secretary": "error"}),
        ({"kind": "joint", "hosts": 5}, {}),
        ({"kind": "joint", "hosts": 6}, {"too_many_units": "warning"}),
        ({"kind": "joint", "hosts": 1}, {"one_unit": "warning"}),
        ({"kind": "functional", "formal": 1, "posts": {}}, {"no_secretary": "warning"}),
        ({"kind": "temporary", "formal": 1, "elected_on": TODAY}, {"temporary_elected": "warning"}),
        ({"kind": "general", "formal": 0, "posts": {"secretary": ("李",)}}, {}),
        ({"seats": 3, "candidates": 4}, {}),
        ({"seats": 3, "candidates": 3}, {"no_surplus": "error"}),
        ({"seats": 5, "candidates": 6}, {}),
        ({"seats": 6, "candidates": 7}, {"no_surplus": "error"}),
        ({"eligible": 10, "present": 9}, {}),
        ({"eligible": 10, "present": 8}, {"just_quorum": "warning"}),
        ({"eligible": 10, "present": 7}, {"no_quorum": "error"}),
        ({"groups": {"一组": 3, "二组": 2}}, {"group_small": "warning"}),
        ({"unreached": 1}, {"unreached": "warning"}),
        ({"ends_on": date(2028, 6, 2)}, {"term_long": "warning"}),
        ({"ends_on": date(2030, 6, 1), "community": True}, {}),
        ({"starts_on": date(2024, 2, 29), "ends_on": date(2027, 2, 28), "today": date(2026, 1, 1)}, {}),
    ],
)
def test_at_the_edge(given, expected):
    assert said(**given) == expected


@pytest.mark.parametrize(
    ("left", "word"),
    [(181, ""), (180, "请准备换届请示"), (91, "请准备换届请示"), (90, "请报候选人"), (31, "请报候选人"), (30, "请抓紧选举"), (0, "请抓紧选举"), (-1, "超过 1 天：请换届")],
)
def test_the_end_of_a_term(left, word):
    end = TODAY + timedelta(days=left)
    found = findings(Facts(kind="branch", formal=10, posts=FULL, starts_on=end - timedelta(days=1000), ends_on=end), RULES_NOW, TODAY)
    assert [one.level for one in found] == ([] if left > 180 else ["error"] if left < 0 else ["warning"])
    assert not word or word in found[0].sentence


def test_what_rests_on_a_proposal_never_breaks_a_regulation():
    own = RULES_NOW | {"min_formal": Rule(Decimal(5), "本局做法", "practice")}
    assert said(own, formal=4, posts={"secretary": (1,)}) == {"too_few": "warning"}


def test_every_finding_names_its_source():
    bad = Facts(kind="branch", formal=1, eligible=10, present=1, seats=3, candidates=3, groups={"一": 1}, unreached=1, starts_on=date(2020, 1, 1), ends_on=date(2024, 1, 1))
    found = findings(bad, RULES_NOW, TODAY)
    assert {one.key for one in found} == {"too_few", "no_secretary", "term_long", "term_over", "no_surplus", "no_quorum", "group_small", "unreached"}
    assert all(one.source for one in found)
    assert [one.level for one in found] == sorted((one.level for one in found), key=lambda level: level != "error")


def test_dues_go_by_bands_unless_the_branch_decided():
    assert dues(None, None, RULES_NOW) is None
    for base, rate, due in (("5000", None, "25.00"), ("5000.01", None, "50.00"), ("4321.50", None, "21.61"), ("8000", "0", "0.00"), ("8000", "0.5", "40.00")):
        assert dues(Decimal(base), Decimal(rate) if rate else None, RULES_NOW) == Decimal(due)
