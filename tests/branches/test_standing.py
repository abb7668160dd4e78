"""How branches stand, kept: it never differs from what a fresh judgement says, whatever changed it and whoever asks."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction

from apps.branches.actions.dues import register_dues
from apps.branches.actions.rules import new_rule
from apps.branches.metrics import OF_BRANCHES
from apps.branches.models import Branch, BranchHost, PartyMember, Standing, StandingMark
from apps.branches.selectors.branches import branches, heat, lines, looking, tally
from apps.branches.selectors.standing import FLAGS, GOODS, LOOKS, count_anew, settle
from apps.core.metrics import METRICS
from apps.core.scope import Scope, entered, system_scope
from tests.branches.conftest import TODAY

DIRECT = {
    "branches_branchhost", "branches_partymember", "branches_committee", "branches_participation", "branches_ballot", "branches_pledge", "branches_rectification",
    "branches_quartersheet", "branches_inspection", "branches_branch", "branches_committeemember", "branches_duespayment",
}  # fmt: skip


@pytest.fixture
def branch(set_up, comrade):
    return set_up(members=[comrade(f"党员{n}") for n in range(4)])


def keys(branch, today=TODAY) -> set[str]:
    with system_scope("test") as scope:
        return {one.key for one in lines(branches(scope).filter(pk=branch.pk), today)[0].findings}


def marks(branch) -> int:
    return StandingMark.objects.filter(branch_id=branch.pk).count()


def settled(branch, today=TODAY) -> int:
    with system_scope("test") as scope:
        return settle(branches(scope).filter(pk=branch.pk), today)


def test_it_is_counted_once_and_again_the_next_day(branch):
    assert settled(branch) == 1
    assert settled(branch) == 0
    assert settled(branch, TODAY + timedelta(days=1)) == 1


def test_every_table_it_rests_on_leaves_a_mark():
    """The triggers there are; a table the judgement learns to read must be added to the migration."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_object_table, count(DISTINCT event_manipulation) FROM information_schema.triggers WHERE trigger_name LIKE '%%\\_marks\\_%%' GROUP BY 1")
        assert dict(cursor.fetchall()) == dict.fromkeys(DIRECT, 3)


def test_what_the_judgement_reads_is_what_is_watched(branch):
    """Every table of this app that is read while counting is one with triggers."""
    read = set()
    with system_scope("test"):
        names = [name for name in connection.introspection.table_names() if name.startswith("branches_")]

    def watch(execute, sql, params, many, context):
        read.update(name for name in names if f'"{name}"' in sql or f" {name} " in sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        count_anew([branch.pk], TODAY)
    assert {"branches_partymember", "branches_participation"} <= read
    assert read - {"branches_standing", "branches_standingmark", "branches_branchrule"} <= DIRECT


def test_a_change_shows_at_once(branch, officer):
    assert "too_few" not in keys(branch)
    with system_scope("test"):
        PartyMember.objects.filter(branch=branch).exclude(pk=PartyMember.objects.filter(branch=branch).first().pk).update(left_on=TODAY, left_reason="transferred")
    assert marks(branch) == 1
    assert "too_few" in keys(branch)
    assert marks(branch) == 0


def test_a_rule_in_force_from_tomorrow_counts_tomorrow(branch, officer):
    tomorrow = TODAY + timedelta(days=1)
    assert "too_few" not in keys(branch)
    new_rule(key="min_formal", value=Decimal(9), basis="practice", source="本地文件", valid_from=tomorrow, by=officer, today=TODAY)
    assert "too_few" not in keys(branch)
    assert "too_few" in keys(branch, tomorrow)


def test_a_change_taken_back_leaves_nothing(branch):
    settled(branch)
    with system_scope("test"), transaction.atomic():
        BranchHost.objects.filter(branch=branch).delete()
        PartyMember.objects.filter(branch=branch).update(left_on=TODAY, left_reason="transferred")
        transaction.set_rollback(True)
    assert marks(branch) == 0
    assert "too_few" not in keys(branch)


def test_dues_are_watched_through_the_member(branch, officer):
    january = date(2026, 1, 1)
    with system_scope("test"):
        member = PartyMember.objects.filter(branch=branch).first()
        PartyMember.objects.filter(branch=branch).update(joined_on=january)
        settle(Branch.objects.all(), TODAY)
        register_dues(branch=branch, members=[member.pk], first=january, last=january, paid_on=TODAY, by=officer, today=TODAY, amount=Decimal(10))
    assert marks(branch) >= 1
    assert "dues_red" in keys(branch)


def test_a_dissolved_branch_has_nothing_against_it_and_counts_nowhere(branch):
    with system_scope("test") as scope:
        Branch.objects.filter(pk=branch.pk).update(dissolved_on=TODAY, dissolved_why="合并")
        settle(branches(scope), TODAY)
        kept = Standing.objects.get(branch=branch)
    assert kept.findings == kept.keys == []
    assert "branches" not in kept.flags


def test_it_doesn_t_matter_who_asks(branch, places):
    """Counted by the branch's own unit, it is what the whole deployment would have counted."""
    own = Scope((places["浔阳区教育局"].path,))
    with entered(own):
        assert settle(branches(own), TODAY) == 1
        told = [[one.key, one.level, one.sentence, one.source] for one in lines(branches(own), TODAY)[0].findings]
    assert told
    with system_scope("test"):
        assert Standing.objects.get(branch=branch).findings == told
        count_anew([branch.pk], TODAY)
        assert Standing.objects.get(branch=branch).findings == told
    with entered(neighbour := Scope((places["濂溪区"].path,))):
        assert not branches(neighbour).exists()
        assert not Standing.objects.exists()


def test_figures_above_the_list_are_the_lists(branch, set_up):
    set_up("空支部")
    with system_scope("test") as scope:
        found = branches(scope)
        counted = tally(found, TODAY)
        assert counted.branches == 2
        assert counted.members == 4
        for look in LOOKS:
            assert counted.by_look[look] == looking(found, look, TODAY).count(), look


def test_the_heat_table_counts_what_its_cells_open(branch, set_up, places):
    set_up("空支部")
    with system_scope("test") as scope:
        rows = heat(scope, [places["九江市"], places["浔阳区"], places["濂溪区"]], TODAY)
        assert [row.org.name for row in rows] == ["九江市", "浔阳区"]
        for key, n, share in rows[0].cells:
            assert n == looking(branches(scope), key, TODAY).count(), key
            assert share == (2 - n) * 100 // 2
        assert list(rows[0].against) == list(GOODS)


def test_every_figure_of_branches_has_its_flag():
    assert {metric.flag for metric in METRICS.values() if metric.family is OF_BRANCHES} == set(FLAGS)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_while_it_is_counted_isn_t_lost(branch):
    """The counter has taken the mark away and read the facts; the writer commits afterwards; the next reader counts again."""
    settled(branch)
    began, go = threading.Event(), threading.Event()

    def write():
        try:
            with system_scope("test"):
                PartyMember.objects.filter(branch=branch).update(left_on=TODAY, left_reason="transferred")
                began.set()
                go.wait(20)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    assert began.wait(20)
    assert settled(branch, TODAY + timedelta(days=1)) == 1
    assert "too_few" not in keys(branch, TODAY + timedelta(days=1))
    go.set()
    writer.join(20)
    assert "too_few" in keys(branch, TODAY + timedelta(days=1))
