"""典型: written once a quarter, read in the whole city when published and only there, and who has none."""

from datetime import date

import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.branches.actions.exemplars import write_exemplar
from apps.branches.models import Exemplar
from apps.branches.selectors import exemplars as selectors
from apps.core.calendar import Quarter
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from tests.branches.conftest import TODAY

WORDS = {"title": "送学上门“四个一”", "text": "每月一次，一人一包。", "publish": True}


@pytest.fixture
def write(set_up, officer):
    branch = set_up(org="浔阳区")

    def build(**given):
        with system_scope("test"):
            return write_exemplar(**{"branch": branch, "by": officer, "today": TODAY} | WORDS | given)

    return build


def test_once_a_quarter_and_changed_in_place(write):
    made = write()
    with pytest.raises(Refused, match="已经选为典型"):
        write()
    assert write(today=date(2027, 1, 3)).quarter == 1
    with pytest.raises(Stale):
        write(exemplar=made, version=9)
    assert write(exemplar=made, publish=False).published_on is None
    for given, field in (({"title": " "}, "title"), ({"text": " "}, "text")):
        with pytest.raises(Refused) as problem:
            write(**given)
        assert problem.value.field == field


def test_read_in_the_city_and_nowhere_else(write, places, person, client):
    made = write()
    assert [one.pk for one in selectors.published_in_city(places["濂溪区"])] == [made.pk]
    assert selectors.published_in_city(places["齐齐哈尔市"]) == []
    client.force_login(person("濂溪区", Role.WORKER, username="next-door"))
    page = reverse("branches:exemplar", args=[made.pk])
    assert "一人一包" in client.get(page).content.decode()
    assert client.get(reverse("branches:exemplar_edit", args=[made.pk])).status_code == 403
    client.force_login(person("齐齐哈尔市", Role.WORKER, username="far"))
    assert client.get(page).status_code == 404
    write(exemplar=made, publish=False)
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER, username="neighbour"))
    assert client.get(page).status_code == 404
    assert client.get(reverse("branches:exemplar_edit", args=[made.pk])).status_code == 404


def test_which_places_have_none(write, places, set_up):
    set_up("卫生局支部", org="濂溪区卫生局")
    with system_scope("test") as scope:
        both = [places["浔阳区"], places["濂溪区"], places["齐齐哈尔市"]]
        assert [one.name for one in selectors.without(scope, both, Quarter(2026, 4))] == ["浔阳区", "濂溪区"]
    write()
    with system_scope("test") as scope:
        assert [one.name for one in selectors.without(scope, both, Quarter(2026, 4))] == ["濂溪区"]


def test_chosen_by_hand(client, officer, set_up):
    branch = set_up(org="浔阳区")
    client.force_login(officer)
    assert "选为典型" in client.get(reverse("branches:branch", args=[branch.pk])).content.decode()
    add = reverse("branches:exemplar_add", args=[branch.pk])
    assert client.post(add, {"title": ""}).status_code == 422
    assert "已发布，全市都能看到" in client.post(add, {"title": "标题", "text": "做法", "publish": "on"}, follow=True).content.decode()
    with system_scope("test"):
        made = Exemplar.objects.get()
    assert "标题" in client.get(reverse("branches:exemplars")).content.decode()
    answer = client.post(reverse("branches:exemplar_edit", args=[made.pk]), {"title": "标题", "text": "做法", "version": 1}, follow=True)
    assert "已保存，没有发布" in answer.content.decode()
