"""四位一体: each side sees and ticks its own part and nothing else; parts follow their item wherever they lie."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Level, Membership, Organization
from apps.accounts.permissions import Role
from apps.cadres.actions.changes import register_status_change
from apps.care import standards
from apps.care.actions import parts as actions
from apps.care.actions.items import add_item, close_item, edit_item, reopen_item
from apps.care.actions.parts import Wanted
from apps.care.actions.plans import begin_year, open_plans
from apps.care.models import ItemPart, PlanItem
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope, entered, system_scope
from tests.factories import duties as make

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def tables(db):
    standards.load()
    make.rules()


@pytest.fixture
def community(places):
    return Organization.objects.create(parent=places["浔阳区"], name="湓浦社区", level=Level.COMMUNITY, path="/36/3604/360403/c1/")


@pytest.fixture
def neighbourly(person, community):
    """Somebody who signs in for the community."""
    user = person("浔阳区", Role.WORKER, username="community")
    Membership.objects.filter(user=user).update(org=community)
    return user


@pytest.fixture
def worker(person):
    return person(username="worker")


@pytest.fixture
def item(places, worker):
    with system_scope("test"):
        plan = make.plan(make.cadre(places["浔阳区教育局"], "欧阳老"), date(TODAY.year, 1, 1), worker=worker, class_decided=True)
        return add_item(plan=plan, category="medical", need="送药上门", by=worker, today=TODAY)


def divide(item, worker, *wanted, **given):
    with system_scope("test") as scope:
        return actions.divide_item(scope=scope, item=item, wanted=list(wanted), by=worker, **given)


@pytest.fixture
def part(item, worker, community):
    divide(item, worker, Wanted("community", community, "", "每周送一次药"), Wanted("bureau", None, "老干部局", "月底回访"))
    with system_scope("test"):
        return ItemPart.objects.get(side="community")


def now(part) -> ItemPart:
    with system_scope("test"):
        return ItemPart.objects.get(pk=part.pk)


def test_a_side_sees_and_ticks_its_own_part_alone(client, part, item, neighbourly, worker):
    client.force_login(neighbourly)
    shown = client.get(reverse("care:parts")).content.decode()
    for text in ("每周送一次药", "欧阳老", "送药上门"):
        assert text in shown
    assert "月底回访" not in shown
    for address in (reverse("care:plan", args=[item.plan_id]), reverse("cadres:detail", args=[item.plan.cadre_id]), reverse("care:item_divide", args=[item.pk])):
        assert client.get(address).status_code == 404
    with system_scope("test"):
        other = ItemPart.objects.get(side="bureau")
    assert client.get(reverse("care:part", args=[other.pk])).status_code == 404
    address = reverse("care:part", args=[part.pk])
    assert client.post(address, {"note": "", "version": 1}).status_code == 422
    assert client.post(address, {"note": "已送到", "version": 1}).status_code == 302
    assert client.post(address, {"note": "已送到", "version": 1}).status_code == 409
    assert "已送到" in client.get(reverse("care:parts"), {"state": "done"}).content.decode()
    client.force_login(worker)
    page = client.get(reverse("care:plan", args=[item.plan_id])).content.decode()
    assert "社区（湓浦社区）：每周送一次药" in page
    assert "已送到" in page


def test_the_persons_own_unit_does_not_see_what_the_bureau_ticks_for_others(client, part, item, person):
    unit = person("浔阳区教育局", Role.BRANCH_SECRETARY, username="unit")
    client.force_login(unit)
    shown = client.get(reverse("care:parts")).content.decode()
    assert "没有要办的" in shown
    assert "月底回访" not in client.get(reverse("care:plan", args=[item.plan_id])).content.decode()
    client.force_login(person("浔阳区", Role.WORKER, username="bureau"))
    assert "月底回访" in client.get(reverse("care:parts")).content.decode()


def test_a_tick_is_taken_back_with_the_reason(part, neighbourly):
    with system_scope("test"):
        ticked = actions.tick_part(part=part, note="送到", by=neighbourly, today=TODAY)
        with pytest.raises(Refused, match="已经办过"):
            actions.tick_part(part=part, note="送到", by=neighbourly, today=TODAY)
        with pytest.raises(Refused, match="为什么取消"):
            actions.untick_part(part=part, note="", by=neighbourly)
        with pytest.raises(Stale):
            actions.untick_part(part=part, note="点错", by=neighbourly, version=ticked.version - 1)
        assert actions.untick_part(part=part, note="点错", by=neighbourly).state == "open"


def test_parts_follow_the_item(part, item, worker):
    with system_scope("test"):
        edit_item(item=item, by=worker, today=TODAY, need="送药到床头", due_on=TODAY + timedelta(days=9))
        assert (now(part).need, now(part).due_on) == ("送药到床头", TODAY + timedelta(days=9))
        close_item(item=PlanItem.objects.get(), state="done", result="办好", by=worker)
    assert now(part).over
    with system_scope("test"):
        with pytest.raises(Refused, match="不再办理"):
            actions.tick_part(part=part, note="x", by=worker, today=TODAY)
        reopen_item(item=PlanItem.objects.get(), by=worker)
    assert not now(part).over


def test_whoever_cannot_see_the_part_still_ends_it(part, item, person, places):
    unit = person("浔阳区教育局", Role.BRANCH_SECRETARY, username="unit")
    with system_scope("test"):
        held = PlanItem.objects.get()
    with entered(Scope((places["浔阳区教育局"].path,))):
        assert not ItemPart.objects.filter(pk=part.pk).exists()
        close_item(item=held, state="done", result="办好", by=unit)
    assert now(part).over


def test_a_death_ends_parts_and_the_next_year_takes_them_along(part, item, worker, scope_of):
    with system_scope("test") as scope:
        opened = open_plans(scope=scope, year=TODAY.year + 1, by=worker, today=TODAY)
        begin_year(today=date(TODAY.year + 1, 1, 1))
        assert now(part).item.plan_id == opened.plan_ids[0]
        assert not now(part).over
    change = {"cadre": item.plan.cadre, "effective_on": TODAY, "by": worker, "scope": scope_of("浔阳区"), "today": TODAY}
    with system_scope("test"):
        register_status_change(kind="deceased", **change)
    assert now(part).over


def test_what_is_said_at_the_field(item, worker, places, community, scope_of):
    with pytest.raises(Refused) as problem:
        divide(item, worker, Wanted("unit", None, "", "看望"))
    assert problem.value.field == "who_unit"
    with system_scope("test"), pytest.raises(Refused) as problem:
        actions.divide_item(scope=scope_of("浔阳区教育局"), item=item, wanted=[Wanted("community", community, "", "看望")], by=worker)
    assert problem.value.field == "org_community"
    with pytest.raises(Stale):
        divide(item, worker, version=99)
    assert divide(item, worker, Wanted("unit", None, "教育局", "看望")) == 1
    assert divide(item, worker, Wanted("unit", None, "教育局", "")) == 0


def test_from_the_page(client, item, worker, community):
    client.force_login(worker)
    address = reverse("care:item_divide", args=[item.pk])
    assert "做什么" in client.get(address).content.decode()
    with system_scope("test") as scope:
        actions.divide_item(scope=scope, item=item, wanted=[Wanted("unit", None, "教育局老干科", "看望")], by=worker)
        item.refresh_from_db()
    assert 'value="教育局老干科"' in client.get(address).content.decode()
    assert client.post(address, {"task_unit": "看望", "version": item.version}).status_code == 422
    given = {"task_community": "送药", "org_community": community.pk, "version": item.version}
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 409
    with system_scope("test"):
        assert ItemPart.objects.get().org == community
