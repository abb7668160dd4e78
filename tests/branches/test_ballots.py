"""群众评议: one code one vote, nothing that leads from a code to an answer, no result that gives somebody away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import OrgOwned
from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.branches.actions import ballots as actions
from apps.branches.actions import voting
from apps.branches.actions.applications import take_step
from apps.branches.actions.branches import change_branch, dissolve_branch
from apps.branches.models import BRANCH_PLACED, PERSON_PLACED, Application, Area, Ballot, BallotAnswer, BallotCode, Branch, Draw, ItemScore, Rectification, Standard
from apps.branches.selectors.ballots import counted, on_the_spot, remarks
from apps.core.one_time_codes import TRIES
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from tests.branches.conftest import FIELDS, TODAY

QUESTIONS = ["承诺兑现", "总体评价"]


@pytest.fixture(autouse=True)
def no_tries(db):
    cache.clear()


@pytest.fixture
def ballot(set_up, officer):
    branch = set_up()
    with system_scope("test"):
        return actions.open_ballot(branch=branch, title="2026 年群众评议", questions=QUESTIONS, closes_on=TODAY, by=officer, today=TODAY)


@pytest.fixture
def codes(ballot, officer):
    """``codes(member=3)`` gives plain codes, one list."""

    def issue(**wanted) -> list[str]:
        with system_scope("test"):
            return [code for made in actions.issue_codes(ballot=ballot, wanted=wanted, by=officer).values() for code in made]

    return issue


def cast(code, *grades, remark="", today=TODAY, address="1"):
    voting.vote(code=code, grades=grades or ("good", "good"), remark=remark, today=today, address=address)


def close(ballot, officer):
    with system_scope("test"):
        return actions.close_ballot(ballot=ballot, by=officer, today=TODAY, now=timezone.now())


@pytest.fixture
def inspected(set_up, officer, person):
    """An application that is being inspected; whoever applied is ``officer``."""
    branch = set_up()
    with system_scope("test"):
        standard = Standard.objects.get(state="in_force")
        return Application.objects.create(branch=branch, org=branch.org, standard=standard, year=TODAY.year, state="to_inspect", applied_by=officer)


def test_on_the_spot_it_is_in_the_hands_of_those_who_inspect(inspected, officer, person):
    inspector, values = person("浔阳区", Role.COUNTY_OFFICER), {"title": "现场测评", "questions": QUESTIONS, "closes_on": TODAY, "today": TODAY}
    with system_scope("test"):
        assert "由核查组办理" in refused(actions.open_ballot, branch=inspected.branch, application=inspected, by=officer, **values).sentence
    with system_scope("test"):
        made = actions.open_ballot(branch=inspected.branch, application=inspected, by=inspector, **values)
    with system_scope("test"):
        assert "由核查组办理" in refused(actions.issue_codes, ballot=made, wanted={"member": 3}, by=officer).sentence
    with system_scope("test"):
        assert "由核查组办理" in refused(actions.void_ballot, ballot=made, reason="不合心意", by=officer).sentence
    with system_scope("test"):
        codes = actions.issue_codes(ballot=made, wanted={"member": 6}, by=inspector)["member"]
    for code in codes:
        cast(code)
    with system_scope("test"):
        ItemScore.objects.bulk_create(
            ItemScore(application=inspected, item=item, org=inspected.org, org_path=inspected.org_path, team_score=item.points) for item in inspected.standard.items.all()
        )
    step = {"case": inspected, "step": "score", "by": inspector, "today": TODAY, "now": timezone.now()}
    with system_scope("test"):
        assert "现场测评还没有结束" in refused(take_step, **step).sentence
    close(made, inspector)
    with system_scope("test"):
        assert [(one.rate, one.voted) for one in on_the_spot(inspected)] == [(Decimal(100), 6)]
        assert take_step(**step).state == "scored"
    with system_scope("test"):
        assert "不在核查" in refused(actions.open_ballot, branch=inspected.branch, application=inspected, by=inspector, **values).sentence


def test_the_pages_keep_the_branch_out_of_what_is_asked_on_the_spot(inspected, client, person):
    inspector, secretary = person("浔阳区", Role.COUNTY_OFFICER, username="inspector"), person("浔阳区教育局", Role.BRANCH_SECRETARY, username="secretary")
    client.force_login(inspector)
    here, form = reverse("branches:application", args=[inspected.pk]), reverse("branches:onsite_add", args=[inspected.pk])
    assert form in client.get(here).content.decode()
    answer = client.post(form, {"title": "现场测评", "questions": "\n".join(QUESTIONS), "closes_on": timezone.localdate()}, follow=True)
    assert "发号码" in answer.content.decode()
    with system_scope("test"):
        made = Ballot.objects.get()
    assert "正在投票" in client.get(reverse("branches:application_score", args=[inspected.pk])).content.decode()
    client.force_login(secretary)
    page = client.get(reverse("branches:ballot", args=[made.pk])).content.decode()
    assert "作废" not in page
    for name in ("ballot_codes", "ballot_withdraw", "ballot_close", "ballot_void", "ballot_extend"):
        assert client.post(reverse(f"branches:{name}", args=[made.pk]), {"member": 1, "version": made.version}).status_code == 403, name
    assert client.get(form).status_code == 403


def refused(act, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    return caught.value


def test_a_code_votes_once_however_it_is_typed(codes, ballot):
    (code,) = codes(member=1)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    cast(f" {wide[:5]} - {wide[5:]} ")
    assert refused(cast, code).code == "unknown_code"
    with system_scope("test"):
        assert BallotAnswer.objects.count() == 1
        assert BallotCode.objects.count() == 0


def test_an_answer_is_whole_or_nothing(codes):
    (code,) = codes(mass=1)
    for grades in (("good",), ("good", "splendid"), ("good", "")):
        assert refused(cast, code, *grades).field == "q1"
    cast(code, "good", "poor")


@pytest.mark.django_db(transaction=True)
def test_six_who_use_one_code_at_once_vote_once(codes):
    (code,) = codes(member=1)

    def press(_):
        try:
            cast(code)
        except Refused as problem:
            return problem.code
        finally:
            connections.close_all()
        return "voted"

    with ThreadPoolExecutor(6) as pool:
        said = sorted(pool.map(press, range(6)))
    assert said == ["unknown_code"] * 5 + ["voted"]
    with system_scope("test"):
        assert BallotAnswer.objects.count() == 1


def test_nothing_leads_from_a_code_to_an_answer(codes, ballot, officer):
    made = codes(member=6)
    with system_scope("test"):
        before = AuditEvent.objects.count()
        stored = {row.digest for row in BallotCode.objects.all()}
    assert not any(code in digest for code in made for digest in stored)
    for n, code in enumerate(made):
        cast(code, "good", "poor" if n == 2 else "good", remark=f"第{n}人")
    with system_scope("test"):
        assert {field.name for field in BallotAnswer._meta.fields} == {"id", "org_path", "org", "ballot", "group", "grades", "remark"}
        assert BallotCode.objects.count() == 0
        assert AuditEvent.objects.count() == before
        keys = set(BallotAnswer.objects.values_list("pk", flat=True))
    close(ballot, officer)
    with system_scope("test"), connection.cursor() as cursor:
        assert not keys & set(BallotAnswer.objects.values_list("pk", flat=True))
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM branches_ballotanswer")
        assert cursor.fetchone() == (1,)
        assert sorted(remarks(Ballot.objects.get())) == [f"第{n}人" for n in range(6)]


def test_the_result_is_cut_not_rounded_up_and_told_against_the_threshold_of_its_day(codes, ballot, officer):
    for n, code in enumerate(codes(member=6, mass=3)):
        cast(code, "good", "good" if n < 4 else "fair" if n < 8 else "unknown")
    closed = close(ballot, officer)
    assert (closed.rate, closed.voted, closed.short) == (Decimal("88.88"), 9, True)
    with system_scope("test"):
        opened = Rectification.objects.get(ballot=closed)
    assert (opened.source, opened.problem) == ("ballot", f"{closed.title}：总体满意率 88.88 %，低于 90 %")
    with system_scope("test"):
        tally = counted(closed)
    assert tally.lines[1][1] == {"good": 4, "fair": 4, "poor": 0, "unknown": 1}
    assert tally.lines[0][2] == Decimal("100.00")


def test_a_small_group_is_not_shown_nor_left_over_as_a_difference(codes, ballot):
    for code in codes(member=6, mass=4):
        cast(code)
    with system_scope("test"):
        assert counted(ballot).groups == []
    for code in codes(mass=1):
        cast(code)
    with system_scope("test"):
        assert [(label, n) for label, n, _ in counted(ballot).groups] == [("党员", 6), ("群众代表", 5)]


def test_nobody_sees_a_result_or_remarks_before_the_end(codes, ballot, client, officer):
    for code in codes(member=6):
        cast(code, remark="悄悄话")
    client.force_login(officer)
    page = client.get(f"/branches/ballots/{ballot.pk}/").content.decode()
    assert "已收回 <strong>6</strong>" in page
    assert "悄悄话" not in page
    assert "满意率</th>" not in page


def test_too_few_votes_make_no_result(codes, ballot, officer):
    for code in codes(member=4):
        cast(code)
    assert "不足 5 票" in refused(close, ballot, officer).sentence
    with system_scope("test"):
        gone = actions.void_ballot(ballot=ballot, reason="人没到齐", by=officer)
        assert gone.state == "void"
        assert not BallotAnswer.objects.exists()


def test_after_the_last_day_and_after_the_end_no_vote_counts(codes, ballot, officer):
    made = codes(member=7)
    assert refused(cast, made[6], today=TODAY + timedelta(days=1)).code == "ballot_over"
    for code in made[:5]:
        cast(code)
    close(ballot, officer)
    assert refused(cast, made[5]).code == "unknown_code"
    with system_scope("test"):
        assert refused(actions.issue_codes, ballot=ballot, wanted={"member": 1}, by=officer).code == "ballot_state"


def test_lost_slips_are_withdrawn_and_who_has_voted_stays(codes, ballot, officer):
    first, second = codes(member=2)
    cast(first)
    with system_scope("test"):
        assert actions.withdraw_codes(ballot=ballot, by=officer) == 1
        assert Ballot.objects.get().issued["member"] == 1
    assert refused(cast, second).code == "unknown_code"


def test_pressing_twice_gives_out_no_second_set(ballot, officer):
    with system_scope("test"):
        actions.issue_codes(ballot=ballot, wanted={"member": 2}, by=officer, version=ballot.version)
        with pytest.raises(Stale):
            actions.issue_codes(ballot=ballot, wanted={"member": 2}, by=officer, version=ballot.version)
        assert BallotCode.objects.count() == 2
        assert refused(actions.issue_codes, ballot=ballot, wanted={"mass": 501}, by=officer).field == "mass"
        assert refused(actions.issue_codes, ballot=ballot, wanted={}, by=officer).code == "no_codes"


def test_guessing_is_slowed_down_per_address(codes):
    (code,) = codes(member=1)
    for n in range(TRIES):
        assert refused(cast, f"{n:010d}", address="9").code == "unknown_code"
    assert refused(cast, code, address="9").code == "too_many_tries"
    cast(code, address="8")


def test_one_open_ballot_a_branch_and_none_of_a_dissolved_one(ballot, officer, scope_of):
    with system_scope("test"):
        given = {"branch": ballot.branch, "title": "再评", "questions": QUESTIONS, "closes_on": TODAY, "by": officer, "today": TODAY}
        assert "还没有结束" in refused(actions.open_ballot, **given).sentence
        assert refused(actions.open_ballot, **given | {"questions": ["一", "一"]}).field == "questions"
        assert refused(actions.open_ballot, **given | {"questions": [" "]}).field == "questions"
        assert refused(actions.open_ballot, **given | {"closes_on": TODAY - timedelta(days=1)}).field == "closes_on"
        assert refused(dissolve_branch, branch=ballot.branch, reason="合并", on=TODAY, by=officer, today=TODAY).code == "ballot_open"


def test_what_lies_where_the_branch_lies_moves_with_it(codes, ballot, officer, places):
    cast(*codes(member=1))
    codes(member=1)
    with system_scope("test") as scope:
        change_branch(scope=scope, branch=ballot.branch, org=places["浔阳区"], hosts=[], by=officer, today=TODAY, **FIELDS, name="改隶支部")
        path = places["浔阳区"].path
        assert Ballot.objects.get().org_path == BallotCode.objects.get().org_path == BallotAnswer.objects.get().org_path == path


def test_every_table_of_branches_says_where_its_rows_lie():
    owned = {model for model in apps.get_app_config("branches").get_models() if issubclass(model, OrgOwned)}
    assert owned == {model for model, _ in BRANCH_PLACED} | set(PERSON_PLACED) | {Area, Branch, Draw}
