"""The list: filters, orders, pages by key, export; the same number of queries for 2 and for 20 rows."""

import zipfile
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres import exports, selectors
from apps.cadres.models import Cadre
from apps.cadres.selectors import Filters
from apps.cadres.selectors.people import years_before
from tests.cadres.conftest import TODAY
from tests.factories import registry

URL = reverse("cadres:list")
EVERYTHING = [column.key for column in exports.columns()]


@pytest.fixture
def people(places, worker, inside):
    def make(count, **given):
        with inside("浔阳区"):
            return [
                registry.register(places["浔阳区"], worker, f"王{'一二三四五六七八九十'[n % 10]}{chr(0x4E00 + n)}", born_on=f"{1930 + n % 30}.05", **given) for n in range(count)
            ]

    return make


@pytest.mark.parametrize(
    ("given", "query", "in_it"),
    [
        ({"retire_kind": "retired"}, {"kind": "lixiu"}, False),
        ({"born_on": "1940-05-01"}, {"age": "80-89"}, True),
        ({"born_on": "1940-05-01"}, {"age": "-59"}, False),
        ({"born_on": "1946-11-22"}, {"age": "80-"}, True),
        ({"born_on": "1946-11-23"}, {"age": "80-"}, False),
        ({"born_on": "1946-11-23"}, {"age": "70-79"}, True),
        ({"born_on": "1926-11-22"}, {"age": "90-99"}, False),
        ({"political_status": "02"}, {"party": "member"}, True),
        ({"political_status": "13"}, {"party": "member"}, False),
        ({"living": "alone"}, {"living": "alone,hospital"}, True),
        ({}, {"living": "none"}, True),
        ({"health": "serious"}, {"health": "serious"}, True),
        ({"self_care": "full"}, {"self_care": "dependent"}, False),
        ({"residence_kind": "abroad"}, {"residence": "abroad"}, True),
        ({"resettled": True}, {"resettled": "0"}, False),
        ({}, {"class": "none"}, True),
        ({}, {"class": "key"}, False),
        ({}, {"standing": "deceased"}, False),
        ({}, {"standing": "all"}, True),
        ({}, {"age": "abc", "kind": "x", "resettled": "7", "standing": "x"}, True),
        ({}, {"metric": "no.such"}, False),
        ({}, {"org": "999999999999999999999"}, False),
        ({}, {"org": "x"}, False),
    ],
)
def test_filters(places, worker, inside, given, query, in_it):
    with inside("浔阳区") as scope:
        registry.register(places["浔阳区"], worker, **given)
        assert selectors.filtered(scope, Filters.read(query), TODAY).exists() == in_it


def test_by_unit_and_never_beyond_the_scope(places, worker, inside, someone):
    with inside("浔阳区") as scope:
        registry.register(places["浔阳区"], worker, "区里人")
        assert selectors.filtered(scope, Filters(org=str(places["浔阳区教育局"].pk)), TODAY).count() == 1
        assert selectors.filtered(scope, Filters(org=str(places["浔阳区"].pk)), TODAY).count() == 2
        assert selectors.filtered(scope, Filters(org=str(places["九江市"].pk)), TODAY).count() == 0


def test_age_counts_from_the_first_of_march_in_other_years():
    from datetime import date

    assert years_before(date(2028, 2, 29), 81) == date(1947, 2, 28)
    assert years_before(date(2026, 11, 22), 80) == date(1946, 11, 22)


@pytest.mark.parametrize("order", selectors.ORDERS)
def test_pages_show_everybody_once_forth_and_back(people, inside, order):
    people(17)
    with inside("浔阳区") as scope:
        Cadre.objects.filter(name__startswith="王三").update(born_on=None)

        def page(**cursor):
            return selectors.listing(scope, Filters(), TODAY, order=order, size=5, **cursor)

        forth, found = [], page()
        assert found.previous == ""
        while True:
            forth.append([row.pk for row in found.rows])
            if not found.next:
                break
            found = page(after=found.next)
        assert [len(one) for one in forth] == [5, 5, 5, 2]
        assert len({pk for one in forth for pk in one}) == 17
        back = [[row.pk for row in found.rows]]
        while found.previous:
            found = page(before=found.previous)
            back.append([row.pk for row in found.rows])
        assert back[::-1] == forth


def test_orders(people, inside):
    people(12)
    with inside("浔阳区") as scope:
        oldest = [row.born_on for row in selectors.listing(scope, Filters(), TODAY, order="oldest").rows]
        assert oldest == sorted(oldest)
        names = [row.name_sort for row in selectors.listing(scope, Filters(), TODAY, order="name").rows]
        assert names == sorted(names)


