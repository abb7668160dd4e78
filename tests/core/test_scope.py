"""Both fences, each with the other one switched off; the unset scope; nesting; rollback."""

import pytest
import structlog
from django.db import ProgrammingError, connection, transaction

from apps.cadres.models import Cadre
from apps.core.scope import NOWHERE, Scope, current_scope, entered, system_scope


@pytest.fixture
def two_people(places):
    with system_scope("test"):
        for place in ("浔阳区教育局", "濂溪区卫生局"):
            Cadre.objects.create(org=places[place], name=f"{place}的人", name_key="x", retire_kind="retired")


def names(queryset):
    return sorted(queryset.values_list("name", flat=True))


def test_both_fences_together(two_people, scope_of, inside):
    with inside("浔阳区"):
        assert names(Cadre.objects.visible_to(scope_of("浔阳区"))) == ["浔阳区教育局的人"]


def test_second_fence_alone(two_people, inside):
    with inside("浔阳区"):
        assert names(Cadre.objects.all()) == ["浔阳区教育局的人"]


def test_first_fence_alone(two_people, scope_of):
    with system_scope("second fence open"):
        assert names(Cadre.objects.visible_to(scope_of("浔阳区"))) == ["浔阳区教育局的人"]


@pytest.mark.parametrize("place", ["浔阳区教育局", "濂溪区卫生局"])
def test_nothing_without_a_scope(two_people, as_owner, place):
    as_owner()
    assert names(Cadre.objects.all()) == []


def test_an_empty_scope_sees_nothing_and_says_so(two_people):
    with structlog.testing.capture_logs() as lines, entered(NOWHERE):
        assert names(Cadre.objects.all()) == []
    assert [line["event"] for line in lines] == ["scope.empty"]


def test_writing_into_another_county_is_refused(two_people, places, inside):
    with inside("浔阳区"), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Cadre.objects.create(org=places["濂溪区"], name="越界", name_key="x", retire_kind="retired")


def test_moving_a_row_into_another_county_is_refused(two_people, inside):
    with inside("浔阳区"), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Cadre.objects.update(org_path="/36/3604/360402/")


def test_updating_another_county_changes_nothing(two_people, inside):
    with inside("浔阳区"):
        assert Cadre.objects.update(note="看过") == 1
    with system_scope("test"):
        assert names(Cadre.objects.filter(note="")) == ["濂溪区卫生局的人"]


def test_history_is_fenced_too(two_people, inside):
    with inside("浔阳区"):
        assert list(Cadre.pgh_event_model.objects.values_list("name", flat=True)) == ["浔阳区教育局的人"]


def test_nested_scopes_come_back(two_people, inside, scope_of):
    with inside("浔阳区"):
        with inside("濂溪区"):
            assert names(Cadre.objects.all()) == ["濂溪区卫生局的人"]
        assert current_scope() == scope_of("浔阳区")
        assert names(Cadre.objects.all()) == ["浔阳区教育局的人"]
        with pytest.raises(RuntimeError), inside("濂溪区"):
            raise RuntimeError
        assert names(Cadre.objects.all()) == ["浔阳区教育局的人"]


@pytest.mark.django_db(transaction=True)
def test_the_role_ends_with_the_transaction():
    with system_scope("test"):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('portal.roots', true)")
        user, roots = cursor.fetchone()
    assert user not in ("portal_scoped", "portal_root")
    assert not roots


@pytest.mark.parametrize("path", ["36/", "/36", "/36/,/23/"])
def test_a_root_is_a_path(path):
    with pytest.raises(ValueError):
        Scope((path,))
