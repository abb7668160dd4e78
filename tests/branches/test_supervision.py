"""督查与整改: every state against every step, who may not close, draws that can be repeated, what inspections find, the pages."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import Notification
from apps.branches.actions import inspections as planning
from apps.branches.actions import rectifications as actions
from apps.branches.actions.branches import change_branch, dissolve_branch
from apps.branches.models import Branch, Draw, Inspection, Rectification, RectificationStep, RectifyState
from apps.branches.selectors import supervision as selectors
from apps.branches.workflow import RECTIFY
from apps.core.draw import drawn, fresh_seed
from apps.core.refusal import Refused, Stale
from apps.core.scope import current_scope, system_scope
from apps.files.models import StoredFile
from tests.branches.conftest import FIELDS, TODAY

LATER = TODAY + timedelta(days=60)
S = RectifyState
WAY = {S.OPEN: (), S.REPORTED: ("report",), S.CLOSED: ("report", "close", "draw"), S.VOID: ("void",)}
"""State → the steps that lead there; a closed one has been drawn for its re-check."""
PAIRS = [(state, step) for state in S.values for step in RECTIFY.steps]


def proof() -> SimpleUploadedFile:
    return SimpleUploadedFile("记录.pdf", b"%PDF-1.4 proof", content_type="application/pdf")


@pytest.fixture
def secretary(person):
    return person("浔阳区教育局", Role.BRANCH_SECRETARY, username="secretary")


@pytest.fixture
def branch(set_up):
    return set_up()


@pytest.fixture
def case(branch, officer):
    with system_scope("test"):
        return actions.open_rectification(branch=branch, problem="8 月没有主题党日", by=officer, today=TODAY, now=timezone.now(), due_on=TODAY + timedelta(days=30))


@pytest.fixture
def step(officer, secretary):
    def take(case, key, today=LATER, **given):
        values = {"note": "说明", "by": secretary if key == "report" else officer}
        values |= {"report": {"result": "补开了", "proofs": [proof()]}, "extend": {"due_on": LATER + timedelta(days=9)}}.get(key, {})
        with system_scope("test"):
            return actions.take_step(case=case, step=key, today=today, now=timezone.now(), **values | given)

    return take


@pytest.fixture
def bring(step):
    def to(case, state):
        for key in WAY[state]:
            if key == "draw":
                with system_scope("test"):
                    Rectification.objects.filter(pk=case.pk).update(recheck_drawn_on=LATER)
            else:
                step(case, key)
        with system_scope("test"):
            case.refresh_from_db()
        return case

    return to


def refused(act, **given) -> Refused:
    with system_scope("test"), pytest.raises(Refused) as caught:
        act(**given)
    return caught.value


@pytest.mark.parametrize(("state", "key"), PAIRS)
def test_every_state_against_every_step(case, bring, step, state, key):
    case = bring(case, state)
    with system_scope("test"):
        before = RectificationStep.objects.count()
    if state in RECTIFY.steps[key].sources:
        moved = step(case, key)
        assert moved.state == RECTIFY.steps[key].target
        with system_scope("test"):
            last = RectificationStep.objects.filter(case=case).order_by("-pk")[0]
        assert (last.step, last.before, last.after) == (key, state, moved.state)
        return
    with pytest.raises(Refused) as problem:
        step(case, key)
    assert problem.value.status == 409
    with system_scope("test"):
        assert RectificationStep.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_six_press_the_same_button_and_one_moves(case, officer, bring):
    bring(case, S.REPORTED)

    def press(_):
        try:
            with system_scope("test"):
                actions.take_step(case=case, step="close", by=officer, today=LATER, now=timezone.now())
            return 1
        except Refused:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(press, range(6))) == 1
    with system_scope("test"):
        assert RectificationStep.objects.filter(step="close").count() == 1


def test_who_reported_does_not_close_neither_by_hand_in_the_database(case, step, bring, secretary):
    bring(case, S.REPORTED)
    with pytest.raises(Refused, match="须由别人销号"):
        step(case, "close", by=secretary)
    with system_scope("test"), pytest.raises(IntegrityError), transaction.atomic():
        Rectification.objects.filter(pk=case.pk).update(closed_by=secretary, state="closed", closed_on=TODAY)


def test_the_trail_can_be_neither_altered_nor_deleted(case):
    with system_scope("test"):
        for act in (lambda rows: rows.update(note="x"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                act(RectificationStep.objects.filter(case=case))


def test_what_is_said_at_the_field(case, branch, officer, step):
    given = {"branch": branch, "by": officer, "today": TODAY, "now": timezone.now()}
    assert refused(actions.open_rectification, problem=" ", **given).field == "problem"
    assert refused(actions.open_rectification, problem="x", due_on=TODAY - timedelta(days=1), **given).field == "due_on"
    program = SimpleUploadedFile("a.exe", b"MZ")
    for values, field in (({"result": " "}, "result"), ({"proofs": []}, "proofs"), ({"proofs": [program]}, "proofs"), ({"proofs": [proof()] * 10}, "proofs")):
        with pytest.raises(Refused) as problem:
            step(case, "report", **values)
        assert problem.value.field == field
    for due_on in (None, case.due_on, TODAY):
        with pytest.raises(Refused) as problem:
            step(case, "extend", due_on=due_on)
        assert problem.value.field == "due_on"
    with pytest.raises(Refused) as problem:
        step(case, "void", note=" ")
    assert problem.value.field == "note"
    with pytest.raises(Refused, match="还没有过"):
        step(case, "supervise", today=TODAY)


def test_a_stale_form_moves_nothing(case, step, officer, secretary):
    step(case, "extend", version=1)
    with pytest.raises(Stale):
        step(case, "report", version=1)
    with system_scope("test"), pytest.raises(Stale):
        actions.change_rectification(case=case, by=secretary, measure="x", version=1)


def test_returned_it_is_reported_again_without_new_papers(case, step, bring, secretary):
    bring(case, S.REPORTED)
    step(case, "return", note="照片看不清")
    with system_scope("test"):
        assert Notification.objects.filter(user=secretary, body="照片看不清").count() == 1
    assert step(case, "report", proofs=[]).state == S.REPORTED


def test_a_relapse_opens_it_anew_with_another_term(case, step, bring):
    bring(case, S.CLOSED)
    again = step(case, "relapse", due_on=LATER + timedelta(days=5))
    assert (again.state, again.closed_by, again.due_on, again.first_due_on) == (S.OPEN, None, LATER + timedelta(days=5), TODAY + timedelta(days=30))
    bring(again, S.REPORTED)
    done = step(again, "close")
    assert (done.recheck_drawn_on, done.recheck_due_on) == (None, date(2027, 4, 21))
    with pytest.raises(Refused, match="没有抽中"):
        step(done, "confirm")


def test_a_draw_can_be_repeated_by_hand():
    keys, seed = list(range(1, 40)), fresh_seed()
    assert len(seed) == 16
    by_hand = sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).hexdigest())
    assert drawn(reversed(keys), 5, seed) == by_hand[:5]
    assert len(drawn(keys, 99, seed)) == 39
    assert {tuple(drawn(keys, 3, str(n))) for n in range(20)} != {tuple(drawn(keys, 3, "0"))}


def test_rechecks_are_drawn_once_their_time_has_come(case, step, bring, officer, places):
    bring(case, S.REPORTED)
    closed = step(case, "close")
    given = {"org": places["浔阳区"], "by": officer, "now": timezone.now()}
    with system_scope("test") as scope:
        cases = selectors.rectifications(scope)
        assert refused(actions.draw_rechecks, cases=cases, size=1, today=closed.recheck_due_on - timedelta(days=1), **given).code == "nothing_to_draw"
        assert refused(actions.draw_rechecks, cases=cases, size=0, today=closed.recheck_due_on, **given).field == "size"
        made = actions.draw_rechecks(cases=cases, size=3, today=closed.recheck_due_on, **given)
        assert [key for key, _ in made.chosen] == drawn([key for key, _ in made.pool], 3, made.seed)
        assert refused(actions.draw_rechecks, cases=cases, size=1, today=closed.recheck_due_on, **given).code == "nothing_to_draw"
        with pytest.raises(DatabaseError), transaction.atomic():
            Draw.objects.filter(pk=made.pk).update(seed="mine")
    assert step(closed, "confirm", today=closed.recheck_due_on).rechecked_on == closed.recheck_due_on


@pytest.fixture
def plan(officer, places):
    def build(**given):
        values = {"kind": "stage", "planned_on": TODAY, "team": "张三、李四", "by": officer, "today": TODAY, "now": timezone.now(), "org": places["浔阳区"]}
        with system_scope("test") as scope:
            return planning.plan_inspections(branches=Branch.objects.visible_to(scope), **values | given)

    return build


def record(inspection, officer, **given):
    values = {"inspected_on": TODAY, "ways": ["查台账"], "good": "台账全", "demand": "", "problems": [], "by": officer, "today": TODAY, "now": timezone.now()}
    with system_scope("test"):
        return planning.record_inspection(inspection=inspection, **values | given)


def test_what_an_inspection_finds_goes_on_the_ledger(plan, branch, officer, secretary, places):
    (row,), draw = plan(chosen=[branch.pk])
    assert draw is None
    done = record(row, officer, problems=[("life", "8 月没有主题党日"), ("other", "门牌旧了")], due_on=TODAY + timedelta(days=10))
    with system_scope("test") as scope:
        rows = list(Rectification.objects.order_by("pk").values_list("matter", "problem", "source", "inspection", "due_on"))
        assert rows == [("life", "8 月没有主题党日", "inspection", done.pk, TODAY + timedelta(days=10)), ("other", "门牌旧了", "inspection", done.pk, TODAY + timedelta(days=10))]
        assert Notification.objects.filter(user=secretary, title__startswith="新开整改").count() == 2
        assert not selectors.never_inspected(scope).exists()
        assert selectors.tally(scope, TODAY + timedelta(days=11))["late"] == 2
        for days, look in ((10, ""), (11, "age30"), (40, "age30"), (41, "age60"), (101, "age91")):
            today = TODAY + timedelta(days=days)
            (whole, here) = selectors.ageing(scope, [places["九江市"], places["浔阳区"], places["濂溪区"]], today)
            assert whole.under_way == here.under_way == 2
            assert here.in_time == (0 if look else 2)
            for key, _, n in here.cells:
                assert n == selectors.filtered(scope, {"look": key, "org": places["浔阳区"]}, today).count() == (2 if key == look else 0)
    with pytest.raises(Refused, match="已检查"):
        record(row, officer)


def test_what_cannot_be_planned_or_recorded(plan, branch, officer):
    for given, field in (
        ({"kind": "party"}, "kind"), ({"planned_on": TODAY - timedelta(days=1)}, "planned_on"), ({"team": " "}, "team"), ({"chosen": []}, "chosen"), ({"size": 0}, "size"),
        ({"chosen": [99999999]}, "chosen"),
    ):  # fmt: skip
        with pytest.raises(Refused) as problem:
            plan(**{"chosen": [branch.pk]} | given)
        assert problem.value.field == field
    (row,), _ = plan(chosen=[branch.pk])
    with pytest.raises(Refused, match="已经安排过"):
        plan(chosen=[branch.pk])
    for given, field in (
        ({"inspected_on": TODAY + timedelta(days=1)}, "inspected_on"), ({"ways": []}, "ways"), ({"good": " "}, "good"), ({"problems": [("other", "x")] * 21}, "problems"),
    ):  # fmt: skip
        with pytest.raises(Refused) as problem:
            record(row, officer, **given)
        assert problem.value.field == field
    assert refused(planning.cancel_inspection, inspection=row, reason=" ", by=officer).field == "reason"
    with system_scope("test"):
        planning.cancel_inspection(inspection=row, reason="改期", by=officer)
        assert Inspection.objects.get().state == "cancelled"


def test_drawn_branches_and_a_random_visit_nobody_hears_of(plan, set_up, officer, secretary, client):
    for n in range(5):
        set_up(f"支部{n}")
    rows, draw = plan(size=2, kind="random")
    assert [row.branch_id for row in rows] == [key for key, _ in draw.chosen] == drawn([key for key, _ in draw.pool], 2, draw.seed)
    with system_scope("test"):
        assert not Notification.objects.filter(user=secretary).exists()
    client.force_login(secretary)
    assert client.get(reverse("branches:inspection", args=[rows[0].pk])).status_code == 404
    assert "不定期抽查</td>" not in client.get(reverse("branches:inspections")).content.decode()
    record(rows[0], officer)
    assert "台账全" in client.get(reverse("branches:inspection", args=[rows[0].pk])).content.decode()
    client.force_login(officer)
    assert draw.seed in client.get(reverse("branches:draw", args=[draw.pk])).content.decode()


def test_the_ledger_goes_with_the_branch_and_keeps_it_from_being_dissolved(case, branch, officer, step, bring, places):
    bring(case, S.REPORTED)
    with system_scope("test") as scope:
        assert refused(dissolve_branch, branch=branch, reason="合并", on=TODAY, by=officer, today=TODAY).code == "rectification_open"
        change_branch(scope=scope, branch=branch, org=places["浔阳区"], hosts=[], by=officer, today=TODAY, **FIELDS | {"name": branch.name})
        for model in (Rectification, RectificationStep, StoredFile):
            assert set(model.objects.values_list("org_path", flat=True)) == {places["浔阳区"].path}
        assert current_scope() is scope
    step(case, "close")
    with system_scope("test"):
        dissolve_branch(branch=branch, reason="合并", on=TODAY, by=officer, today=TODAY)


def test_from_the_finding_to_the_closing_by_hand(client, branch, officer, secretary):
    client.force_login(officer)
    planned = client.post(reverse("branches:inspection_plan"), {"kind": "stage", "planned_on": timezone.localdate(), "team": "张三", "chosen": [branch.pk]}, follow=True)
    assert "已安排检查 1 个党支部" in planned.content.decode()
    with system_scope("test"):
        row = Inspection.objects.get()
    answer = {"version": 1, "inspected_on": timezone.localdate(), "ways": ["查台账"], "problems": "班子建设：支委会 7 月没有开\n门牌旧了", "team": "张三"}
    answer |= {"due_on": timezone.localdate() + timedelta(days=9)}
    saved = client.post(reverse("branches:inspection_record", args=[row.pk]), answer, follow=True)
    assert "支委会 7 月没有开" in saved.content.decode()
    with system_scope("test"):
        first, second = Rectification.objects.order_by("pk")
    assert (first.matter, first.problem, second.matter) == ("team", "支委会 7 月没有开", "other")
    client.force_login(secretary)
    assert "支委会 7 月没有开" in client.get(reverse("branches:branch", args=[branch.pk])).content.decode()
    client.post(reverse("branches:rectification_edit", args=[first.pk]), {"matter": "team", "measure": "补开", "owner": "老王", "version": 1})
    report = reverse("branches:rectification_step", args=[first.pk, "report"])
    assert client.post(report, {"version": 2, "result": ""}).status_code == 422
    sent = client.post(report, {"version": 2, "result": "补开了", "proofs": proof()}, follow=True)
    assert "已报送" in sent.content.decode()
    assert client.get(reverse("branches:rectification_step", args=[first.pk, "close"])).status_code == 403
    assert client.get(reverse("branches:rectification_step", args=[first.pk, "nonsense"])).status_code == 404
    client.force_login(officer)
    assert "已销号" in client.post(reverse("branches:rectification_step", args=[first.pk, "close"]), {"version": 3}, follow=True).content.decode()
    ledger = client.get(reverse("branches:rectifications") + "?look=closed&source=x&branch=0").content.decode()
    assert "补开" in ledger
    assert "现在没有到了复查时间" in client.post(reverse("branches:recheck_draw"), {"size": 1}).content.decode()
    assert client.get(reverse("branches:rectifications") + "?q=门牌").content.decode().count("门牌旧了") == 1
