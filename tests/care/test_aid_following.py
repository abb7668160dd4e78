"""Aid when life goes on: a death offers the case to a survivor, a mistake is undone, a transfer takes it along, a merge keeps every grant."""

import uuid
from datetime import date
from decimal import Decimal

import pytest

from apps.accounts.permissions import Role
from apps.activity.models import Notification
from apps.cadres import standards as registry
from apps.cadres.actions.changes import register_status_change
from apps.cadres.actions.merging import merge_cadres, unmerge_cadres
from apps.cadres.models import Relative, Survivor
from apps.care import standards
from apps.care.actions.aid import go_on_for_survivor
from apps.care.models import AidBudget, CaseStep, HardshipCase
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered
from apps.files.models import StoredFile
from tests.factories import aid as make
from tests.factories import duties

pytestmark = pytest.mark.usefixtures("whole")
D = Decimal


@pytest.fixture
def people(person):
    return make.staff(person)


@pytest.fixture
def city(person):
    return person("九江市", Role.WORKER, username="city")


@pytest.fixture
def who(places, people):
    registry.load()
    standards.load()
    make.budget(places["浔阳区"], people["leader"])
    found = duties.cadre(places["浔阳区教育局"], "王德福", sex="1", born_on=date(1940, 5, 1))
    Relative.objects.create(cadre=found, org=found.org, relation="配偶", name="李秀英")
    return found


@pytest.fixture
def happens(who, city, scope_of):
    def register(kind, **given):
        return register_status_change(cadre=who, kind=kind, effective_on=make.LATER, by=city, scope=scope_of("九江市"), today=make.LATER, **given)

    return register


def go_on(case, people, survivor=None, **given):
    survivor = survivor or Survivor.objects.get()
    return go_on_for_survivor(case=case, survivor=survivor, once=uuid.uuid4(), by=people["clerk"], today=make.LATER, now=make.moment(make.LATER), **given)


@pytest.mark.parametrize("state", ["draft", "returned", "applied", "first_reviewed", "published", "approved"])
def test_a_death_ends_what_was_not_paid_and_frees_its_money(who, people, happens, state):
    case = make.bring(make.draft(who, people), state, people)
    happens("deceased")
    case = make.after(case)
    assert (case.state, case.amount_granted, AidBudget.objects.get().spent) == ("withdrawn", None, D(0))
    last = CaseStep.objects.filter(case=case).order_by("-pk")[0]
    assert (last.step, last.before, last.note) == ("lapse", state, "本人去世，不再办理")
    told = Notification.objects.filter(title="困难帮扶已停办：王德福").get()
    assert told.user == people["clerk"]
    assert "转为遗属申请" in told.body


@pytest.mark.parametrize("state", ["paid", "receipted", "refused"])
def test_what_is_paid_or_over_stays(who, people, happens, state):
    case = make.bring(make.draft(who, people), state, people)
    happens("deceased")
    assert make.after(case).state == state


def test_the_family_may_still_sign_for_what_was_paid(who, people, happens):
    case = make.bring(make.draft(who, people), "paid", people)
    happens("deceased")
    assert make.step(case, "receipt", people, received_by="李秀英（配偶代）").state == "receipted"


def test_a_survivor_goes_on_from_it_once(who, people, happens):
    case = make.bring(make.draft(who, people), "published", people)
    happens("deceased")
    found = go_on(make.after(case), people)
    assert (found.state, found.survivor.name, found.applicant, found.follows, found.amount_asked) == ("draft", "李秀英", "survivor", case, D(4000))
    assert go_on(make.after(case), people) == found
    assert HardshipCase.objects.count() == 2


def test_it_is_offered_only_after_a_death(who, people):
    case = make.bring(make.draft(who, people), "withdrawn", people)
    stranger = Survivor.objects.create(cadre=duties.cadre(who.org, "别人", standing="deceased", deceased_on=make.DAY), org=who.org, name="张某")
    with pytest.raises(Refused, match="本人去世后停办"):
        go_on(case, people, stranger)


