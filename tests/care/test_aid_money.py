"""What aid may cost: one grant a year, the standard's ceiling, the county's budget to the last 元, also when two approve at once."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connections, transaction

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.actions import aid_money as actions
from apps.care.models import AidBudget, AidStandard, HardshipCase
from apps.care.selectors import aid as selectors
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, entered, system_scope
from tests.factories import aid as make
from tests.factories import duties

D = Decimal


@pytest.fixture
def people(person):
    return make.staff(person)


@pytest.fixture
def county(places, people):
    """A budget of 10,000 元 for 浔阳区."""
    with system_scope("test"):
        standards.load()
        make.budget(places["浔阳区"], people["leader"])
    return places["浔阳区教育局"]


def ready(county, people, name, **given):
    return make.bring(make.draft(duties.cadre(county, name), people, **given), "published", people)


def spent() -> tuple[Decimal, Decimal]:
    """What the budget says is bound, and what the cases add up to."""
    granted = HardshipCase.objects.filter(amount_granted__isnull=False).values_list("amount_granted", flat=True)
    return AidBudget.objects.get(org__name="浔阳区").spent, sum(granted, D(0))


@pytest.mark.usefixtures("whole")
class TestGrants:
    def test_granting_binds_the_money_and_taking_it_back_frees_it(self, county, people):
        case = make.bring(make.draft(duties.cadre(county, "甲"), people), "approved", people)
        assert spent() == (D(3000), D(3000))
        assert (case.budget_org.name, case.amount_granted) == ("浔阳区", D(3000))
        case = make.after(make.step(case, "revoke", people))
        assert (spent(), case.amount_granted, case.approved_by) == ((D(0), D(0)), None, None)

    def test_money_paid_stays_bound(self, county, people):
        make.bring(make.draft(duties.cadre(county, "甲"), people), "receipted", people)
        assert spent() == (D(3000), D(3000))

    def test_never_more_than_the_budget_has(self, county, people):
        for name in "甲乙":
            make.step(ready(county, people, name), "approve", people, amount=D(4000))
        last = ready(county, people, "丙")
        with pytest.raises(Refused, match=r"只剩 2,000\.00 元") as refused:
            make.step(last, "approve", people, amount=D("2000.01"))
        assert refused.value.field == "amount"
        make.step(last, "approve", people, amount=D(2000))
        assert spent() == (D(10000), D(10000))

    def test_the_database_would_not_have_it_either(self, county, people):
        for values in ({"spent": D("10000.01")}, {"spent": D(-1)}):
            with pytest.raises(IntegrityError), transaction.atomic():
                AidBudget.objects.update(**values)

    @pytest.mark.parametrize(("amount", "said"), [("0", "大于 0"), ("4000.01", "不能超过申请")])
    def test_amounts_have_bounds(self, county, people, amount, said):
        with pytest.raises(Refused, match=said):
            make.step(ready(county, people, "甲"), "approve", people, amount=D(amount))

    def test_no_budget_no_approval(self, county, people):
        AidBudget.objects.all().delete()
        with pytest.raises(Refused, match="预算还没有登记"):
            make.step(ready(county, people, "甲"), "approve", people)

    def test_people_of_the_city_itself_are_helped_from_the_citys_budget(self, county, people, places):
        assert selectors.budget_place(places["浔阳区教育局"]).name == "浔阳区"
        assert selectors.budget_place(places["九江市"]).name == "九江市"

    def test_a_second_grant_in_a_year_only_with_a_reason(self, county, people):
        who = duties.cadre(county, "甲")
        make.bring(make.draft(who, people), "receipted", people)
        again = make.bring(make.draft(who, people), "published", people)
        with pytest.raises(Refused, match="每人每年一次") as refused:
            make.step(again, "approve", people)
        assert refused.value.field == "exception_reason"
        granted = make.step(again, "approve", people, exception_reason="再次住院，局务会议定")
        assert (granted.exception, granted.exception_reason) == (True, "再次住院，局务会议定")
        assert spent() == (D(6000), D(6000))

    def test_the_database_keeps_it_to_one_a_year(self, county, people):
        who = duties.cadre(county, "甲")
        make.bring(make.draft(who, people), "receipted", people)
        again = make.bring(make.draft(who, people), "published", people)
        make.step(again, "approve", people, exception_reason="再次住院")
        with pytest.raises(IntegrityError, match="aid_one_grant_a_year"), transaction.atomic():
            HardshipCase.objects.filter(pk=again.pk).update(exception=False, exception_reason="")

    def test_a_reason_given_without_need_makes_no_exception(self, county, people):
        case = make.step(ready(county, people, "甲"), "approve", people, exception_reason="以防万一")
        assert (case.exception, case.exception_reason) == (False, "")

    def test_next_year_is_another_year(self, county, people):
        who = duties.cadre(county, "甲")
        make.bring(make.draft(who, people), "receipted", people)
        day = date(2027, 3, 1)
        make.budget(county.parent, people["leader"], "5000", year=2027, day=date(2027, 1, 4))
        case = make.draft(who, people, day=day)
        for name in ("submit", "review", "publish"):
            make.step(case, name, people, day=day)
        assert not make.step(case, "approve", people, day=date(2027, 3, 20)).exception


@pytest.mark.usefixtures("whole")
class TestBudgetsAndStandards:
    def test_a_budget_is_not_set_below_what_is_granted(self, county, people, places):
        make.step(ready(county, people, "甲"), "approve", people)
        held = AidBudget.objects.get()
        set_to = {"org": places["浔阳区"], "year": 2026, "by": people["leader"], "scope": Scope((places["浔阳区"].path,)), "today": make.LATER}
        with pytest.raises(Refused, match="已批准"):
            actions.set_budget(amount=D("2999.99"), version=held.version, **set_to)
        with pytest.raises(Stale):
            actions.set_budget(amount=D(8000), version=held.version - 1, **set_to)
        with pytest.raises(Refused, match="已登记过"):
            actions.set_budget(amount=D(8000), **set_to)
        assert actions.set_budget(amount=D(3000), version=held.version, **set_to).remaining == 0

    def test_nobody_sets_a_neighbours_budget(self, county, people, places):
        with pytest.raises(Refused, match="不在您的管理范围"):
            actions.set_budget(org=places["濂溪区"], year=2026, amount=D(1), by=people["leader"], scope=Scope((places["浔阳区"].path,)), today=make.DAY)

    def test_a_new_standard_leaves_what_is_handed_in_alone(self, county, people):
        early = ready(county, people, "甲")
        rule = {"kind": "illness", "publicity_days": 0, "source": "九老干〔2026〕1 号", "by": people["leader"], "today": make.DAY}
        with pytest.raises(Refused, match="最早从明天起"):
            actions.new_aid_standard(ceiling=D(1000), valid_from=make.DAY, **rule)
        actions.new_aid_standard(ceiling=D(1000), valid_from=date(2026, 3, 3), **rule)
        assert make.step(early, "approve", people, amount=D(4000)).amount_granted == D(4000)
        with pytest.raises(Refused, match=r"最多 1,000\.00 元"):
            make.draft(duties.cadre(county, "乙"), people, day=date(2026, 3, 3))
        assert AidStandard.objects.filter(kind="illness").count() == 2

    def test_a_draft_written_under_the_old_standard_is_handed_in_under_the_new(self, county, people):
        case = make.draft(duties.cadre(county, "甲"), people)
        actions.new_aid_standard(kind="illness", ceiling=D(1000), publicity_days=0, source="文", valid_from=date(2026, 3, 3), by=people["leader"], today=make.DAY)
        with pytest.raises(Refused, match=r"按现行标准，这一类帮扶最多 1,000\.00 元"):
            make.step(case, "submit", people, day=date(2026, 3, 3))

    def test_defaults_are_loaded_once_and_called_proposals(self, county):
        assert standards.load()["aid"] == 0
        assert {(one.ceiling, one.publicity_days) for one in AidStandard.objects.all()} == {(D(5000), 5)}
        assert all("缺省值" in one.source for one in AidStandard.objects.all())


def at_once(*works) -> list:
    """Run the works in threads that start together; results or exceptions in their order."""
    gate, results = threading.Barrier(len(works)), [None] * len(works)

    def run(n, work):
        gate.wait()
        try:
            results[n] = work()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return results


def approving(case, people, by=None, **given):
    """One press of 批准, in a connection and a scope of its own."""

    def press():
        with entered(Scope((case.org.parent.path,))):
            return make.step(case, "approve", people, by=by, **given)

    return press


@pytest.mark.django_db(transaction=True)
class TestRaced:
    def test_six_approvers_and_money_for_three(self, county, people):
        with system_scope("test"):
            cases = [ready(county, people, f"人{n}") for n in range(6)]
        results = at_once(*(approving(case, people) for case in cases))
        refused = [one for one in results if isinstance(one, Refused)]
        assert [one.code for one in refused] == ["budget_spent"] * 3
        with system_scope("test"):
            assert spent() == (D(9000), D(9000))

    def test_two_people_applying_for_the_same_person(self, county, people):
        with system_scope("test"):
            who = duties.cadre(county, "甲")

        def press():
            with entered(Scope((county.parent.path,))):
                return make.draft(who, people)

        results = at_once(press, press, press)
        assert sorted(getattr(one, "code", "made") for one in results) == ["aid_open", "aid_open", "made"]

    def test_two_approvers_of_the_same_case(self, county, people, person):
        other = person("浔阳区", Role.LEADER)
        with system_scope("test"):
            case = ready(county, people, "甲")
        results = at_once(approving(case, people), approving(case, people, by=other))
        assert sorted(type(one).__name__ for one in results) == ["HardshipCase", "Refused"]
        with system_scope("test"):
            assert spent() == (D(3000), D(3000))

    def test_two_cases_of_the_same_person(self, county, people, person):
        """Only one is granted without a reason; the other is told why."""
        other = person("浔阳区", Role.LEADER)
        with system_scope("test"):
            who = duties.cadre(county, "甲")
            first = make.bring(make.draft(who, people), "published", people)
            HardshipCase.objects.filter(pk=first.pk).update(year=2025)
            second = make.bring(make.draft(who, people), "published", people)
            HardshipCase.objects.filter(pk=first.pk).update(year=2026)
        results = at_once(approving(first, people), approving(second, people, by=other))
        (refused,) = [one for one in results if isinstance(one, Refused)]
        assert refused.code == "granted_already"
        with system_scope("test"):
            assert spent() == (D(3000), D(3000))
            assert HardshipCase.objects.filter(state="approved", exception=False).count() == 1
