"""Pages of the reports: asked for, waited for, opened, published, and closed to the neighbour."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.cadres.models import Cadre
from apps.core.scope import system_scope
from apps.files import reporting
from apps.files.models import ReportRun
from cadre_portal.celery import app
from tests.factories import duties as make

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def queue():
    """The broker's queue, emptied: what a page hands to the worker can be read there."""
    with app.connection() as line:
        found = line.SimpleQueue("celery")
        found.clear()
        yield found
        found.clear()


@pytest.fixture
def county(places, person, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    with system_scope("test"):
        make.rules()
        plans = make.third_quarter(places, person())
        Cadre.objects.update(retired_on=date(2010, 1, 1))
    return plans


@pytest.fixture
def leader(county, person, client):
    user = person("九江市", Role.LEADER)
    client.force_login(user)
    return user


def asked(place, period="2026Q3"):
    return {"kind": "quarterly_visits", "org": place.pk, "period": period}


def build(run):
    reporting.build(run_id=run.pk, today=NOW.date(), now=NOW)
    with system_scope("test"):
        run.refresh_from_db()


def only_run():
    with system_scope("test"):
        return ReportRun.objects.select_related("org").get()


def test_asked_for_waited_for_opened_and_published(leader, client, places, queue, django_capture_on_commit_callbacks):
    assert "还没有报告" in client.get(reverse("files:reports")).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("files:report_build"), asked(places["九江市"]))
    run = only_run()
    assert answer.url == reverse("files:report", args=[run.pk])
    handed = queue.get(timeout=10)
    assert (handed.headers["task"], handed.payload[0]) == ("apps.files.tasks.build_report", [run.pk])
    waiting = client.get(answer.url).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    build(run)
    fragment = client.get(answer.url, headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in fragment
    assert "<html" not in fragment
    assert "应访 6 人，已访 1 人，完成率 16.7%" in fragment
    people = client.get(reverse("files:report_people", args=[run.pk, "visits_overdue"])).content.decode()
    assert [name in people for name in "甲乙丙丁戊己庚"] == [True, False, True, True, False, True, True]
    narrowed = client.get(reverse("files:report_people", args=[run.pk, "visits_overdue"]), {"place": places["濂溪区"].path}).content.decode()
    assert ("庚" in narrowed, "甲" in narrowed) == (True, False)
    assert client.get(reverse("files:report_people", args=[run.pk, "nonsense"])).status_code == 404
    client.post(reverse("files:report_publish", args=[run.pk]))
    assert "数字与名单已经固定" in client.get(answer.url).content.decode()
    refused = client.post(reverse("files:report_build"), asked(places["九江市"]))
    assert refused.status_code == 422
    assert "已经发布，不能重新生成" in refused.content.decode()


def test_a_neighbour_finds_neither_page_nor_file_nor_list(leader, client, places, person):
    run = reporting.request_run(kind="quarterly_visits", org=places["浔阳区"], quarter=reporting.Quarter(2026, 3), by=leader, today=NOW.date())
    build(run)
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
    assert f"/reports/{run.pk}/" not in client.get(reverse("files:reports")).content.decode()
    addresses = [reverse("files:report", args=[run.pk]), reverse("files:report_people", args=[run.pk, "people"])]
    with system_scope("test"):
        addresses += [reverse("files:download", args=[stored.key]) for stored in (run.document, run.annex)]
    assert [client.get(address).status_code for address in addresses] == [404] * 4
    assert client.post(reverse("files:report_build"), asked(places["浔阳区"])).status_code == 422
    client.force_login(person("濂溪区", Role.LEADER))
    assert client.post(reverse("files:report_publish", args=[run.pk])).status_code == 404
    assert only_run().state == "ready"


def test_who_may_read_may_not_build_or_publish(leader, client, person, places):
    run = reporting.request_run(kind="quarterly_visits", org=places["浔阳区"], quarter=reporting.Quarter(2026, 3), by=leader, today=NOW.date())
    build(run)
    client.force_login(person("浔阳区", Role.WORKER))
    html = client.get(reverse("files:report", args=[run.pk])).content.decode()
    assert "浔阳区2026年第三季度" in html
    assert "发布</button>" not in html
    assert client.post(reverse("files:report_build"), asked(places["浔阳区"])).status_code == 403
    assert client.post(reverse("files:report_publish", args=[run.pk])).status_code == 403


def test_the_button_of_an_unfinished_quarter_is_grey_and_says_why(leader, client, places):
    run = reporting.request_run(kind="quarterly_visits", org=places["九江市"], quarter=reporting.Quarter(2026, 4), by=leader, today=NOW.date())
    build(run)
    assert "本季度还没有结束，只能预览。" in client.get(reverse("files:report", args=[run.pk])).content.decode()


def test_a_failed_run_says_why(leader, client, places, person):
    run = reporting.request_run(kind="quarterly_visits", org=places["齐齐哈尔市"], quarter=reporting.Quarter(2026, 3), by=None, today=NOW.date())
    build(run)
    client.force_login(person("齐齐哈尔市", Role.LEADER))
    assert "没有可以报告的内容" in client.get(reverse("files:report", args=[run.pk])).content.decode()


def test_the_list_filters_by_place_and_quarter(leader, client, places):
    for name in ("九江市", "浔阳区"):
        build(reporting.request_run(kind="quarterly_visits", org=places[name], quarter=reporting.Quarter(2026, 3), by=leader, today=NOW.date()))
    everything = client.get(reverse("files:reports"))
    assert len(everything.context["rows"]) == 2
    narrowed = client.get(reverse("files:reports"), {"org": places["浔阳区"].pk, "period": "2026Q3"})
    assert [row["run"].org.name for row in narrowed.context["rows"]] == ["浔阳区"]
    assert client.get(reverse("files:reports"), {"period": "2025Q1"}).context["rows"] == []