def test_a_survivor_is_a_person_of_her_own(who, people, happens):
    """What the cadre was paid this year is no second grant of hers."""
    make.bring(make.draft(who, people), "receipted", people)
    happens("deceased")
    who.refresh_from_db()
    widow = Survivor.objects.get()
    case = make.draft(who, people, day=make.LATER, survivor=widow, applicant="survivor", applicant_name="李秀英", kind="survivor")
    for name in ("submit", "review", "publish"):
        make.step(case, name, people, day=make.LATER)
    granted = make.step(case, "approve", people, day=make.LATER.replace(day=20))
    assert (granted.state, granted.exception) == ("approved", False)
    widow.alive = False
    widow.save()
    with pytest.raises(Refused, match="遗属李秀英已去世"):
        make.step(granted, "pay", people, day=make.LATER.replace(day=21))


def test_nobody_applies_for_the_dead_or_for_a_strangers_widow(who, people, happens, places):
    happens("deceased")
    who.refresh_from_db()
    with pytest.raises(Refused, match="只能为遗属申请"):
        make.draft(who, people)
    stranger = Survivor.objects.create(cadre=duties.cadre(places["浔阳区"], "别人", standing="deceased", deceased_on=make.DAY), org=places["浔阳区"], name="张某")
    with pytest.raises(Refused, match="不属于这位干部"):
        make.draft(who, people, survivor=stranger, applicant="survivor", applicant_name="张某")


def test_a_death_registered_by_mistake_is_undone(who, people, happens):
    case = make.bring(make.draft(who, people), "approved", people)
    happens("deceased")
    hers = go_on(make.after(case), people)
    happens("restored")
    assert (make.after(case).state, make.after(hers).state) == ("returned", "withdrawn")
    assert AidBudget.objects.get().spent == 0
    make.step(case, "submit", people, day=make.LATER)


def test_what_somebody_withdrew_himself_stays_withdrawn(who, people, happens):
    case = make.bring(make.draft(who, people), "withdrawn", people)
    happens("deceased")
    happens("restored")
    assert make.after(case).state == "withdrawn"


def test_whoever_leaves_the_deployment_is_helped_no_more(who, people, happens):
    case = make.bring(make.draft(who, people), "approved", people)
    happens("moved_out", note="迁往外省")
    assert (make.after(case).state, AidBudget.objects.get().spent) == ("withdrawn", D(0))


def test_a_transfer_takes_cases_trail_and_papers_along(who, people, happens, places, inside):
    case = make.bring(make.draft(who, people), "applied", people)
    happens("moved_out", org=places["濂溪区卫生局"])
    path = places["濂溪区卫生局"].path
    assert make.after(case).org_path == path
    assert {row.org_path for model in (CaseStep, StoredFile) for row in model.objects.all()} == {path}
    with inside("濂溪区"):
        assert HardshipCase.objects.count() == 1
    with inside("浔阳区"):
        assert HardshipCase.objects.count() == CaseStep.objects.count() == 0


def test_a_grant_taken_back_after_a_transfer_returns_to_the_county_that_made_it(who, people, happens, places, person):
    case = make.bring(make.draft(who, people), "approved", people)
    happens("moved_out", org=places["濂溪区卫生局"])
    make.budget(places["濂溪区"], people["leader"], "500")
    with entered(Scope((places["濂溪区"].path,))):
        make.step(make.after(case), "revoke", people, by=person("濂溪区", Role.LEADER))
    assert dict(AidBudget.objects.values_list("org__name", "spent")) == {"浔阳区": D(0), "濂溪区": D(0)}


def test_merging_two_records_keeps_both_grants_and_is_undone(who, people, city, scope_of):
    twin = duties.cadre(who.org, "王德福", sex="1", born_on=date(1940, 5, 1))
    for one in (who, twin):
        make.bring(make.draft(one, people), "paid", people)
    how = {"by": city, "scope": scope_of("九江市"), "today": make.LATER, "now": make.moment(make.LATER)}
    record = merge_cadres(kept=who, absorbed=twin, versions=(who.version, twin.version), choices={}, **how)
    assert list(HardshipCase.objects.order_by("pk").values_list("cadre", "exception")) == [(who.pk, False), (who.pk, True)]
    unmerge_cadres(record=record, **how)
    assert list(HardshipCase.objects.order_by("pk").values_list("cadre", "exception")) == [(who.pk, False), (twin.pk, False)]
