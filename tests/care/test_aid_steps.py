"""困难帮扶 step by step: every state against every step, who may not do two of them, days of publicity, pressing twice."""

import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction

from apps.accounts.permissions import ROLES, Right, Role
from apps.activity.models import AuditEvent, Notification
from apps.care import standards, workflow
from apps.care.actions import aid as actions
from apps.care.models import AidStandard, CaseState, CaseStep, HardshipCase
from apps.care.selectors.aid import papers
from apps.core.refusal import Refused, Stale
from apps.files.models import StoredFile
from tests.factories import aid as make
from tests.factories import duties

pytestmark = pytest.mark.usefixtures("whole")
PAIRS = [(state, step) for state in CaseState.values for step in workflow.STEPS]


@pytest.fixture
def people(person):
    return make.staff(person)


@pytest.fixture
def who(places, people):
    standards.load()
    make.budget(places["浔阳区"], people["leader"])
    return duties.cadre(places["浔阳区教育局"], "王德福")


@pytest.fixture
def case(who, people):
    return make.draft(who, people)


def allowed(state, step):
    """Straight to the approval only where no 公示 is asked for; the default standard asks for five days."""
    return state in workflow.STEPS[step].sources and (state, step) != (CaseState.FIRST_REVIEWED, "approve")


@pytest.mark.parametrize(("state", "step"), PAIRS)
def test_every_state_against_every_step(case, people, state, step):
    case = make.bring(case, state, people)
    before = (case.state, case.version, CaseStep.objects.count(), AuditEvent.objects.count())
    if allowed(state, step):
        moved = make.after(make.step(case, step, people))
        assert moved.state == workflow.STEPS[step].target
        last = CaseStep.objects.filter(case=case).order_by("-pk")[0]
        assert (last.step, last.before, last.after, CaseStep.objects.count()) == (step, state, moved.state, before[2] + 1)
        return
    with pytest.raises(Refused) as refused:
        make.step(case, step, people)
    assert refused.value.status == 409
    case.refresh_from_db()
    assert (case.state, case.version, CaseStep.objects.count(), AuditEvent.objects.count()) == before


@pytest.mark.parametrize("step", [key for key, rule in workflow.STEPS.items() if rule.asks])
def test_a_step_back_asks_for_a_reason(case, people, step):
    case = make.bring(case, workflow.STEPS[step].sources[-1], people)
    with pytest.raises(Refused) as refused:
        make.step(case, step, people, note="  ")
    assert refused.value.field == "note"


def test_pressed_twice_moves_once(case, people):
    make.step(case, "submit", people)
    with pytest.raises(Refused):
        make.step(case, "submit", people)
    assert CaseStep.objects.filter(step="submit").count() == 1


def test_a_form_made_before_somebody_else_moved_it_is_stale(case, people):
    seen = make.step(case, "submit", people).version
    make.step(case, "return", people)
    make.step(case, "submit", people)
    with pytest.raises(Stale):
        make.step(case, "review", people, version=seen)


def test_nobody_reviews_or_approves_what_he_applied_for(case, people):
    make.step(case, "submit", people)
    with pytest.raises(Refused, match="须由别人初审"):
        make.step(case, "review", people, by=people["clerk"])
    make.step(case, "review", people)
    make.step(case, "publish", people)
    for one in ("clerk", "officer"):
        with pytest.raises(Refused, match="须由别人审批"):
            make.step(case, "approve", people, by=people[one])
    make.step(case, "approve", people)
    with pytest.raises(Refused, match="须由别人发放"):
        make.step(case, "pay", people, by=people["leader"])


def test_the_database_keeps_duties_apart_too(case, people):
    make.bring(case, "approved", people)
    for one in ("clerk", "officer"):
        with pytest.raises(IntegrityError), transaction.atomic():
            HardshipCase.objects.filter(pk=case.pk).update(approved_by=people[one])


def test_not_before_the_publicity_is_over(case, people):
    case = make.bring(case, "published", people)
    assert (case.published_on, case.publicity_ends_on) == (make.DAY, make.ENDS)
    with pytest.raises(Refused, match="公示到 2026-03-06 为止"):
        make.step(case, "approve", people, day=make.ENDS)
    assert make.step(case, "approve", people, day=make.NEXT_DAY).state == "approved"


def test_publicity_is_no_shorter_than_the_standard(case, people):
    make.bring(case, "first_reviewed", people)
    with pytest.raises(Refused) as refused:
        make.step(case, "publish", people, days=4)
    assert refused.value.field == "days"
    assert make.step(case, "publish", people, days=7).publicity_ends_on.day == 8


def test_where_the_standard_asks_for_none_it_goes_straight_to_the_approval(case, people):
    AidStandard.objects.update(publicity_days=0)
    case = make.after(make.bring(case, "first_reviewed", people))
    assert workflow.next_step(case) == "approve"
    assert make.step(case, "approve", people).state == "approved"


