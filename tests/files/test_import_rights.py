"""Creating and updating by import are rights of their own, asked again when somebody confirms and when the worker writes."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import ROLES, Right, Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions
from apps.files.models import BatchState
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at, opened, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import person as row

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = ROLES[Role.COUNTY_OFFICER]


@pytest.fixture(autouse=True)
def tables(db):
    standards.load()


@pytest.fixture
def county(places):
    return places["浔阳区"]


@pytest.fixture
def officer(person):
    return person("浔阳区", Role.COUNTY_OFFICER)


@pytest.fixture
def without(monkeypatch):
    """Take rights from a role for the test."""
    return lambda role, *rights: monkeypatch.setitem(ROLES, role, ROLES[role] - set(rights))


def sheet(path, numbers, **changes):
    return xlsx(path, ("花名册", grid([row(n, **changes) for n in numbers])))


def confirm(batch, by):
    with entered(Scope((batch.org.path,))):
        actions.confirm_batch(batch=looked_at(batch).batch, by=by)


def ended(user):
    Membership.objects.filter(user=user).update(ends_on=timezone.localdate().replace(year=2021))


@pytest.fixture
def mixed(tmp_path, county, officer):
    """A sheet with one person who is there, to be changed, and one who isn't."""
    applied(read(sheet(tmp_path / "a.xlsx", [1]), county, officer), officer)
    return sheet(tmp_path / "b.xlsx", [1, 2], 手机="12099999999")


def test_rows_that_would_create(mixed, county, officer, without):
    without(Role.COUNTY_OFFICER, Right.IMPORT_CREATE)
    outcome = read(mixed, county, officer)
    assert (outcome.tally, outcome.errors) == ((0, 1, 0, 1), {"create_not_allowed"})
    assert applied(outcome, officer).tally == (0, 1, 0, 1)
    with system_scope("test"):
        assert Cadre.objects.count() == 1


def test_rows_that_would_change(mixed, county, officer, without):
    without(Role.COUNTY_OFFICER, Right.IMPORT_UPDATE)
    outcome = read(mixed, county, officer)
    assert (outcome.tally, outcome.errors) == ((1, 0, 0, 1), {"update_not_allowed"})
    assert outcome.codes()["update_not_allowed"] == ["花名册!C2"]


def test_whoever_may_neither_uploads_nothing(mixed, county, officer, person, without):
    for user in (person("浔阳区", Role.WORKER), person("濂溪区", Role.COUNTY_OFFICER), person("浔阳区教育局", Role.COUNTY_OFFICER)):
        with pytest.raises(Refused) as refused:
            opened(mixed, county, user)
        assert refused.value.code == "not_allowed"
    ended(officer)
    with pytest.raises(Refused):
        opened(mixed, county, officer)


def test_the_one_who_confirms_needs_the_rights_too(mixed, county, officer, person, without):
    outcome = read(mixed, county, officer)
    without(Role.DATA_ADMIN, Right.IMPORT_CREATE)
    with pytest.raises(Refused, match="新增 1 人") as refused:
        confirm(outcome.batch, person("浔阳区", Role.DATA_ADMIN))
    assert refused.value.code == "not_allowed"
    with pytest.raises(Refused, match="不能为"):
        confirm(outcome.batch, person("濂溪区", Role.COUNTY_OFFICER))
    assert looked_at(outcome.batch).batch.state == BatchState.CHECKED


@pytest.mark.parametrize("lost", ["role", "account", "right"])
def test_rights_lost_between_the_press_and_the_writing(mixed, county, officer, without, lost):
    outcome = read(mixed, county, officer)
    confirm(outcome.batch, officer)
    if lost == "role":
        ended(officer)
    elif lost == "account":
        officer.is_active = False
        officer.save()
    else:
        without(Role.COUNTY_OFFICER, Right.IMPORT_UPDATE)
    assert actions.apply_batch(batch_id=outcome.batch.pk, now=NOW) == BatchState.CHECKED
    back = looked_at(outcome.batch)
    assert (back.batch.error_code, back.tally) == ("not_allowed", (1, 1, 0, 0))
    with system_scope("test"):
        assert [(one.name, one.phone) for one in Cadre.objects.all()] == [(row(1)["姓名"], row(1)["手机"])]


def test_reading_again_asks_the_rights_of_whoever_asks(mixed, county, officer, person, without):
    without(Role.DATA_ADMIN, Right.IMPORT_UPDATE)
    batch = read(mixed, county, officer).batch
    with entered(Scope((county.path,))):
        actions.read_again(batch=looked_at(batch).batch, by=person("浔阳区", Role.DATA_ADMIN), today=TODAY)
    actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY)
    assert looked_at(batch).errors == {"update_not_allowed"}


def test_the_page_says_why_the_button_is_grey(client, mixed, county, officer, person, without):
    batch = read(mixed, county, officer).batch
    without(Role.DATA_ADMIN, Right.IMPORT_CREATE)
    client.force_login(person("浔阳区", Role.DATA_ADMIN))
    page = client.get(reverse("files:batch", args=[batch.pk])).content.decode()
    assert "没有通过导入新增的权限" in page
    answer = client.post(reverse("files:apply", args=[batch.pk]))
    assert answer.status_code == 403
    assert "没有通过导入新增的权限" in answer.content.decode()
    assert looked_at(batch).batch.state == BatchState.CHECKED


def test_a_press_after_the_role_has_ended(client, mixed, county, officer):
    batch = read(mixed, county, officer).batch
    client.force_login(officer)
    ended(officer)
    assert client.post(reverse("files:apply", args=[batch.pk])).status_code == 403
    client.logout()
    assert client.post(reverse("files:apply", args=[batch.pk])).status_code == 302
    assert looked_at(batch).batch.state == BatchState.CHECKED
