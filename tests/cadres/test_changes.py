"""Changes in a person's life: what each sets, when it is impossible, what death stops."""

from datetime import date

import pytest

from apps.activity.models import AuditEvent
from apps.cadres import actions
from apps.cadres.models import Cadre, ChangeKind, Relative, Standing, StatusChange, Survivor
from apps.cadres.registries import LIFE_EVENTS
from apps.cadres.workflow import EFFECTS, reason_against
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered
from tests.cadres.conftest import TODAY
from tests.factories import registry

DAY = date(2026, 11, 3)


@pytest.fixture
def register(someone, worker):
    def use(kind, scope, on=DAY, **given):
        return actions.register_status_change(cadre=someone, kind=kind, effective_on=on, by=worker, scope=scope, today=TODAY, **given)

    return use


def test_a_change_sets_what_its_kind_may_and_nothing_else(someone, register, inside):
    with inside("浔阳区") as scope:
        made = register(ChangeKind.ADMITTED, scope, values={"hospital": "市一院", "self_care": "dependent", "name": "改名"}, note="心血管")
        someone.refresh_from_db()
        assert (someone.hospital, someone.self_care, someone.name, someone.version) == ("市一院", "dependent", "王德福", 2)
        assert made.after == {"hospital": "市一院", "self_care": "dependent"}
        assert made.before == {"hospital": "", "self_care": ""}
        assert AuditEvent.objects.get(verb="cadre.status").data["kind"] == "admitted"


def test_blank_values_leave_the_record(someone, register, inside):
    with inside("浔阳区") as scope:
        register(ChangeKind.RESIDENCE, scope, values={"address": "人民路", "living": ""})
        someone.refresh_from_db()
        assert (someone.address, someone.living) == ("人民路", "")


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        (ChangeKind.DISABLED, {}, "self_care"),
        (ChangeKind.RESIDENCE, {}, "address"),
        (ChangeKind.RESETTLED, {}, "resettled_place"),
        (ChangeKind.DECEASED, {"on": date(2026, 11, 23)}, "effective_on"),
        (ChangeKind.DECEASED, {"on": date(1940, 4, 30)}, "effective_on"),
    ],
)
def test_what_is_missing_or_impossible_is_said_at_its_field(someone, register, inside, kind, given, field):
    with inside("浔阳区") as scope, pytest.raises(Refused) as refused:
        register(kind, scope, **given)
    assert refused.value.field == field


def test_resettling_and_widowhood(someone, register, inside):
    with inside("浔阳区") as scope:
        register(ChangeKind.RESETTLED, scope, values={"resettled_place": "江苏省南京市"})
        register(ChangeKind.WIDOWED, scope)
        someone.refresh_from_db()
        assert (someone.resettled, someone.resettled_place, someone.marital) == (True, "江苏省南京市", "30")


def test_death_opens_the_survivor_and_ends_everything_else(someone, worker, register, inside, codes):
    with inside("浔阳区") as scope:
        for relation, name in (("老伴", "李秀英"), ("长子", "王小明")):
            actions.save_relative(cadre=someone, values={"relation": relation, "name": name, "phone": "12811112222", "lives_with": True}, by=worker)
        register(ChangeKind.DECEASED, scope)
        someone.refresh_from_db()
        assert (someone.standing, someone.deceased_on) == (Standing.DECEASED, DAY)
        survivor = Survivor.objects.get(cadre=someone)
        assert (survivor.name, survivor.relation, survivor.phone, survivor.phone_masked) == ("李秀英", "配偶", "12811112222", "128****2222")
        with pytest.raises(Refused, match="已去世"):
            register(ChangeKind.ADMITTED, scope)


def test_a_wrong_death_is_taken_back_and_registered_again_once(someone, worker, register, inside, codes):
    with inside("浔阳区") as scope:
        actions.save_relative(cadre=someone, values={"relation": "妻子", "name": "李秀英"}, by=worker)
        register(ChangeKind.DECEASED, scope)
        register(ChangeKind.RESTORED, scope, on=TODAY)
        someone.refresh_from_db()
        assert (someone.standing, someone.deceased_on) == (Standing.ACTIVE, None)
        register(ChangeKind.DECEASED, scope, on=TODAY)
        assert Survivor.objects.filter(cadre=someone).count() == 1