def test_a_returned_case_runs_through_everything_again(case, people):
    case = make.bring(case, "first_reviewed", people)
    case = make.after(make.step(case, "return", people))
    assert (case.reviewed_by, case.applied_on, case.published_on) == (None, None, None)
    again = make.bring(case, "receipted", people)
    assert again.state == "receipted"


def test_nothing_is_handed_in_without_a_proof(who, people):
    case = make.draft(who, people, proofs=())
    with pytest.raises(Refused, match="证明材料"):
        make.step(case, "submit", people)


def test_proofs_are_kept_sealed_and_can_be_taken_out_of_a_draft_only(case, people):
    stored = papers(case).get()
    assert (stored.sealed, stored.name, stored.org_path) == (True, "诊断证明.pdf", case.org_path)
    make.step(case, "submit", people)
    with pytest.raises(Refused):
        actions.remove_paper(case=case, stored=stored, by=people["clerk"])
    make.step(case, "return", people)
    actions.remove_paper(case=case, stored=stored, by=people["clerk"])
    assert not papers(case).exists()


def test_a_hostile_file_is_a_sentence_at_its_field_and_leaves_nothing(who, people):
    evil = SimpleUploadedFile("证明.pdf", b"MZ" + b"\0" * 200)
    with pytest.raises(Refused) as refused:
        make.draft(who, people, proofs=[make.proof(), evil])
    assert refused.value.field == "proofs"
    assert not HardshipCase.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"), ({"applicant": "survivor"}, "applicant"), ({"applicant": "spouse"}, "applicant_name"), ({"kind": "nothing"}, "kind"),
        ({"kind": "survivor"}, "kind"), ({"amount_asked": Decimal("5000.01")}, "amount_asked"), ({"amount_asked": Decimal("0")}, "amount_asked"),
    ],
)  # fmt: skip
def test_what_an_application_must_hold(who, people, given, field):
    with pytest.raises(Refused) as refused:
        make.draft(who, people, **given)
    assert refused.value.field == field


def test_the_same_form_sent_twice_is_one_application(who, people):
    once = uuid.uuid4()
    assert make.draft(who, people, once=once) == make.draft(who, people, once=once)
    assert CaseStep.objects.count() == 1
    other = duties.cadre(who.org, "另一位")
    with pytest.raises(Refused, match="已经用过"):
        make.draft(other, people, once=once)


def test_one_application_a_year_is_under_way_at_a_time(case, who, people):
    with pytest.raises(Refused, match="已有一份申请"):
        make.draft(who, people)


def test_editing_is_for_drafts_and_checked_anew(case, people):
    changed = actions.edit_case(case=case, by=people["clerk"], today=make.DAY, version=1, amount_asked=Decimal("2000"), proofs=[make.proof("费用单据.pdf")])
    assert (changed.amount_asked, changed.version, papers(case).count()) == (Decimal("2000"), 2, 2)
    with pytest.raises(Stale):
        actions.edit_case(case=case, by=people["clerk"], today=make.DAY, version=1, reason="别的")
    make.step(case, "submit", people)
    with pytest.raises(Refused, match="不能再改"):
        actions.edit_case(case=case, by=people["clerk"], today=make.DAY, reason="别的")


def test_days_of_payment_and_receipt_are_in_order(case, people):
    make.bring(case, "approved", people)
    for day in (make.DAY, make.LATER.replace(day=11)):
        with pytest.raises(Refused) as refused:
            make.step(case, "pay", people, paid_on=day)
        assert refused.value.field == "paid_on"
    make.step(case, "pay", people)
    for given, field in (({"received_by": " "}, "received_by"), ({"received_on": make.DAY}, "received_on")):
        with pytest.raises(Refused) as refused:
            make.step(case, "receipt", people, **given)
        assert refused.value.field == field


def test_the_trail_is_neither_altered_nor_deleted(case):
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseStep.objects.update(note="另一种说法")
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseStep.objects.all().delete()


def test_who_comes_next_and_who_applied_are_told(case, people):
    make.bring(case, "published", people)
    told = list(Notification.objects.order_by("pk").values_list("user__username", "title"))
    assert (people["officer"].username, "困难帮扶等您初审通过：王德福") in told
    assert (people["leader"].username, "困难帮扶等您批准：王德福") in told
    make.step(case, "return", people, note="缺费用单据")
    last = Notification.objects.order_by("-pk")[0]
    assert (last.user, last.title, last.body) == (people["clerk"], "困难帮扶被退回：王德福", "缺费用单据")


def test_roles():
    apart = {Right.AID_APPLY, Right.AID_APPROVE}
    assert not [role for role, rights in ROLES.items() if apart <= rights or {Right.AID_REVIEW, Right.AID_APPROVE} <= rights]
    assert Right.AID_APPROVE in ROLES[Role.LEADER]
    assert {Right.AID_APPLY, Right.AID_REVIEW} <= ROLES[Role.BRANCH_SECRETARY]
