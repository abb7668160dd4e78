"""调入申请: two sides and a neighbour who has nothing to do with it; both fences; races; what moves; expiry."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from apps.accounts.models import Membership
from apps.accounts.permissions import ROLES, Role
from apps.activity.models import AuditEvent, Notification
from apps.cadres import actions, selectors, standards
from apps.cadres.columns import prepare
from apps.cadres.models import Cadre, Relative, StatusChange, TransferRequest, TransferState
from apps.care.models import ServicePlan, Visit
from apps.core.metrics import Period, count
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions as imports
from apps.files import selectors as files
from apps.files.models import RowState
from tests.cadres.sheets_kit import applied, looked_at, read
from tests.factories import duties
from tests.factories.registry import number
from tests.files.test_batches_raced import at_once
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import person as row

TODAY, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db
NAME, NUMBER = "王德福", number()


@pytest.fixture
def asker(person):
    return person("浔阳区", Role.COUNTY_OFFICER, username="asker")


@pytest.fixture
def giver(person):
    return person("濂溪区", Role.COUNTY_OFFICER, username="giver")


@pytest.fixture
def cadre(places):
    standards.load()
    with system_scope("test"):
        known = {"name": NAME, "id_number": NUMBER, "born_on": date(1940, 5, 1), "phone": "12011112222"}
        return Cadre.objects.create(org=places["濂溪区卫生局"], retire_kind="retired", **prepare(known))


def ask(places, by, place="浔阳区", org=None, id_number=NUMBER, name=NAME):
    with entered(Scope((places[place].path,))) as scope:
        return actions.ask_transfer(number=id_number, name=name, org=places[org or place], reason="已迁居", by=by, scope=scope, today=TODAY, now=NOW)


def answer(places, act, request, by, place="濂溪区", **more):
    with entered(Scope((places[place].path,))) as scope:
        return act(request=request, by=by, scope=scope, now=NOW, **more)


def confirm(places, request, by, place="濂溪区"):
    return answer(places, actions.confirm_transfer, request, by, place, today=TODAY)


def now_is(request):
    with system_scope("test"):
        return TransferRequest.objects.get(pk=request.pk)


def where_is(cadre):
    with system_scope("test"):
        return Cadre.objects.get(pk=cadre.pk).org.name


def messages_of(user):
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("title", flat=True))


class TestAsking:
    def test_tells_the_county_and_nothing_else(self, places, cadre, asker, giver):
        request = ask(places, asker)
        assert (request.giver_name, request.name, request.id_masked[-4:], request.state) == ("濂溪区", NAME, NUMBER[-4:], TransferState.OPEN)
        assert messages_of(giver) == ["浔阳区申请调入 1 人"]
        assert where_is(cadre) == "濂溪区卫生局"
        with system_scope("test"):
            assert AuditEvent.objects.get(verb="transfer.asked").org_path == places["浔阳区"].path

    @pytest.mark.parametrize(
        ("given", "code"),
        [({"id_number": "123"}, "id_wrong"), ({"id_number": ""}, "id_wrong"), ({"id_number": number(seq=999)}, "not_registered"), ({"org": "濂溪区"}, "region_out_of_scope")]
    )
    def test_refusals(self, places, cadre, asker, given, code):
        with pytest.raises(Refused) as refused:
            ask(places, asker, **given)
        assert refused.value.code == code

    def test_twice(self, places, cadre, asker):
        ask(places, asker)
        with pytest.raises(Refused) as refused:
            ask(places, asker)
        assert refused.value.code == "already"

    def test_for_ones_own(self, places, cadre, giver):
        with pytest.raises(Refused) as refused:
            ask(places, giver, "濂溪区")
        assert refused.value.code == "own"

    def test_somebody_without_a_number_is_nobodys_match(self, places, cadre, asker):
        with system_scope("test"):
            Cadre.objects.filter(pk=cadre.pk).update(**prepare({"id_number": None}))
        with pytest.raises(Refused) as refused:
            ask(places, asker)
        assert refused.value.code == "not_registered"

    def test_workers_answer_where_there_is_no_officer(self, places, cadre, asker, person):
        worker = person("濂溪区", Role.WORKER)
        ask(places, asker)
        assert messages_of(worker) == ["浔阳区申请调入 1 人"]

    def test_the_city_answers_where_the_county_has_nobody(self, places, cadre, asker, person):
        city = person("九江市", Role.DATA_ADMIN)
        ask(places, asker)
        assert messages_of(city) == ["浔阳区申请调入 1 人"]


class TestFences:
    @pytest.fixture
    def request_(self, places, cadre, asker):
        return ask(places, asker, org="浔阳区教育局")

    @pytest.mark.parametrize(("place", "seen"), [("浔阳区", 1), ("濂溪区", 1), ("浔阳区教育局", 1), ("濂溪区卫生局", 1), ("九江市", 1), ("黑龙江省", 0)])
    def test_both_sides_see_it_and_nobody_else(self, places, request_, place, seen):
        scope = Scope((places[place].path,))
        with entered(scope):
            assert selectors.transfers(scope).count() == seen
            assert TransferRequest.objects.count() == seen, "second fence alone"
        with system_scope("second fence open"):
            assert selectors.transfers(scope).count() == seen, "first fence alone"

    def test_an_empty_scope_sees_nothing(self, request_):
        with system_scope("second fence open"):
            assert selectors.transfers(Scope()).count() == 0

    def test_a_stranger_can_neither_change_nor_write_one(self, places, request_, asker):
        with entered(Scope((places["黑龙江省"].path,))):
            assert TransferRequest.objects.update(state="refused", answered_at=NOW) == 0
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                TransferRequest.objects.create(
                    cadre_id=request_.cadre_id, org=places["浔阳区教育局"], giver_path=places["濂溪区"].path, giver_name="x", asked_by=asker, asked_at=NOW, expires_on=TODAY
                )

    def test_the_asking_side_sees_no_record_before_it_is_confirmed(self, places, request_, giver, scope_of):
        with entered(scope_of("浔阳区")) as scope:
            assert selectors.person_asked_for(scope, request_) is None
        with entered(scope_of("濂溪区")) as scope:
            assert selectors.person_asked_for(scope, request_).name == NAME
        confirm(places, request_, giver)
        with entered(scope_of("浔阳区")) as scope:
            assert selectors.person_asked_for(scope, request_).name == NAME
        with entered(scope_of("濂溪区")) as scope:
            assert selectors.person_asked_for(scope, request_) is None
            assert selectors.transfer(scope, request_.pk).state == TransferState.CONFIRMED

    def test_an_organisation_that_moves_takes_its_side_along(self, places, request_, person):
        from apps.accounts.actions.organizations import move_organization

        move_organization(org=places["濂溪区卫生局"], parent=places["九江市"], by=person("九江市", Role.SYSTEM_ADMIN))
        with system_scope("test"):
            assert now_is(request_).giver_path == Cadre.objects.get(pk=request_.cadre_id).org_path != "/36/3604/360402/u2/"


class TestConfirming:
    def test_everything_goes_along(self, places, cadre, asker, giver):
        with system_scope("test"):
            relative = Relative.objects.create(cadre=cadre, org=cadre.org, relation="长子", name="王小")
            plan = duties.plan(cadre, date(2026, 1, 1), worker=giver)
            visit = duties.visit(cadre, date(2026, 3, 1), giver)
        request = ask(places, asker, org="浔阳区教育局")
        change = confirm(places, request, giver)
        target = places["浔阳区教育局"]
        with system_scope("test"):
            for model, one in ((Cadre, cadre), (Relative, relative), (ServicePlan, plan), (Visit, visit), (StatusChange, change)):
                found = model.objects.get(pk=one.pk)
                assert (found.org_id, found.org_path) == (target.pk, target.path), model
            assert ServicePlan.objects.get(pk=plan.pk).worker is None, "who can't see him is not responsible any more"
            moved = StatusChange.objects.get(pk=change.pk)
            assert (moved.kind, moved.before["org_name"], moved.after["org_name"]) == ("moved_out", "濂溪区卫生局", "浔阳区教育局")
            assert {"transfer.confirmed", "cadre.status"} <= set(AuditEvent.objects.values_list("verb", flat=True))
        done = now_is(request)
        assert (done.state, done.answered_by) == (TransferState.CONFIRMED, giver)
        assert messages_of(asker) == [f"已调入：{NAME}"]

    def test_one_person_is_counted_once_on_either_side(self, places, cadre, asker, giver):
        confirm(places, ask(places, asker), giver)
        from apps.core.metrics import METRICS

        year = Period(date(2026, 1, 1), date(2026, 12, 31), TODAY)
        wanted = [METRICS[key] for key in ("people", "ledger_in", "ledger_out", "ledger_handed")]
        with system_scope("test"):
            here, there, city = (count(wanted, places[name].path, year) for name in ("浔阳区", "濂溪区", "九江市"))
        assert [found["people"][places[name].path] for found, name in ((here, "浔阳区"), (there, "濂溪区"), (city, "九江市"))] == [1, 0, 1]
        assert city["ledger_in"][places["九江市"].path] == city["ledger_out"][places["九江市"].path] == 0
        assert here["ledger_handed"][places["浔阳区"].path] == 1

    def test_who_has_left_the_system_comes_back(self, places, cadre, asker, giver):
        with system_scope("test"):
            Cadre.objects.filter(pk=cadre.pk).update(standing="moved")
        confirm(places, ask(places, asker), giver)
        with system_scope("test"):
            found = Cadre.objects.get(pk=cadre.pk)
        assert (found.standing, found.org_path) == ("active", places["浔阳区"].path)

    def test_only_the_giving_side_answers(self, places, cadre, asker, giver, person):
        request = ask(places, asker)
        for act, more in ((actions.confirm_transfer, {"today": TODAY}), (actions.refuse_transfer, {"answer": "不同意"})):
            with pytest.raises(Refused) as refused:
                answer(places, act, request, asker, "浔阳区", **more)
            assert refused.value.code == "not_asked"
        with pytest.raises(Refused) as refused:
            answer(places, actions.withdraw_transfer, request, giver)
        assert refused.value.code == "not_asked"
        with pytest.raises(Refused):
            confirm(places, request, person("黑龙江省", Role.COUNTY_OFFICER), "黑龙江省")
        assert where_is(cadre) == "濂溪区卫生局"

    def test_neighbours_of_neither_are_untouched(self, places, cadre, asker, giver):
        with system_scope("test"):
            other = Cadre.objects.create(org=places["齐齐哈尔市"], name="旁人", name_key="旁人", retire_kind="retired")
            before = Cadre.objects.filter(pk=other.pk).values().get()
        confirm(places, ask(places, asker), giver)
        with system_scope("test"):
            assert Cadre.objects.filter(pk=other.pk).values().get() == before


class TestRefusing:
    def test_with_a_reason(self, places, cadre, asker, giver):
        request = ask(places, asker)
        with pytest.raises(Refused, match="理由"):
            answer(places, actions.refuse_transfer, request, giver, answer=" ")
        answer(places, actions.refuse_transfer, request, giver, answer="人还住在我区。")
        assert (now_is(request).state, now_is(request).answer) == (TransferState.REFUSED, "人还住在我区。")
        assert messages_of(asker) == [f"没有同意调出：{NAME}"]
        with pytest.raises(Refused) as refused:
            confirm(places, request, giver)
        assert refused.value.code == "closed"
        assert ask(places, asker).pk != request.pk, "one may ask again"

    def test_withdrawn(self, places, cadre, asker, giver):
        request = ask(places, asker)
        answer(places, actions.withdraw_transfer, request, asker, "浔阳区")
        with pytest.raises(Refused) as refused:
            confirm(places, request, giver)
        assert refused.value.code == "closed"
        assert where_is(cadre) == "濂溪区卫生局"


def changed(places, cadre, by, place="濂溪区", **given):
    with entered(Scope((places[place].path,))) as scope:
        return actions.register_status_change(cadre=cadre, effective_on=TODAY, by=by, scope=scope, today=TODAY, **given)


class TestMeanwhile:
    def test_he_dies(self, places, cadre, asker, giver):
        request = ask(places, asker)
        changed(places, cadre, giver, kind="deceased")
        assert now_is(request).state == TransferState.LAPSED
        assert "去世" not in now_is(request).answer, "the asking side isn't told what isn't its business"
        with pytest.raises(Refused) as refused:
            confirm(places, request, giver)
        assert refused.value.code == "closed"

    def test_he_moves_inside_the_giving_county(self, places, cadre, asker, giver):
        request = ask(places, asker)
        changed(places, cadre, giver, kind="moved_out", org=places["濂溪区"])
        assert (now_is(request).state, now_is(request).giver_path) == (TransferState.OPEN, places["濂溪区"].path)
        confirm(places, request, giver)
        assert where_is(cadre) == "浔阳区"

    def test_the_city_moves_him_to_the_asker_by_hand(self, places, cadre, asker, person):
        request = ask(places, asker)
        changed(places, cadre, person("九江市", Role.DATA_ADMIN), "九江市", kind="moved_out", org=places["浔阳区"])
        assert now_is(request).state == TransferState.CONFIRMED

    def test_he_is_moved_elsewhere(self, places, cadre, giver, person):
        request = ask(places, person("黑龙江省", Role.COUNTY_OFFICER), "黑龙江省", org="齐齐哈尔市")
        changed(places, cadre, person("九江市", Role.DATA_ADMIN), "九江市", kind="moved_out", org=places["浔阳区"])
        assert now_is(request).state == TransferState.LAPSED

    def test_of_two_askers_one_gets_him(self, places, cadre, asker, giver, person):
        far = person("黑龙江省", Role.COUNTY_OFFICER)
        first, second = ask(places, asker), ask(places, far, "黑龙江省", org="齐齐哈尔市")
        confirm(places, first, giver)
        assert now_is(second).state == TransferState.LAPSED
        assert messages_of(far) == [f"调入申请已失效：{NAME}"]
        with pytest.raises(Refused) as refused:
            confirm(places, second, giver)
        assert refused.value.code in ("closed", "gone")


@pytest.mark.django_db(transaction=True)
def test_two_askers_confirmed_at_once(places, cadre, asker, giver, person):
    requests = [ask(places, asker), ask(places, person("黑龙江省", Role.COUNTY_OFFICER), "黑龙江省", org="齐齐哈尔市")]
    results = at_once(*[lambda one=one: confirm(places, one, giver) for one in requests])
    assert sum(isinstance(one, StatusChange) for one in results) == 1, results
    states = sorted(now_is(one).state for one in requests)
    assert states in (["confirmed", "lapsed"], ["confirmed", "open"])
    with system_scope("test"):
        assert StatusChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_six_presses_move_once(places, cadre, asker, giver):
    request = ask(places, asker)
    results = at_once(*[lambda: confirm(places, request, giver)] * 6)
    assert sum(isinstance(one, StatusChange) for one in results) == 1
    assert sum(isinstance(one, Refused) and one.code == "closed" for one in results) == 5


@pytest.mark.parametrize(
    ("days", "expired", "reminded", "state"), [(6, 0, 0, "open"), (8, 0, 1, "open"), (30, 0, 1, "open"), (31, 1, 0, "expired")]
)
def test_days_go_by(places, cadre, asker, giver, days, expired, reminded, state):
    request = ask(places, asker)
    for again in (1, 0):
        found = actions.settle_transfers(today=TODAY + timedelta(days=days), now=NOW + timedelta(days=days))
        assert found == {"expired": expired * again, "reminded": reminded * again}
    assert now_is(request).state == state


class TestFromAnImport:
    @pytest.fixture
    def clerk(self, person):
        standards.load()
        return person("浔阳区", Role.DATA_ADMIN)

    @pytest.fixture
    def outcome(self, tmp_path, places, clerk, person):
        """Two people of 濂溪区 in a sheet of 浔阳区, and a third, new one."""
        applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1), row(2)]))), places["濂溪区"], person("九江市", Role.DATA_ADMIN)), person("九江市", Role.DATA_ADMIN))
        return read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([row(1, 特长="书法"), row(2), row(3)], [*row(1), "特长"]))), places["浔阳区"], clerk)

    def ask(self, places, outcome, clerk):
        with entered(Scope((places["浔阳区"].path,))) as scope:
            rows = list(files.rows(scope, outcome.batch, RowState.REFUSED))
            return actions.ask_for_rows(batch=outcome.batch, rows=rows, reason="已转来", by=clerk, scope=scope, today=TODAY, now=NOW)

    def test_all_at_once_and_again(self, places, outcome, clerk, giver, django_assert_max_num_queries):
        with django_assert_max_num_queries(40):
            assert self.ask(places, outcome, clerk) == actions.transfers.Asked(2, 0, 0)
        assert self.ask(places, outcome, clerk) == actions.transfers.Asked(0, 2, 0)
        assert messages_of(giver) == ["浔阳区申请调入 2 人"]

    @pytest.mark.parametrize("first", [False, True], ids=["before the apply", "after the apply"])
    def test_confirmed_and_checked_again(self, places, outcome, clerk, giver, first):
        if first:
            applied(outcome, clerk)
        self.ask(places, outcome, clerk)
        with system_scope("test"):
            request = TransferRequest.objects.get(name=row(1)["姓名"])
        confirm(places, request, giver)
        with entered(Scope((places["浔阳区"].path,))):
            states = imports.recheck_rows(
                batch=outcome.batch, keys=[request.row_id, request.row_id + 1], code="other_unit", by=clerk, rights=ROLES[Role.DATA_ADMIN], now=NOW
            )
        assert states == {"changed": 1, "refused": 1}
        assert looked_at(outcome.batch).tally == (1, 1, 0, 1)
        if not first:
            applied(outcome, clerk)
        with system_scope("test"):
            assert Cadre.objects.get(name=row(1)["姓名"]).skills == "书法"
            assert Cadre.objects.get(name=row(2)["姓名"]).org_path == places["濂溪区"].path

    def test_rows_of_another_batch_are_not_asked_for(self, places, outcome, clerk, tmp_path):
        other = read(xlsx(tmp_path / "c.xlsx", ("花名册", grid([row(9)]))), places["浔阳区"], clerk)
        with entered(Scope((places["浔阳区"].path,))) as scope:
            rows = list(files.rows(scope, outcome.batch, RowState.REFUSED))
            came = actions.ask_for_rows(batch=other.batch, rows=rows, reason="x", by=clerk, scope=scope, today=TODAY, now=NOW)
        assert came.opened == 0

    def test_pages(self, client, places, outcome, clerk, giver):
        client.force_login(clerk)
        url = reverse("cadres:transfer_rows", args=[outcome.batch.pk])
        assert "申请调入 2 人" in client.get(reverse("files:batch", args=[outcome.batch.pk])).content.decode()
        page = client.get(url).content.decode()
        assert row(1)["身份证号"] not in page
        assert client.post(url, {"reason": ""}).status_code == 422
        client.post(url, {"reason": "已转来", "all": "1"})
        assert "等对方确认" in client.get(url).content.decode()
        with system_scope("test"):
            requests = list(TransferRequest.objects.order_by("pk"))
        client.force_login(giver)
        assert row(1)["姓名"] in client.get(reverse("cadres:transfers")).content.decode()
        detail = reverse("cadres:transfer", args=[requests[0].pk])
        assert "本方档案" in client.get(detail).content.decode()
        assert client.post(detail, {"do": "confirm"}).status_code == 302
        assert client.post(reverse("cadres:transfer", args=[requests[1].pk]), {"do": "refuse", "answer": ""}).status_code == 422
        client.force_login(clerk)
        assert "已调入 1 人，重新核对" in client.get(url).content.decode()
        client.post(reverse("cadres:transfer_recheck", args=[outcome.batch.pk]))
        assert looked_at(outcome.batch).tally[3] == 1


class TestPages:
    def test_by_hand(self, client, places, cadre, asker):
        client.force_login(asker)
        url = reverse("cadres:transfer_new")
        answer = client.post(url, {"number": NUMBER, "name": "写错的名字", "org": places["浔阳区"].pk, "reason": "已迁居"})
        assert answer.status_code == 302
        page = client.get(answer.url).content.decode()
        assert "濂溪区" in page
        for closed in (NAME, "卫生局", "12011112222", NUMBER, "本方档案"):
            assert closed not in page, closed
        assert client.post(url, {"number": number(seq=77), "name": "某人", "org": places["浔阳区"].pk, "reason": "x"}).status_code == 422
        assert client.post(url, {"number": NUMBER, "name": "某人", "org": places["濂溪区"].pk, "reason": "x"}).status_code == 422

    def test_a_name_that_differs_is_said_to_the_giving_side(self, client, places, cadre, asker, giver):
        request = ask(places, asker, name="王得福")
        client.force_login(giver)
        assert "姓名与申请的不同" in client.get(reverse("cadres:transfer", args=[request.pk])).content.decode()

    @pytest.mark.parametrize("given", [{}, {"do": "explode"}])
    def test_nonsense(self, client, places, cadre, asker, giver, given):
        request = ask(places, asker)
        client.force_login(giver)
        assert client.post(reverse("cadres:transfer", args=[request.pk]), given).status_code == 400
        assert now_is(request).state == TransferState.OPEN

    def test_a_role_that_only_looks_asks_for_nobody(self, client, places, person):
        client.force_login(person("浔阳区", Role.LEADER))
        assert client.get(reverse("cadres:transfers")).status_code == 403

    def test_the_badge(self, client, places, cadre, asker, giver):
        ask(places, asker)
        client.force_login(giver)
        assert '调动申请<span class="n">1</span>' in client.get(reverse("cadres:list")).content.decode()
        Membership.objects.filter(user=giver).update(org=places["黑龙江省"])
        assert '调动申请<span class="n">' not in client.get(reverse("cadres:list")).content.decode()
