"""Organisations, users, memberships: the good way, the refused ways, and the neighbour."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from apps.accounts import actions
from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import Role
from apps.accounts.regions import read_changes, seed_rows
from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import entered, system_scope

DAY = date(2026, 3, 1)


@pytest.fixture
def sysadmin(person):
    return person(place="九江市", role=Role.SYSTEM_ADMIN)


@pytest.fixture
def signed_in(client, sysadmin):
    client.force_login(sysadmin)
    return client


def new_user_form(org, **changes):
    return {"username": "wang.wu", "display_name": "王五", "email": "", "role": Role.WORKER, "org": org.pk, "starts_on": "2026-03-01", "ends_on": ""} | changes


def test_a_user_is_made_with_a_role_and_an_initial_password(signed_in, places):
    answer = signed_in.post(reverse("accounts:user_create"), new_user_form(places["浔阳区"]))
    text = answer.context["text"]
    user = User.objects.get(username="wang.wu")
    assert user.check_password(text)
    assert user.must_change_password
    assert user.memberships.get().org == places["浔阳区"]


def test_a_taken_user_name_is_a_sentence_at_the_field(signed_in, places):
    signed_in.post(reverse("accounts:user_create"), new_user_form(places["浔阳区"]))
    answer = signed_in.post(reverse("accounts:user_create"), new_user_form(places["浔阳区"]))
    assert answer.status_code == 422
    assert "已有人使用" in str(answer.context["form"].errors["username"])


def test_no_role_outside_the_own_scope(signed_in, places):
    answer = signed_in.post(reverse("accounts:user_create"), new_user_form(places["齐齐哈尔市"]))
    assert answer.status_code == 422
    assert not User.objects.filter(username="wang.wu").exists()


@pytest.mark.parametrize("other", [Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.WORKER])
def test_the_three_administrators_are_kept_apart(person, places, sysadmin, other):
    somebody = person(role=Role.SYSTEM_ADMIN)
    with system_scope("test"), pytest.raises(Refused, match="互相排斥"):
        actions.grant_membership(user=somebody, org=places["浔阳区"], role=other, starts_on=DAY, by=sysadmin)


def test_the_database_keeps_them_apart_too(person, places):
    somebody = person(role=Role.WORKER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=somebody, org=places["浔阳区"], role=Role.AUDIT_ADMIN, starts_on=DAY)


def test_one_after_the_other_is_allowed(person, places, sysadmin):
    somebody = person(role=Role.WORKER)
    with system_scope("test"):
        actions.end_membership(membership=somebody.memberships.get(), on=date(2026, 2, 28), by=sysadmin)
        actions.grant_membership(user=somebody, org=places["浔阳区"], role=Role.AUDIT_ADMIN, starts_on=DAY, by=sysadmin)
    assert somebody.memberships.count() == 2


def test_nobody_grants_to_oneself(sysadmin, places):
    with system_scope("test"), pytest.raises(Refused, match="自己"):
        actions.grant_membership(user=sysadmin, org=places["浔阳区"], role=Role.SYSTEM_ADMIN, starts_on=DAY, by=sysadmin)


def test_a_role_ends_by_itself(client, person):
    user = person(role=Role.SYSTEM_ADMIN)
    user.memberships.update(ends_on=date(2020, 6, 30))
    client.force_login(user)
    assert client.get(reverse("accounts:users")).status_code == 403


@pytest.mark.parametrize("name", ["user", "user_edit", "membership_grant"])
def test_a_neighbour_administrator_finds_nobody(client, person, name):
    stranger, neighbour = person("浔阳区"), person("濂溪区", Role.SYSTEM_ADMIN)
    client.force_login(neighbour)
    assert client.get(reverse(f"accounts:{name}", args=[stranger.pk])).status_code == 404
    assert stranger.username not in client.get(reverse("accounts:users")).content.decode()


@pytest.mark.parametrize("name", ["user_reset_password", "user_set_active"])
def test_a_neighbour_administrator_changes_nobody(client, person, name):
    stranger, neighbour = person("浔阳区"), person("濂溪区", Role.SYSTEM_ADMIN)
    client.force_login(neighbour)
    assert client.post(reverse(f"accounts:{name}", args=[stranger.pk])).status_code == 404
    stranger.refresh_from_db()
    assert stranger.is_active
    assert stranger.check_password("Demo-12345")


def test_someone_who_also_serves_elsewhere_is_reset_from_above(client, person, places):
    both, admin = person("浔阳区"), person("浔阳区", Role.SYSTEM_ADMIN)
    Membership.objects.create(user=both, org=places["濂溪区"], role=Role.WORKER, starts_on=DAY)
    client.force_login(admin)
    client.post(reverse("accounts:user_reset_password", args=[both.pk]))
    both.refresh_from_db()
    assert both.check_password("Demo-12345")


def test_a_unit_is_made_moved_and_its_people_follow(sysadmin, places, scope_of):
    with entered(scope_of("九江市")):
        unit = actions.create_organization(parent=places["浔阳区"], name="新单位", level="unit", by=sysadmin)
        below = actions.create_organization(parent=unit, name="下属站", level="unit", by=sysadmin)
        cadre = Cadre.objects.create(org=below, name="某人", name_key="某人", retire_kind="retired")
        actions.move_organization(org=unit, parent=places["濂溪区"], by=sysadmin)
    with system_scope("test"):
        cadre.refresh_from_db()
    assert cadre.org_path == f"/36/3604/360402/u{unit.pk}/u{below.pk}/"
    assert Organization.objects.get(pk=below.pk).path == cadre.org_path


def test_not_below_itself(sysadmin, places, whole):
    unit = actions.create_organization(parent=places["浔阳区"], name="甲", level="unit", by=sysadmin)
    child = actions.create_organization(parent=unit, name="乙", level="unit", by=sysadmin)
    with pytest.raises(Refused, match="自己下面"):
        actions.move_organization(org=unit, parent=child, by=sysadmin)


def test_a_unit_with_people_is_not_closed(sysadmin, places, whole):
    Cadre.objects.create(org=places["浔阳区教育局"], name="某人", name_key="某人", retire_kind="retired")
    with pytest.raises(Refused, match="业务记录"):
        actions.close_organization(org=places["浔阳区教育局"], on=DAY, by=sysadmin)
    actions.close_organization(org=places["濂溪区卫生局"], on=DAY, by=sysadmin)
    assert Organization.objects.get(pk=places["濂溪区卫生局"].pk).valid_to == DAY


def test_another_county_cannot_be_browsed(client, person, places):
    client.force_login(person("浔阳区", Role.SYSTEM_ADMIN))
    assert client.get(reverse("accounts:organization", args=[places["濂溪区"].pk])).status_code == 404
    assert client.post(reverse("accounts:organization_rename", args=[places["濂溪区"].pk]), {"name": "占用"}).status_code == 404


def test_all_regions_of_the_country(db, whole):
    change = actions.load_regions(rows=seed_rows(), by=None, today=DAY)
    assert len(change.added) == len(seed_rows())
    assert Organization.objects.filter(level="province").count() == 34
    for city, counties in (("360400", 13), ("230200", 16)):
        assert Organization.objects.filter(parent__code=city, level="county").count() == counties
    assert Organization.objects.get(code="360403").path == "/36/3604/360403/"
    assert actions.load_regions(rows=seed_rows(), by=None, today=DAY).unchanged == len(seed_rows())


def test_yearly_changes(places, sysadmin, whole):
    lines = (
        "code,name,parent,level,valid_from,valid_to",
        "360403,浔阳新区,360400,county,,",
        "360402,濂溪区,360400,county,,2026-06-30",
        "360498,新设区,360400,county,2026-07-01,",
    )
    table = "\n".join(lines)
    change = actions.load_regions(rows=read_changes(table.encode("gb18030")), by=sysadmin, today=DAY)
    assert (len(change.added), len(change.renamed), len(change.closed)) == (1, 1, 1)
    assert Organization.objects.get(code="360402").valid_to == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"", "表头"),
        (b"a,b\n1,2\n", "表头"),
        ("code,name,parent,level,valid_from,valid_to\n36,江西,,province,,\n".encode(), "第 2 行"),
        (b"\xff\xfe\x00\x81", "编码"),
    ],
)
def test_a_wrong_region_table_is_a_sentence(table, words):
    with pytest.raises(Refused, match=words):
        read_changes(table)


def test_region_tables_are_for_the_top(signed_in):
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = signed_in.post(reverse("accounts:regions"), {"file": SimpleUploadedFile("a.csv", b"code\n")})
    assert answer.status_code == 422
    assert "最高一级" in answer.content.decode()


@pytest.mark.parametrize("name", ["organizations", "users", "user_create", "regions"])
def test_pages_open(signed_in, name):
    assert signed_in.get(reverse(f"accounts:{name}"), follow=True).status_code == 200


def test_person_page_opens(signed_in, person):
    assert signed_in.get(reverse("accounts:user", args=[person().pk])).status_code == 200


@pytest.mark.parametrize("name", ["security", "rights"])
def test_security_pages_open(client, person, name):
    client.force_login(person(place="九江市", role=Role.SECURITY_ADMIN))
    assert client.get(reverse(f"accounts:{name}"), {"q": "w"}).status_code == 200