@pytest.mark.parametrize("cursor", ["x", "bm90anNvbg", "WzEsMl0", "WyIvMzYvIiwgImEiLCAieCJd", "😀"])
def test_a_broken_cursor_is_the_first_page(people, inside, cursor):
    people(3)
    with inside("浔阳区") as scope:
        assert len(selectors.listing(scope, Filters(), TODAY, after=cursor).rows) == 3


def test_the_count_stops(people, inside, monkeypatch):
    people(9)
    monkeypatch.setattr("apps.cadres.selectors.people.COUNTED", 6)
    with inside("浔阳区") as scope:
        found = selectors.listing(scope, Filters(), TODAY, size=5)
        assert (found.count, found.count_text) == (7, "6+")


@pytest.mark.parametrize("htmx", [False, True])
def test_as_many_queries_for_two_as_for_twenty(people, signed_in, worker, htmx):
    client = signed_in(worker)
    headers = {"HX-Request": "true"} if htmx else {}
    counts = []
    for more in (2, 18):
        people(more, phone=None)
        client.get(URL, headers=headers)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(URL, headers=headers)
        assert response.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_page_says_what_it_shows(people, signed_in, worker):
    people(2)
    page = signed_in(worker).get(URL, {"age": "80-89", "kind": "retired"}).content.decode()
    assert "年龄：80–89 岁" in page
    assert "类型：退休" in page


def test_the_chosen_filter_stays_chosen_and_options_are_escaped(people, signed_in, worker, places):
    people(1)
    places["浔阳区教育局"].__class__.objects.filter(pk=places["浔阳区教育局"].pk).update(name="<b>教育局")
    page = signed_in(worker).get(URL, {"kind": "retired"}).content.decode()
    assert '<option value="retired" selected>退休</option>' in page
    assert page.count(" selected") == 1 + page.count('<option value="" selected>')
    assert "&lt;b&gt;教育局" in page
    assert "<b>教育局" not in page


def test_the_address_keeps_only_what_was_chosen(people, signed_in, worker):
    people(1)
    response = signed_in(worker).get(URL, {"q": "", "kind": "retired", "age": "", "sort": "name"}, headers={"HX-Request": "true"})
    assert response["HX-Push-Url"] == f"{URL}?kind=retired&sort=name"


def test_empty_says_what_to_do(places, signed_in, worker, person):
    assert "还没有人员" in signed_in(worker).get(URL).content.decode()
    assert "没有符合条件的人" in signed_in(worker).get(URL, {"q": "zzzz"}).content.decode()
    leader = person("浔阳区", Role.LEADER)
    page = signed_in(leader).get(URL).content.decode()
    assert "您的角色没有「建档与修改」的权限。" in page


def test_export_is_masked_marked_and_audited(someone, signed_in, worker, inside):
    response = signed_in(worker).post(reverse("cadres:export") + "?q=wdf", {"columns": EVERYTHING, "full": "", "reason": ""})
    cells = cells_of(response)
    assert any("张工" in cell and "内部资料" in cell for cell in cells)
    assert "王德福" in cells
    assert "128****5678" in cells
    assert registry.number() not in cells
    with inside("浔阳区"):
        event = AuditEvent.objects.get(verb="cadre.exported")
        assert (event.data["rows"], event.data["full"], event.data["query"]) == (1, False, "q=（有）")
        assert "疾病" not in "".join(event.data["columns"])


def test_export_in_the_clear_wants_a_reason_and_the_right(someone, signed_in, worker, person, inside):
    url = reverse("cadres:export")
    assert signed_in(worker).post(url, {"columns": EVERYTHING, "full": "1", "reason": ""}).status_code == 422
    cells = cells_of(signed_in(worker).post(url, {"columns": EVERYTHING, "full": "1", "reason": "办理医疗证"}))
    assert registry.number() in cells
    assert "12812345678" in cells
    assert any("用途：办理医疗证" in cell for cell in cells)
    leader = person("浔阳区", Role.LEADER)
    assert signed_in(leader).post(url, {"columns": EVERYTHING, "full": "1", "reason": "看看"}).status_code == 422


def test_export_holds_only_the_scope(someone, signed_in, neighbour):
    answer = signed_in(neighbour).post(reverse("cadres:export"), {"columns": EVERYTHING, "full": ""})
    assert answer.status_code == 422
    assert "王德福" not in answer.content.decode()


def cells_of(response):
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    with zipfile.ZipFile(BytesIO(content)) as package:
        return _strings(package)


def _strings(package):
    import re
    from html import unescape

    text = "".join(package.read(name).decode() for name in package.namelist() if name.endswith((".xml",)) and ("sheet" in name or "sharedStrings" in name))
    return [unescape(found) for found in re.findall(r"<t[^>]*>([^<]*)</t>", text)]
