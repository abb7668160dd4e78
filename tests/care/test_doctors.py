"""家庭医生签约: terms that don't overlap, renewed with one press, asked for before they end, on the card."""

from datetime import date

import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.actions.doctors import edit_doctor, next_term, renew_doctor, sign_doctor
from apps.care.actions.todos import drop_todo, finish_todo
from apps.care.models import DoctorContract, OccasionRule, ToDo
from apps.care.reminders import open_occasions
from apps.core.refusal import Refused, Stale
from tests.factories import duties as make

pytestmark = pytest.mark.usefixtures("whole")
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def rules(db):
    standards.load()
    OccasionRule.objects.exclude(trigger="contract").delete()


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="worker")


@pytest.fixture
def who(places):
    return make.cadre(places["浔阳区教育局"], family_doctor="旧档案里的医生")


@pytest.fixture
def sign(who, worker):
    def act(starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), **given):
        values = {"doctor": "陈医生", "institution": "湓浦社区卫生服务中心", "phone": "0792-8120001"} | given
        return sign_doctor(cadre=who, starts_on=starts_on, ends_on=ends_on, by=worker, today=TODAY, **values)

    return act


@pytest.mark.parametrize(
    ("term", "following"),
    [
        ((date(2026, 1, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 12, 31))),
        ((date(2023, 3, 1), date(2024, 2, 29)), (date(2024, 3, 1), date(2025, 2, 28))),
        ((date(2024, 2, 29), date(2025, 2, 28)), (date(2025, 3, 1), date(2026, 2, 28))),
        ((date(2026, 1, 1), date(2028, 12, 31)), (date(2029, 1, 1), date(2031, 12, 31))),
        ((date(2026, 5, 1), date(2026, 7, 9)), (date(2026, 7, 10), date(2026, 9, 17))),
    ],
)
def test_as_long_a_term_again(term, following):
    assert next_term(DoctorContract(starts_on=term[0], ends_on=term[1])) == following


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"doctor": " "}, "doctor"), ({"institution": ""}, "institution"), ({"ends_on": date(2025, 1, 1)}, "ends_on"), ({"ends_on": date(2062, 1, 1)}, "ends_on"),
        ({"starts_on": date(2026, 12, 31), "ends_on": date(2027, 6, 1)}, "starts_on"),
    ],
)  # fmt: skip
def test_refusals_name_the_field(sign, given, field):
    sign()
    with pytest.raises(Refused) as refused:
        sign(**{"starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)} | given)
    assert refused.value.field == field


@pytest.mark.parametrize(("today", "opened"), [(date(2026, 11, 30), 0), (date(2026, 12, 1), 1), (date(2027, 2, 1), 1), (date(2027, 4, 1), 0)])
def test_asked_for_so_many_days_before_the_end(sign, today, opened):
    sign()
    assert open_occasions(today=today) == opened
    assert open_occasions(today=today) == 0


def test_the_days_ahead_are_data(sign):
    sign()
    OccasionRule.objects.update(ahead_days=60)
    assert open_occasions(today=date(2026, 11, 2)) == 1


class TestRenewing:
    @pytest.fixture
    def contract(self, sign):
        contract = sign()
        open_occasions(today=date(2026, 12, 5))
        return contract

    def test_one_press_settles_the_reminder_and_two_renew_once(self, contract, worker):
        renewed = renew_doctor(contract=contract, by=worker, today=date(2026, 12, 6))
        assert renew_doctor(contract=contract, by=worker, today=date(2026, 12, 6)) == renewed
        todo = ToDo.objects.get()
        assert (todo.state, todo.done_by, todo.result) == ("done", worker, "已续签至 2027-12-31")
        assert open_occasions(today=date(2026, 12, 20)) == 0
        assert open_occasions(today=date(2027, 12, 5)) == 1

    def test_another_doctor_meanwhile(self, contract, sign, worker):
        sign(date(2027, 1, 1), date(2027, 12, 31), doctor="李医生")
        assert ToDo.objects.get().state == "done"
        with pytest.raises(Refused, match="更晚的签约"):
            renew_doctor(contract=contract, by=worker, today=TODAY)

    def test_it_is_renewed_or_dropped_not_finished(self, contract, worker):
        todo = ToDo.objects.get()
        with pytest.raises(Refused, match="续约"):
            finish_todo(todo=todo, result="x", by=worker, today=TODAY)
        assert drop_todo(todo=todo, reason="随女儿去外地", by=worker).state == "closed"

    def test_correcting_the_last_day_moves_the_reminder(self, contract, worker):
        edit_doctor(contract=contract, ends_on=date(2027, 1, 31), by=worker, today=date(2026, 12, 6), version=1)
        todo = ToDo.objects.get()
        assert (todo.due_on, todo.opens_on) == (date(2027, 1, 31), date(2027, 1, 1))
        with pytest.raises(Stale):
            edit_doctor(contract=contract, doctor="另一人", by=worker, today=TODAY, version=1)

    def test_the_dead_sign_nothing(self, who, sign):
        who.standing, who.deceased_on = "deceased", TODAY
        who.save()
        with pytest.raises(Refused, match="不在册"):
            sign(date(2027, 1, 1), date(2027, 12, 31))


class TestPages:
    def test_signed_corrected_renewed_and_printed(self, client, who, worker):
        client.force_login(worker)
        values = {"doctor": "陈医生", "institution": "湓浦社区卫生服务中心", "phone": "0792-8120001", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
        assert client.post(reverse("care:doctor_sign", args=[who.pk]), values | {"ends_on": "2020-01-01"}).status_code == 422
        assert client.post(reverse("care:doctor_sign", args=[who.pk]), values).status_code == 302
        contract = DoctorContract.objects.get()
        page = client.get(reverse("cadres:detail", args=[who.pk]) + "?tab=plan").content.decode()
        assert reverse("care:doctor_renew", args=[contract.pk]) in page
        assert client.get(reverse("care:doctor_edit", args=[contract.pk])).status_code == 200
        client.post(reverse("care:doctor_renew", args=[contract.pk]))
        assert DoctorContract.objects.count() == 2

    def test_the_card_names_the_term_that_runs(self, client, who, worker):
        client.force_login(worker)
        DoctorContract.objects.create(
            cadre=who, org=who.org, doctor="陈医生", institution="湓浦中心", phone="8120001", starts_on=date(2020, 1, 1), ends_on=date(2099, 12, 31), created_by=worker
        )
        page = client.get(reverse("care:card", args=[who.pk])).content.decode()
        assert "陈医生" in page
        assert "8120001" in page
        assert "旧档案里的医生" not in page
        DoctorContract.objects.update(ends_on=date(2020, 12, 31))
        assert "旧档案里的医生" in client.get(reverse("care:card", args=[who.pk])).content.decode()
