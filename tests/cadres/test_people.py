"""Opening and changing a record: results, trail, rules, two people at once."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from apps.activity.models import AuditEvent
from apps.cadres import actions, selectors
from apps.cadres.actions import ChangedMeanwhile
from apps.cadres.models import Cadre, ChangeKind, StatusChange
from apps.cadres.selectors.history import edits
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from tests.cadres.conftest import TODAY
from tests.factories import registry


def change(cadre, worker, scope, version=None, **given):
    return actions.change_cadre(cadre=cadre, values=registry.values(**given) if "name" in given else given, version=version or cadre.version, by=worker, scope=scope, today=TODAY)


def test_what_is_stored(someone, inside):
    with inside("浔阳区"):
        cadre = Cadre.objects.get(pk=someone.pk)
        assert (cadre.id_masked, cadre.id_last4, cadre.phone_masked) == ("3604**********" + registry.number()[-4:], registry.number()[-4:], "128****5678")
        assert cadre.id_number == registry.number()
        assert (cadre.name_key, cadre.name_sort) == ("王德福", "wang de fu 王德福")
        assert AuditEvent.objects.filter(verb="cadre.created", key=str(cadre.pk), actor="张工").count() == 1


def test_nothing_readable_lies_in_the_table(someone, as_owner):
    with system_scope("look"), connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM cadres_cadre c WHERE id = %s", [someone.pk])
        row = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(row_to_json(e)::text, '') FROM cadres_cadreevent e WHERE pgh_obj_id = %s", [someone.pk])
        history = cursor.fetchone()[0]
    for secret in (registry.number(), "12812345678"):
        assert secret not in row
        assert secret not in history


def test_a_place_outside_is_refused(places, worker, inside):
    with inside("浔阳区"), pytest.raises(Refused, match="不在您的管理范围"):
        registry.register(places["濂溪区"], worker)


def test_arrival_counts_as_a_change(places, worker, inside):
    with inside("浔阳区") as scope:
        cadre = actions.register_cadre(
            org=places["浔阳区"], values=registry.values(), by=worker, scope=scope, today=TODAY, arrival="registered", arrived_on=date(2026, 3, 1), document_no="浔老〔2026〕1 号"
        )
        made = StatusChange.objects.get(cadre=cadre)
        assert (made.kind, made.effective_on, made.document_no) == (ChangeKind.REGISTERED, date(2026, 3, 1), "浔老〔2026〕1 号")


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"name": ""}, "name", "required_missing"),
        ({"retire_kind": ""}, "retire_kind", "required_missing"),
        ({"born_on": None}, "born_on", "required_missing"),
        ({"id_number": "360499194005010011"}, "id_number", "id_checksum"),
        ({"work_started_on": "1939"}, "work_started_on", "date_order"),
        ({"work_started_on": "1970", "retired_on": "1969.05"}, "retired_on", "date_order"),
        ({"retired_on": "2027.01"}, "retired_on", "date_future"),
        ({"retire_kind": "lixiu", "born_on": "1930", "revolution_started_on": "1949.10"}, "revolution_started_on", "retire_kind_conflict"),
    ],
)
def test_rules_say_why_and_where(places, worker, inside, given, field, code):
    with inside("浔阳区"), pytest.raises(Refused) as refused:
        registry.register(places["浔阳区"], worker, **given)
    assert (refused.value.field, refused.value.code) == (field, code)
    with inside("浔阳区"):
        assert not Cadre.objects.exists()
        assert not AuditEvent.objects.filter(verb="cadre.created").exists()


def test_lixiu_by_the_last_september_day(places, worker, inside):
    with inside("浔阳区"):
        cadre = registry.register(places["浔阳区"], worker, retire_kind="lixiu", born_on="1930", revolution_started_on="1949.09.30")
        cadre.refresh_from_db()
        assert cadre.revolution_period == "5"


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"retire_kind": "lixiu", "revolution_started_on": date(1949, 10, 1)}, "cadre_lixiu_by_1949"),
        ({"work_started_on": date(1930, 1, 1)}, "cadre_born_before_work"),
        ({"work_started_on": date(1970, 1, 1), "retired_on": date(1969, 1, 1)}, "cadre_work_before_retired"),
        ({"standing": "deceased"}, "cadre_death_has_date"),
        ({"standing": "deceased", "deceased_on": date(1939, 1, 1)}, "cadre_born_before_death"),
        ({"retire_kind": "other"}, "cadre_retire_kind_known"),
        ({"standing": "gone"}, "cadre_standing_known"),
        ({"attention_class": "red"}, "cadre_class_known"),
    ],
)
def test_the_database_holds_the_rule_too(someone, inside, wrong, constraint):
    with inside("浔阳区"), pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Cadre.objects.filter(pk=someone.pk).update(**wrong)


def test_one_id_number_is_registered_once_also_elsewhere(places, someone, neighbour, inside):
    with inside("濂溪区"), pytest.raises(Refused) as refused:
        registry.register(places["濂溪区"], neighbour, "别人", id_number=registry.number())
    assert (refused.value.field, refused.value.code) == ("id_number", "cadre_id_number_once")
    assert "浔阳" not in refused.value.sentence


def test_two_without_an_id_number_never_collide(places, worker, inside):
    with inside("浔阳区"):
        registry.register(places["浔阳区"], worker, "甲")
        registry.register(places["浔阳区"], worker, "乙")
        assert Cadre.objects.filter(id_index=None).count() == 2


def test_a_change_counts_up_and_leaves_a_trail(someone, worker, inside):
    with inside("浔阳区") as scope:
        changed = change(someone, worker, scope, address="人民路 18 号", living="alone")
        assert (changed.version, changed.address) == (2, "人民路 18 号")
        event = AuditEvent.objects.get(verb="cadre.changed")
        assert event.data == {"fields": ["address", "living"]}
        newest = edits(scope, changed, selectors.codebook())[0]
        assert {(one.title, one.before, one.after) for one in newest.changes} == {("居住地址", "", "人民路 18 号"), ("居住状况", "", "独居")}


def test_nothing_changed_nothing_written(someone, worker, inside):
    with inside("浔阳区") as scope:
        assert change(someone, worker, scope, name="王德福").version == 1
        assert not AuditEvent.objects.filter(verb="cadre.changed").exists()


def test_a_changed_number_shows_masked_in_the_history(someone, worker, inside):
    with inside("浔阳区") as scope:
        changed = change(someone, worker, scope, id_number=registry.number("1940-05-01", 19), phone=None)
        newest = edits(scope, changed, selectors.codebook())[0]
        shown = {one.title: (one.before, one.after) for one in newest.changes}
        assert shown["手机"] == ("128****5678", "")
        assert "*" in shown["身份证号"][0]
        assert changed.id_index != someone.id_index


def test_the_search_follows_the_name(someone, worker, inside):
    with inside("浔阳区") as scope:
        change(someone, worker, scope, name="单小芳", sex="1")
        assert selectors.matching(scope, "sxf").count() == 1
        assert selectors.matching(scope, "wdf").count() == 0
        assert selectors.matching(scope, "第一小学").count() == 1


def test_a_stale_form_is_told_what_changed(someone, worker, inside):
    with inside("浔阳区") as scope:
        change(someone, worker, scope, address="人民路 18 号", phone="12899990000")
        with pytest.raises(ChangedMeanwhile) as stale:
            change(someone, worker, scope, version=1, address="解放路 1 号")
        assert set(stale.value.changed) == {"address", "phone"}
        assert stale.value.version == 2
        assert Cadre.objects.get(pk=someone.pk).address == "人民路 18 号"


def test_the_date_of_joining_the_revolution_changes_only_with_a_basis(places, worker, inside):
    with inside("浔阳区") as scope:
        cadre = registry.register(places["浔阳区"], worker, retire_kind="lixiu", born_on="1928", revolution_started_on="1946.03")
        later = registry.values(revolution_started_on="1944.03")["revolution_started_on"]
        with pytest.raises(Refused) as refused:
            change(cadre, worker, scope, revolution_started_on=later)
        assert refused.value.field == "basis"
        actions.change_cadre(cadre=cadre, values={"revolution_started_on": later}, version=1, by=worker, scope=scope, today=TODAY, basis="赣老干〔2026〕5 号")
        made = StatusChange.objects.get(cadre=cadre, kind="corrected")
        assert (made.before, made.after, made.document_no) == ({"revolution_started_on": "1946-03-01"}, {"revolution_started_on": "1944-03-01"}, "赣老干〔2026〕5 号")


@pytest.mark.django_db(transaction=True)
def test_of_two_people_saving_at_once_one_is_told(places, person):
    worker = person("浔阳区", username="racer")
    scope = Scope((places["浔阳区"].path,))
    with entered(scope):
        cadre = registry.register(places["浔阳区"], worker)
    start, outcomes = threading.Barrier(6), []

    def press(n):
        try:
            start.wait()
            with entered(scope):
                change(cadre, worker, scope, version=1, address=f"人民路 {n} 号")
            outcomes.append("saved")
        except ChangedMeanwhile:
            outcomes.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved"] + ["stale"] * 5
    with entered(scope):
        assert Cadre.objects.get(pk=cadre.pk).version == 2
