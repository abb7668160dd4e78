"""示范党支部: the standard sums up and is versioned; every state against every step; who may not judge; scores, gates, 公示, the name and its loss."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import Role
from apps.branches import rubric
from apps.branches.actions import applications as actions
from apps.branches.actions import rectifications
from apps.branches.actions import standards as revising
from apps.branches.actions.activities import log_activity
from apps.branches.actions.applications import Given
from apps.branches.actions.branches import change_branch, dissolve_branch
from apps.branches.actions.committees import Holder, save_committee
from apps.branches.models import (
    Application,
    ApplicationState,
    ApplicationStep,
    ItemScore,
    Objection,
    PartyMember,
    Rectification,
    Standard,
    StandardItem,
    StandardState,
)  # fmt: skip
from apps.branches.selectors import applications as selectors
from apps.branches.selectors.facts import FACTS, facts_for
from apps.branches.standards import EVIDENCE, load_rubric
from apps.branches.workflow import APPLY, APPLY_STEPS
from apps.core.draw import drawn
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from apps.files.models import StoredFile
from tests.branches.conftest import FIELDS, TODAY
from tests.branches.test_activities import VALUES

S = ApplicationState
SHOWN = TODAY + timedelta(days=1)
NAMED = TODAY + timedelta(days=30)
WAY = {
    S.DRAFT: (), S.SUBMITTED: ("submit",), S.RETURNED: ("submit", "return"), S.TO_INSPECT: ("submit", "review"), S.SCORED: ("submit", "review", "score"),
    S.RECTIFYING: ("submit", "review", "score", "rectify"), S.PROPOSED: ("submit", "review", "score", "propose"), S.PUBLIC: ("submit", "review", "score", "propose", "publish"),
    S.NAMED: ("submit", "review", "score", "propose", "publish", "name"), S.YELLOW: ("submit", "review", "score", "propose", "publish", "name", "yellow"),
    S.REMOVED: ("submit", "review", "score", "propose", "publish", "name", "remove"), S.FAILED: ("submit", "refuse"), S.WITHDRAWN: ("withdraw",),
}  # fmt: skip
"""State → the steps that lead there."""
PAIRS = [(state, step) for state in S.values for step in APPLY_STEPS]


@pytest.fixture
def people(person):
    return {
        "支部": person("浔阳区教育局", Role.BRANCH_SECRETARY, username="secretary"), "县区": person("浔阳区", Role.COUNTY_OFFICER, username="inspector"),
        "局务会": person("浔阳区", Role.LEADER, username="leader"),
    }  # fmt: skip


@pytest.fixture
def branch(set_up, comrade, officer):
    found = set_up(members=[comrade(f"党员{n}") for n in range(4)])
    with system_scope("test"):
        first = PartyMember.objects.filter(branch=found).order_by("pk").first()
        save_committee(branch=found, holders=[Holder("secretary", first.cadre_id)], by=officer, today=TODAY, starts_on=date(2025, 1, 1))
        log_activity(branch=found, once=uuid.uuid4(), by=officer, today=TODAY, **VALUES)
    return found


@pytest.fixture
def case(branch, people):
    with system_scope("test") as scope:
        made = actions.begin_application(scope=scope, branch=branch, by=people["支部"], today=TODAY, now=timezone.now())
        items = list(made.standard.items.all())
        given = {item.pk: Given(item.points) for item in items}
        return actions.write_application(case=made, story="主要做法", honours="", bonus=Decimal(0), bonus_why="", given=given, by=people["支部"])


@pytest.fixture
def score(people):
    def take(case, lost=0, by=None, **more):
        with system_scope("test"):
            items = list(case.standard.items.all())
            given = {item.pk: Given(item.points) for item in items}
            if lost:
                given[items[0].pk] = Given(items[0].points - lost, "缺一个岗位")
            return actions.score_items(case=case, team="张三、李四", given=given | more.get("given", {}), by=by or people["县区"], today=TODAY)

    return take


@pytest.fixture
def step(people, score):
    def take(case, key, **given):
        who = APPLY_STEPS[key].actor
        values = {"note": "说明", "by": people.get(who, people["县区"]), "today": NAMED if key in ("name", "yellow", "remove", "lookback", "restore") else TODAY}
        if key == "score":
            score(case)
        with system_scope("test") as scope:
            values |= {"submit": {"scope": scope}, "name": {"document_no": "浔老干〔2026〕9号"}}.get(key, {})
            return actions.take_step(case=case, step=key, now=timezone.now(), **values | given)

    return take


@pytest.fixture
def bring(step):
    def to(case, state):
        for key in WAY[state]:
            case = step(case, key)
        return case

    return to


def mend_all(case):
    with system_scope("test"):
        Rectification.objects.filter(branch=case.branch).update(state="void")


@pytest.mark.parametrize(("state", "key"), PAIRS)
def test_every_state_against_every_step(case, bring, step, score, people, state, key):
    case = bring(case, state)
    mend_all(case)
    with system_scope("test"):
        before = ApplicationStep.objects.count()
    if state in APPLY_STEPS[key].sources:
        moved = step(case, key)
        assert moved.state == APPLY_STEPS[key].target
        with system_scope("test"):
            last = ApplicationStep.objects.filter(case=case).order_by("-pk")[0]
        assert (last.step, last.before, last.after) == (key, state, moved.state)
        return
    with system_scope("test") as scope, pytest.raises(Refused) as problem:
        actions.take_step(case=case, step=key, by=people["局务会"], today=NAMED, now=timezone.now(), note="说明", **({"scope": scope} if key == "submit" else {}))
    assert problem.value.status == 409
    with system_scope("test"):
        assert ApplicationStep.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_six_propose_and_one_does(case, bring, people):
    bring(case, S.SCORED)

    def press(_):
        try:
            with system_scope("test"):
                actions.take_step(case=case, step="propose", by=people["局务会"], today=TODAY, now=timezone.now())
            return 1
        except Refused:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(press, range(6))) == 1


def test_the_default_standard_sums_to_a_hundred_and_is_loaded_once():
    assert sum(Decimal(row[2]) for row in rubric.ITEMS) == 100
    assert {row[7] for row in rubric.ITEMS} - {""} == set(FACTS)
    assert [len([row for row in rubric.ITEMS if row[0] == group]) for group in dict.fromkeys(row[0] for row in rubric.ITEMS)] == [6, 3, 4, 4, 4, 4, 4]
    assert load_rubric() == 0
    standard = Standard.objects.get(state="in_force")
    assert selectors.total_of(standard) == standard.total == 100


def test_a_standard_in_force_is_changed_by_a_new_version(case, officer):
    old = case.standard
    with pytest.raises(Refused, match="不能直接改"):
        revising.change_standard(standard=old, lines=[], basis="x", pass_score=Decimal(90), publicity_days=5, by=officer)
    draft = revising.revise_standard(by=officer)
    with pytest.raises(Refused, match="已经有一份修订中"):
        revising.revise_standard(by=officer)
    first, second = list(draft.items.all())[:2]

    def line(item, points):
        return revising.Line(item.pk, Decimal(points), item.requirement, item.deduction, item.evidence, item.source)

    given = {"standard": draft, "basis": "浔老干〔2026〕3号", "pass_score": Decimal(85), "publicity_days": 7, "by": officer}
    for bad, field in ((line(first, 0), f"points_{first.pk}"), (revising.Line(first.pk, Decimal(5), " ", "", "", ""), f"requirement_{first.pk}")):
        with pytest.raises(Refused) as problem:
            revising.change_standard(lines=[bad], **given)
        assert problem.value.field == field
    revising.change_standard(lines=[line(first, 6)], **given)
    with pytest.raises(Refused, match="合计 101"):
        revising.put_in_force(standard=draft, by=officer)
    with pytest.raises(Stale):
        revising.change_standard(lines=[], version=1, **given)
    revising.change_standard(lines=[line(second, 4)], **given)
    revising.put_in_force(standard=draft, by=officer)
    assert set(Standard.objects.values_list("number", "state")) == {(1, "retired"), (2, "in_force")}
    with system_scope("test"):
        case.refresh_from_db()
        assert (case.standard, case.standard.state) == (old, StandardState.RETIRED), "what was begun by the old one goes on by it"
        assert StandardItem.objects.filter(standard=old).count() == 29


def test_pre_filled_from_the_books_with_the_list_behind(branch, people):
    with system_scope("test") as scope:
        made = actions.begin_application(scope=scope, branch=branch, by=people["支部"], today=TODAY, now=timezone.now())
        rows = {row.item.fact: row for row in selectors.scores(made)}
        assert (rows["term"].self_score, rows["term"].fact_text) == (Decimal("4.0"), "任期未满")
        assert (rows["lectures"].self_score, rows["lectures"].fact_text) == (Decimal("0.0"), "今年党课 0 次，书记讲 0 次")
        assert rows["themes"].fact_text == "主题党日 1 次；已过 10 期，缺 10 期"
        assert rows["meetings"].self_score == Decimal("1.0")
        assert rows["attendance"].fact_text == "今年到会率 0 %"
        assert rows[""].self_score is None
        facts = facts_for(scope, branch, made.standard.items.all(), TODAY)
        assert all(0 <= fact.points <= 5 for fact in facts.values() if fact.points is not None)
        assert all(fact.url.startswith("/branches/") for fact in facts.values())


def test_what_keeps_a_branch_from_applying(case, step, branch, people, set_up):
    with system_scope("test") as scope:
        ItemScore.objects.filter(application=case).update(self_score=None)
    with pytest.raises(Refused, match="还有 29 项没有自评分"):
        step(case, "submit")
    with system_scope("test") as scope:
        ItemScore.objects.filter(application=case).update(self_score=1)
        PartyMember.objects.filter(branch=branch).exclude(pk=branch.members.first().pk).update(left_on=TODAY, left_reason="transferred")
    with pytest.raises(Refused, match="现在不能申报：正式党员 1 名"):
        step(case, "submit")
    with system_scope("test") as scope, pytest.raises(Refused, match="已有一份申报"):
        actions.begin_application(scope=scope, branch=branch, by=people["支部"], today=TODAY, now=timezone.now())
    other = set_up("书画班", org="浔阳区", kind="functional")
    with system_scope("test") as scope, pytest.raises(Refused, match="组织关系所在"):
        actions.begin_application(scope=scope, branch=other, by=people["支部"], today=TODAY, now=timezone.now())


def test_what_is_said_at_the_field(case, people):
    item = case.standard.items.first()
    plain = {"case": case, "story": "x", "honours": "", "bonus": Decimal(0), "bonus_why": "", "given": {}, "by": people["支部"]}
    pdf = SimpleUploadedFile("a.pdf", b"%PDF-1.4 x", content_type="application/pdf")
    for given, field in (
        ({"story": "字" * 1501}, "story"), ({"bonus": Decimal(11)}, "bonus"), ({"bonus": Decimal(2)}, "bonus_why"),
        ({"given": {item.pk: Given(item.points + 1)}}, f"self_{item.pk}"),
        ({"given": {item.pk: Given(Decimal(-1))}}, f"self_{item.pk}"), ({"papers": {item.pk: [SimpleUploadedFile("a.exe", b"MZ")]}}, f"papers_{item.pk}"),
        ({"papers": {item.pk: [pdf] * 61}}, f"papers_{item.pk}"),
    ):  # fmt: skip
        with system_scope("test"), pytest.raises(Refused) as problem:
            actions.write_application(**plain | given)
        assert problem.value.field == field
    with system_scope("test"):
        pdf.seek(0)
        actions.write_application(**plain | {"papers": {item.pk: [pdf]}})
        assert selectors.evidence(case).get().name == "01 a.pdf"
        assert [[paper.file.name for paper in row.papers.all()] for row in selectors.scores(case) if row.papers.all()] == [["01 a.pdf"]]
        with pytest.raises(Stale):
            actions.write_application(**plain, version=1)


def test_who_applied_judges_nothing_of_it(case, step, bring, people, score):
    step(case, "submit", by=people["县区"])
    for key, who in (("review", "县区"), ("return", "县区"), ("refuse", "县区")):
        with pytest.raises(Refused, match="须由别人办理"):
            step(case, key, by=people[who])
    with system_scope("test"):
        for name in ("reviewed_by", "scored_by", "named_by"):
            with pytest.raises(IntegrityError), transaction.atomic():
                Application.objects.filter(pk=case.pk).update(**{name: people["县区"]})


def test_an_inspector_never_scores_the_own_unit(case, bring, people, score, places):
    bring(case, S.TO_INSPECT)
    Membership.objects.create(user=people["县区"], org=places["浔阳区教育局"], role=Role.WORKER, starts_on=date(2020, 1, 1))
    with pytest.raises(Refused, match="在这个支部的管理单位任职"):
        score(case)


def test_points_taken_off_ask_for_the_reason(case, bring, people, score):
    bring(case, S.TO_INSPECT)
    item = case.standard.items.first()
    with system_scope("test"):
        given = {"case": case, "team": "张三", "by": people["县区"], "today": TODAY}
        for one, field in ((Given(item.points - 1), f"why_{item.pk}"), (Given(item.points + 1), f"team_{item.pk}")):
            with pytest.raises(Refused) as problem:
                actions.score_items(given={item.pk: one}, **given)
            assert problem.value.field == field
        with pytest.raises(Refused) as problem:
            actions.score_items(given={}, **given | {"team": " "})
        assert problem.value.field == "team"
        with pytest.raises(Refused, match="没有核查分"):
            actions.take_step(case=case, step="score", by=people["县区"], today=TODAY, now=timezone.now())


def test_below_the_line_nobody_is_named_and_mending_leads_back_to_the_inspection(case, step, people, score):
    for key in ("submit", "review"):
        step(case, key)
    with system_scope("test"):
        items = list(case.standard.items.all())
        given = {item.pk: Given(item.points - (item.points if n < 3 else 0), "没有") for n, item in enumerate(items)}
        actions.score_items(case=case, team="张三", given=given, by=people["县区"], today=TODAY)
        scored = actions.take_step(case=case, step="score", by=people["县区"], today=TODAY, now=timezone.now())
    assert scored.team_total == 85
    with pytest.raises(Refused, match="不到命名分数线 90"):
        step(case, "propose")
    step(case, "rectify", due_on=TODAY + timedelta(days=20), note="补齐班子")
    with pytest.raises(Refused, match="还有整改没有销号"):
        step(case, "rescore")
    with system_scope("test"):
        problem = Rectification.objects.get(branch=case.branch)
        assert (problem.problem, problem.due_on) == ("限期整改：补齐班子", TODAY + timedelta(days=20))
        pdf = SimpleUploadedFile("a.pdf", b"%PDF-1.4 x", content_type="application/pdf")
        act = {"case": problem, "today": TODAY, "now": timezone.now()}
        rectifications.take_step(step="report", result="补了", proofs=[pdf], by=people["支部"], **act)
        rectifications.take_step(step="close", by=people["县区"], **act)
    assert step(case, "rescore").team_total is None
    assert step(case, "score").team_total == 100


def test_objections_are_heard_while_it_is_shown_and_answered_before_the_name(case, bring, step, people):
    shown = bring(case, S.PUBLIC)
    assert (shown.public_from, shown.public_to) == (TODAY, date(2026, 11, 27)), "five working days on"
    with pytest.raises(Refused, match="公示到 2026-11-27 为止"):
        step(case, "name", today=shown.public_to)
    with pytest.raises(Refused) as problem:
        actions.object_to(key=shown.public_key, text=" ", contact="", today=SHOWN)
    assert problem.value.field == "text"
    with pytest.raises(Refused, match="公示已经结束"):
        actions.object_to(key=shown.public_key, text="x", contact="", today=NAMED)
    made = actions.object_to(key=shown.public_key, text="台账是后补的", contact="", today=SHOWN)
    with pytest.raises(Refused, match="还没有核实"):
        step(case, "name")
    with system_scope("test"):
        actions.answer_objection(objection=made, answer="查了，属实部分已整改", by=people["县区"], today=SHOWN)
    with pytest.raises(Refused) as problem:
        step(case, "name", document_no=" ")
    assert problem.value.field == "document_no"
    assert step(case, "name").named_on == NAMED


def test_a_yellow_card_a_removal_and_another_try_a_year_later(case, bring, step, branch, people):
    bring(case, S.YELLOW)
    with pytest.raises(Refused, match="还有整改"):
        step(case, "restore")
    removed = step(case, "remove")
    assert removed.ended_on == NAMED
    mend_all(case)
    with system_scope("test") as scope:
        given = {"scope": scope, "branch": branch, "by": people["支部"], "now": timezone.now()}
        with pytest.raises(Refused, match="2027-12-22 起可以再申报"):
            actions.begin_application(today=NAMED + timedelta(days=300), **given)
        assert actions.begin_application(today=NAMED.replace(year=2027), **given).state == S.DRAFT


def test_everything_goes_with_the_branch(case, bring, branch, officer, places):
    bring(case, S.PUBLIC)
    with system_scope("test"):
        pdf = SimpleUploadedFile("a.pdf", b"%PDF-1.4 x", content_type="application/pdf")
        rectifications.save(pdf.read(), name="a.pdf", content_type="application/pdf", label=EVIDENCE, org=case.org, by=officer, subject_id=case.pk)
    actions.object_to(key=case.public_key, text="x", contact="", today=SHOWN)
    with system_scope("test") as scope:
        change_branch(scope=scope, branch=branch, org=places["浔阳区"], hosts=[], by=officer, today=TODAY, **FIELDS | {"name": branch.name})
        for model in (Application, ItemScore, ApplicationStep, Objection, StoredFile):
            assert set(model.objects.values_list("org_path", flat=True)) == {places["浔阳区"].path}, model


def test_a_branch_with_an_application_is_not_dissolved(case, step, branch, officer):
    with system_scope("test"):
        PartyMember.objects.filter(branch=branch).update(left_on=TODAY, left_reason="transferred")
        given = {"branch": branch, "reason": "合并", "on": TODAY, "by": officer, "today": TODAY}
        with pytest.raises(Refused, match="请先撤回或摘牌"):
            dissolve_branch(**given)
    step(case, "withdraw")
    with system_scope("test"):
        assert dissolve_branch(**given).dissolved_on == TODAY


def test_the_trail_can_be_neither_altered_nor_deleted(case, bring):
    bring(case, S.SUBMITTED)
    with system_scope("test"):
        for act in (lambda rows: rows.update(note="x"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                act(ApplicationStep.objects.filter(case=case))


def test_coverage_counts_who_may_be_named_and_who_is(case, bring, places, set_up):
    bring(case, S.NAMED)
    set_up("未命名支部", org="浔阳区")
    set_up("书画班", org="浔阳区", kind="functional")
    with system_scope("test") as scope:
        (row,) = selectors.coverage(scope, [places["浔阳区"], places["濂溪区"]])
        assert (row.eligible, row.named, row.fresh, row.share) == (2, 1, 2, 50)
        assert selectors.named_by_year(scope) == {2026: 1}
        assert APPLY.states(Application.objects.get().state).label == "已命名"


def test_what_vetoes_is_on_the_sheet_and_stops_the_name(case, step, people):
    for key in ("submit", "review"):
        step(case, key)
    veto = rubric.VETOES[0]
    items = list(case.standard.items.all())
    given = {"case": case, "team": "张三、李四", "given": {item.pk: Given(item.points) for item in items}, "by": people["县区"], "today": TODAY}
    for wrong, field in (({"veto": "没有这一条", "veto_why": "x"}, "veto"), ({"veto": veto}, "veto_why")):
        with system_scope("test"), pytest.raises(Refused) as problem:
            actions.score_items(**given, **wrong)
        assert problem.value.field == field
    with system_scope("test"):
        actions.score_items(**given, veto=veto, veto_why="据通报")
        actions.take_step(case=case, step="score", by=people["县区"], today=TODAY, now=timezone.now())
    with pytest.raises(Refused, match=veto):
        step(case, "propose")
    with system_scope("test"):
        case.refresh_from_db()
    assert (case.points, case.band) == (100, "好")
    assert (case.standard.band(Decimal("89.5")), case.standard.band(Decimal(60)), case.standard.band(None)) == ("较好", "一般", "")


def test_with_a_quota_the_city_names_no_more_than_that(case, bring, step, branch, set_up, comrade, people):
    Standard.objects.update(mode="quota", quota=Decimal(30))
    bring(case, S.SCORED)
    with pytest.raises(Refused, match="即 0 个，今年已有 0 个"):
        step(case, "propose")
    for n in range(3):
        set_up(f"又一支部{n}", org="濂溪区")
    step(case, "propose")
    with system_scope("test"):
        case.refresh_from_db()
    assert case.state == S.PROPOSED


@pytest.mark.django_db(transaction=True)
def test_the_last_place_of_a_quota_is_given_once(case, bring, step, branch, people, set_up, comrade):
    """Four branches and a quarter of them: of two that are ripe, proposed at the same moment, one gets the place."""
    Standard.objects.update(mode="quota", quota=Decimal(25))
    bring(case, S.SCORED)
    second = set_up("第二支部", org="浔阳区教育局", members=[comrade(f"又{n}") for n in range(3)])
    for n in range(2):
        set_up(f"别的支部{n}", org="浔阳区")
    with system_scope("test"):
        values = {name.attname: getattr(case, name.attname) for name in Application._meta.fields if name.attname not in ("id", "branch_id", "public_key", "org_path")}
        case.refresh_from_db()
        other = Application(**values | {"branch_id": second.pk, "state": S.SCORED, "team_total": case.team_total, "applied_by_id": case.applied_by_id})
        other.save()

    def press(one):
        try:
            with system_scope("test"):
                actions.take_step(case=one, step="propose", by=people["局务会"], today=TODAY, now=timezone.now())
            return 1
        except Refused:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(press, (case, other))) == 1


def test_looks_back_are_drawn_on_record_and_none_twice(case, bring, step, people, places):
    bring(case, S.NAMED)
    year_on = NAMED + timedelta(days=370)
    draw = {"org": places["浔阳区"], "size": 3, "by": people["县区"], "now": timezone.now()}
    with system_scope("test") as scope:
        with pytest.raises(Refused, match="没有要抽的"):
            actions.draw_lookbacks(cases=selectors.applications(scope), today=NAMED, **draw)
        made = actions.draw_lookbacks(cases=selectors.applications(scope), today=year_on, **draw)
        assert made.chosen == [[case.pk, case.branch.name]]
        assert drawn([pk for pk, _ in made.pool], 3, made.seed) == [case.pk]
        assert selectors.tally(scope)["lookback"] == 1
        with pytest.raises(Refused, match="没有要抽的"):
            actions.draw_lookbacks(cases=selectors.applications(scope), today=year_on, **draw)
    step(case, "lookback", today=year_on)
    with system_scope("test") as scope:
        assert selectors.tally(scope)["lookback"] == 0
        assert not selectors.to_look_back(selectors.applications(scope), year_on + timedelta(days=300)).exists()
        assert selectors.to_look_back(selectors.applications(scope), year_on + timedelta(days=370)).exists()