def test_handlers_above_run_in_the_same_transaction(someone, register, inside, monkeypatch):
    def fails(*, change, by, today):
        raise Refused("不行。")

    monkeypatch.setitem(LIFE_EVENTS._items, "test.fails", fails)
    with inside("浔阳区") as scope:
        with pytest.raises(Refused, match="不行"):
            register(ChangeKind.DECEASED, scope)
        someone.refresh_from_db()
        assert someone.standing == Standing.ACTIVE
        assert not StatusChange.objects.exists()
        assert not AuditEvent.objects.filter(verb="cadre.status").exists()


def test_a_transfer_inside_the_scope_takes_everything_along(places, someone, worker, register, scope_of, inside):
    with inside("浔阳区"):
        actions.save_relative(cadre=someone, values={"relation": "妻子", "name": "李秀英"}, by=worker)
    with inside("九江市") as scope:
        made = actions.register_status_change(cadre=someone, kind="moved_out", effective_on=DAY, by=worker, scope=scope, today=TODAY, org=places["濂溪区卫生局"])
        assert (made.before["org_name"], made.after["org_name"]) == ("浔阳区教育局", "濂溪区卫生局")
    with inside("濂溪区"):
        assert Cadre.objects.get(pk=someone.pk).standing == Standing.ACTIVE
        assert Relative.objects.filter(cadre=someone).exists()
        assert StatusChange.objects.filter(cadre=someone).exists()
    with inside("浔阳区"):
        assert not Cadre.objects.filter(pk=someone.pk).exists()


def test_a_transfer_beyond_the_scope_is_refused(places, register, inside):
    with inside("浔阳区") as scope, pytest.raises(Refused) as refused:
        register(ChangeKind.MOVED_OUT, scope, org=places["濂溪区卫生局"])
    assert refused.value.field == "org"


def test_moved_away_and_back(someone, register, inside):
    with inside("浔阳区") as scope:
        register(ChangeKind.MOVED_OUT, scope, note="调往南昌")
        someone.refresh_from_db()
        assert someone.standing == Standing.MOVED
        with pytest.raises(Refused, match="已转出"):
            actions.change_cadre(cadre=someone, values={"address": "x"}, version=someone.version, by=someone.created_by, scope=scope, today=TODAY)
        register(ChangeKind.RECEIVED, scope, on=TODAY)
        someone.refresh_from_db()
        assert someone.standing == Standing.ACTIVE


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("kind", list(ChangeKind))
def test_every_kind_from_every_standing(places, worker, inside, kind, standing):
    """A reason stands against exactly what the action refuses."""
    needed = {"self_care": "dependent", "address": "人民路", "resettled_place": "南京"}
    with inside("浔阳区") as scope:
        cadre = registry.register(places["浔阳区"], worker)
        into = registry.register(places["浔阳区"], worker, "另一份") if standing == Standing.MERGED else None
        Cadre.objects.filter(pk=cadre.pk).update(standing=standing, merged_into=into, deceased_on=DAY if standing == Standing.DECEASED else None)
        cadre.refresh_from_db()
        reason = reason_against(cadre, kind)
        assert bool(reason) == (standing not in EFFECTS[kind].sources)
        values = {name: needed[name] for name in EFFECTS[kind].required}
        if reason:
            with pytest.raises(Refused):
                actions.register_status_change(cadre=cadre, kind=kind, effective_on=TODAY, by=worker, scope=scope, today=TODAY, values=values)
        else:
            actions.register_status_change(cadre=cadre, kind=kind, effective_on=TODAY, by=worker, scope=scope, today=TODAY, values=values)
            cadre.refresh_from_db()
            assert cadre.standing == (EFFECTS[kind].target or standing)


def test_neighbours_can_register_nothing(someone, neighbour, places):
    with entered(Scope((places["濂溪区"].path,))) as scope, pytest.raises(Cadre.DoesNotExist):
        actions.register_status_change(cadre=someone, kind="deceased", effective_on=DAY, by=neighbour, scope=scope, today=TODAY)
