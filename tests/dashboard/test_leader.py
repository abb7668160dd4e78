"""The leader's page: numbers that are links to exactly what they count, going down, fences."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.cadres.models import Cadre
from apps.care import standards
from apps.care.reminders import settle
from apps.core.scope import system_scope
from apps.dashboard.board import points, share
from tests.factories import duties as make

TODAY = date(2026, 8, 20)


@pytest.fixture
def noon(monkeypatch):
    """The day of the request."""

    def on(day):
        from datetime import datetime, time
        from zoneinfo import ZoneInfo

        moment = datetime.combine(day, time(12), ZoneInfo("Asia/Shanghai"))
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    on(TODAY)
    return on


@pytest.fixture
def county(places, person, noon):
    with system_scope("test"):
        standards.load()
        make.rules()
        plans = make.third_quarter(places, person())
        for one in plans.values():
            Cadre.objects.filter(pk=one.cadre_id).update(attention_class=one.attention_class, retired_on=date(2010, 1, 1), born_on=date(1940, 5, 5))
        settle(today=TODAY)
    return plans


@pytest.fixture
def leader(person, client, noon) -> Client:
    client.force_login(person("九江市", Role.LEADER))
    return client


def page(client, **query) -> str:
    answer = client.get(reverse("dashboard"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def numbered_links(html: str) -> list[tuple[int, str]]:
    """(number, address) of every link of the page that shows a number of people or visits."""
    main = html[html.index("<main") : html.index("</main>")]
    found = []
    for address, inner in re.findall(r'<a[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', main, re.S):
        text = re.sub(r"<[^>]+>", " ", re.sub(r'<span class="(label|note)">.*?</span>', "", inner))
        if (match := re.match(r"\s*([\d,]+)(?:\s|$)", text)) and ("/cadres/" in address or "/care/visits/" in address):
            found.append((int(match[1].replace(",", "")), unescape(address)))
    return found


def listed(answer) -> set[str]:
    """Keys of the rows a list shows."""
    kind = "care/visits" if "/care/visits/" in answer.wsgi_request.path else "cadres"
    return set(re.findall(rf'<a[^>]* href="/{kind}/(\d+)/"[^>]*>', answer.content.decode().partition("<tbody")[2]))


def test_every_number_is_the_length_of_the_list_it_opens(county, leader):
    links = numbered_links(page(leader))
    assert len(links) > 30
    for number, address in dict.fromkeys(links):
        answer = leader.get(address)
        assert answer.status_code == 200, address
        assert len(listed(answer)) == number, address


def test_the_same_for_a_past_quarter(county, client, person, noon):
    noon(date(2026, 11, 21))
    leader = client
    leader.force_login(person("九江市", Role.LEADER))
    links = numbered_links(page(leader, period="2026Q3"))
    assert 5 in [n for n, address in links if "metric=visits_overdue&" in address]
    for number, address in dict.fromkeys(links):
        if "/cadres/" in address:
            assert len(listed(leader.get(address))) == number, address


def test_down_from_city_to_county_to_unit_to_list(county, leader, places):
    city = page(leader)
    down = f"{reverse('dashboard')}?org={places['浔阳区'].pk}&amp;period=2026Q3"
    assert down in city
    inside = page(leader, org=places["浔阳区"].pk)
    assert "浔阳区教育局" in inside
    assert "濂溪区" not in inside[inside.index("<main") :]
    assert f"/cadres/?org={places['浔阳区教育局'].pk}" in inside
    assert "应访" in page(leader, org=places["浔阳区教育局"].pk)


def test_what_to_ask_about_comes_from_the_figures(county, leader):
    html = page(leader)
    questions = re.sub(r"<[^>]+>", "", html[html.index("需要过问") : html.index("人员增减")])
    assert "3 人逾期超过 30 天仍未走访" not in questions
    assert "2 人逾期超过 30 天仍未走访" in questions
    assert "濂溪区 1 人、浔阳区 1 人" in questions
    assert "1 人的方案没有责任人" in questions
    assert "没有联系" not in questions


def test_quarters_forth_and_back(county, leader, places, noon):
    html = page(leader, period="2026Q2")
    assert f"?org={places['九江市'].pk}&amp;period=2026Q1" in html
    assert f"?org={places['九江市'].pk}&amp;period=2026Q3" in html
    assert "按 2026 年 6 月 30 日的情况统计" in html
    running = page(leader)
    assert "截至 8 月 20 日 12:00" in running
    assert "period=2026Q4" not in running
    assert "截至" in page(leader, period="2030Q1")


@pytest.mark.parametrize("query", [{"org": "999999"}, {"org": "x"}, {"org": "9" * 30}, {"period": "2026Q5"}, {"period": "夏天"}])
def test_what_does_not_exist_is_404(leader, query):
    assert leader.get(reverse("dashboard"), query).status_code == 404


def test_a_neighbour_sees_his_own_place_only(county, client, person, places):
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
    html = page(client)
    assert "浔阳区" not in html
    assert client.get(reverse("dashboard"), {"org": places["浔阳区"].pk}).status_code == 404
    assert client.get(reverse("dashboard"), {"org": places["九江市"].pk}).status_code == 404


def test_without_the_right_the_page_says_so(client, person, noon):
    client.force_login(person("浔阳区", Role.WORKER))
    answer = client.get(reverse("dashboard"))
    assert answer.status_code == 403
    assert "看领导驾驶舱" in answer.content.decode()


def test_an_empty_place_says_what_to_do(client, person, noon):
    client.force_login(person("齐齐哈尔市", Role.LEADER))
    html = page(client)
    assert "还没有人员档案" in html
    assert "没有需要过问的事项" in html


def test_the_page_costs_the_same_for_two_and_for_many_places(county, leader, places, django_assert_max_num_queries):
    from apps.accounts.models import Level, Organization

    with system_scope("test"):
        for n in range(12):
            org = Organization.objects.create(name=f"测试县{n}", parent=places["九江市"], level=Level.COUNTY, path=f"/36/3604/3604{n + 50}/", code=f"3604{n + 50}")
            make.plan(make.cadre(org, f"测试{n}"), date(2026, 1, 1))
    page(leader)
    with django_assert_max_num_queries(41):
        html = page(leader)
    assert "测试县11" in html


def test_changes_in_words():
    assert points(0.864, 0.833) == "比上季 +3.1 个百分点"
    assert points(0.8, 0.9) == "比上季 −10 个百分点"
    assert points(0.5, 0.5) == "与上季持平"
    assert points(None, 0.5) == ""
    assert share(1, 0) is None


def test_a_large_place_keeps_its_figures_and_says_since_when(county, leader, noon, monkeypatch, person, client):
    """Above the size nothing is counted anew for ten minutes; below, everything is fresh."""
    from django.core.cache import cache

    with system_scope("test"):
        make.cadre(county["甲"].org, "新来", attention_class="key")
    monkeypatch.setattr("apps.dashboard.board.LARGE", 1)
    cache.clear()
    first = page(leader)
    with system_scope("test"):
        make.cadre(county["甲"].org, "再来")
    assert figures(page(leader)) == figures(first)
    cache.clear()
    assert figures(page(leader)) != figures(first)
    cache.clear()


def figures(html: str) -> list:
    return numbered_links(html)
