"""What ``seed_scale`` writes is what the portal itself would have written, and the tables come out of it as they went in."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F

from apps.accounts.models import Organization, User
from apps.accounts.permissions import Role
from apps.cadres import standards as registry
from apps.cadres.columns import prepare
from apps.cadres.models import Cadre, StatusChange
from apps.care import standards as care
from apps.care.models import ServicePlan, Visit
from apps.care.reminders import settle
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.dashboard.scale import fill
from apps.dashboard.scale.bare import PARTS
from apps.dashboard.scale.filling import LARGE

TODAY, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def rows_of(sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def shape():
    """Indexes, keys and triggers of the large tables."""
    triggers = rows_of("SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE tgrelid = ANY(%s::regclass[]) AND NOT tgisinternal ORDER BY 1, 2", [list(LARGE)])
    return rows_of(PARTS, {"tables": list(LARGE)}), triggers


@pytest.fixture
def rules(places):
    registry.load()
    care.load()


@pytest.fixture
def filled(rules):
    return fill(cadres=600, visits=900, top="3604", today=TODAY, now=NOW)


@pytest.mark.parametrize("visits", [0, 250, 900])
def test_as_many_as_asked_for(rules, visits):
    made = fill(cadres=600, visits=visits, top="3604", today=TODAY, now=NOW)
    assert (made.cadres, made.visits, made.counties) == (600, visits, 2)
    with system_scope("test"):
        assert (Cadre.objects.count(), Visit.objects.count()) == (600, visits)
        active = Cadre.objects.filter(standing="active")
        assert 550 < active.count() < 600
        assert active.filter(plans__year=2026).annotate(n=Count("plans")).filter(n=1).count() == made.plans == active.count()
        assert StatusChange.objects.count() == made.changes > 0


def test_due_days_are_those_the_portal_settles(filled):
    with system_scope("test"):
        assert not ServicePlan.objects.filter(visit_due_on=None).exists()
        assert ServicePlan.objects.exclude(last_visit_on=None).exclude(last_visit_on=F("last_contact_on")).exists()
        assert settle(today=TODAY) == 0


def test_search_columns_are_those_the_form_writes(filled):
    with system_scope("test"):
        for cadre in Cadre.objects.order_by("?")[:60]:
            wanted = prepare({"name": cadre.name, "original_unit": cadre.original_unit})
            assert (cadre.name_key, cadre.name_sort) == (wanted["name_key"], wanted["name_sort"])
            assert rows_of("SELECT search = %s::tsvector FROM cadres_cadre WHERE id = %s", [wanted["search"], cadre.pk]) == [(True,)]


def test_rows_satisfy_the_models(filled):
    """What the forms would refuse isn't there: codes known, dates in order, constraints kept, a place that exists."""
    book = {(row.table, row.code) for row in registry.apps.get_model("cadres", "Code").objects.all()}
    with system_scope("test"):
        for row in (*Cadre.objects.order_by("?")[:40], *ServicePlan.objects.order_by("?")[:20], *Visit.objects.order_by("?")[:20]):
            row.full_clean()
            assert row.org_path == row.org.path
        for cadre in Cadre.objects.all():
            for name, table in registry.FIELD_TABLES.items():
                value = getattr(cadre, name)
                assert not value or (table, value) in book, (name, value)
        assert Cadre.objects.values("id_index").distinct().count() == 600
        assert not Visit.objects.filter(visited_on__gte=TODAY).exists()
        assert not Visit.objects.exclude(cadre__org=F("org")).exists()


def test_everybody_lies_below_the_county_and_is_served_from_there(filled, places):
    with system_scope("test"):
        for name in ("浔阳区", "濂溪区"):
            path = places[name].path
            here = ServicePlan.objects.filter(org_path__startswith=path)
            assert here.exists()
            workers = here.exclude(worker=None).values_list("worker__memberships__org__path", "worker__memberships__role").distinct()
            assert set(workers) == {(path, Role.WORKER)}
    with entered(Scope((places["浔阳区"].path,))):
        seen = Cadre.objects.count()
    assert 0 < seen < 600


def test_tables_come_out_as_they_went_in(rules):
    before = shape()
    fill(cadres=50, visits=50, top="3604", today=TODAY, now=NOW)
    assert shape() == before
    assert {state for _, _, state in before[1]} == {"O"}
    with system_scope("test"), pytest.raises(IntegrityError), transaction.atomic():
        Cadre.objects.filter(pk=Cadre.objects.first().pk).update(id_index=Cadre.objects.last().id_index)


def test_an_error_midway_leaves_nothing(rules):
    before, places = shape(), Organization.objects.count()

    def told(words):
        if words == "plans":
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fill(cadres=50, visits=50, top="3604", today=TODAY, now=NOW, told=told)
    assert shape() == before
    assert Organization.objects.count() == places
    assert not User.objects.exists()
    with system_scope("test"):
        assert not Cadre.objects.exists()


def test_never_beside_people(filled):
    with pytest.raises(Refused, match="空库"):
        fill(cadres=10, visits=0, top="3604", today=TODAY, now=NOW)
    with pytest.raises(CommandError, match="空库"):
        call_command("seed_scale", cadres=10, top="3604", stderr=StringIO())


def test_never_in_production(rules, settings):
    settings.DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="正式环境"):
        call_command("seed_scale", cadres=10, top="3604")
    with system_scope("test"):
        assert not Cadre.objects.exists()


@pytest.mark.parametrize(("asked", "sentence"), [({"cadres": 0}, "人数应为"), ({"cadres": 5, "visits": -1}, "人数应为"), ({"cadres": 5, "top": "99"}, "没有代码为 99")])
def test_what_cannot_be_is_refused(rules, asked, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("seed_scale", **asked, stderr=StringIO())
