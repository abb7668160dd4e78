"""A second look at visits: friendly while writing, a repeatable sample for the head, and no accusation anywhere."""

import io
import threading
import uuid
from datetime import datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres import standards as registry
from apps.care import standards
from apps.care.actions.sampling import draw_sample, drawn
from apps.care.actions.visits import log_visit
from apps.care.models import Visit, VisitSample
from apps.care.selectors import plausible
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from tests.factories import duties as make

ACCUSING = ("造假", "虚假", "作弊", "可疑", "异常", "违规", "不实", "嫌疑")


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def week(today):
    return today - timedelta(days=today.weekday() + 7)


@pytest.fixture
def county(places):
    return Scope((places["浔阳区"].path,))


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="甲", display_name="甲")


@pytest.fixture
def people(places):
    with system_scope("test"):
        return [make.cadre(places["浔阳区教育局"], "近处", residence_region="360403"), make.cadre(places["浔阳区教育局"], "远处", residence_region="440300")]


def logged(who, worker, day, at=time(10), situation="各不相同", **given):
    """A visit as if it had been logged on its own day."""
    row = make.visit(who, day, worker, **given)
    when = timezone.make_aware(datetime.combine(day, at))
    Visit.objects.filter(pk=row.pk).update(logged_at=when, situation=f"{situation}" if situation != "各不相同" else f"情况 {row.pk}")
    return row.pk


def test_the_same_words_twenty_times(people, worker, week, county):
    with system_scope("test"):
        keys = [logged(people[0], worker, week + timedelta(days=n % 5), situation="身体尚好，一切正常") for n in range(19)]
        assert not any(plausible.signs_of_week(county, week).values())
        keys.append(logged(people[0], worker, week + timedelta(days=4), situation="身体尚好，一切正常"))
        assert plausible.signs_of_week(county, week)[keys[-1]] == ["same_text"]


def test_two_far_places_within_an_hour(people, worker, week, county, person):
    with system_scope("test"):
        near, far = logged(people[0], worker, week, time(10)), logged(people[1], worker, week, time(10, 50))
        later = logged(people[1], worker, week + timedelta(days=1), time(10))
        phoned = logged(people[1], worker, week, time(10, 5), in_person=False)
        others = logged(people[1], person("浔阳区", Role.WORKER, username="乙"), week, time(10))
        signs = plausible.signs_of_week(county, week)
    assert signs == {near: ["far_apart"], far: ["far_apart"], later: [], phoned: [], others: []}


def test_a_burst_on_a_quarters_last_day(people, worker, county):
    last = datetime(2026, 9, 30).date()
    week = last - timedelta(days=last.weekday())
    with system_scope("test"):
        before = [logged(people[0], worker, last - timedelta(days=1)) for _ in range(15)]
        burst = [logged(people[0], worker, last) for _ in range(14)]
        assert not any(plausible.signs_of_week(county, week).values())
        burst.append(logged(people[0], worker, last))
        signs = plausible.signs_of_week(county, week)
    assert all(signs[pk] == ["burst"] for pk in burst)
    assert not any(signs[pk] for pk in before)


def test_the_same_photo_on_two_visits(people, worker, today, county):
    def picture(colour):
        content = io.BytesIO()
        Image.new("RGB", (40, 30), colour).save(content, "JPEG")
        return SimpleUploadedFile("a.jpg", content.getvalue(), content_type="image/jpeg")

    with system_scope("test"):
        made = [
            log_visit(
                cadre=people[0], visited_on=today, occasion="daily", way="home", situation=f"{n}", once=uuid.uuid4(), by=worker, today=today, photos=[picture(colour)]
            ).pk
            for n, colour in enumerate(("red", "red", "blue"))
        ]
        signs = plausible.signs_of_week(county, today - timedelta(days=today.weekday()))
    assert signs == {made[0]: ["same_photo"], made[1]: ["same_photo"], made[2]: []}


def test_a_draw_can_be_repeated_and_shows_signs_and_others():
    signs = {n: ["burst"] if n % 3 == 0 else [] for n in range(60)}
    found = drawn(signs, 4711)
    assert found == drawn(signs, 4711)
    assert found != drawn(signs, 4712)
    assert len(found) == 10
    assert sum(bool(names) for _, names in found) >= 5


def test_a_head_draws_once_and_a_neighbour_sees_nothing(client, people, worker, week, person, today, places):
    with system_scope("test"):
        for n in range(12):
            logged(people[0], worker, week + timedelta(days=n % 5))
    client.force_login(worker)
    assert client.get(reverse("care:samples")).status_code == 403
    client.force_login(person("浔阳区", Role.COUNTY_OFFICER, username="head"))
    pages = [client.get(reverse("care:samples"))] + [client.post(reverse("care:sample_draw"), follow=True) for _ in range(2)]
    with system_scope("test"):
        one = VisitSample.objects.get()
        assert AuditEvent.objects.get(verb="visit.sampled").data["seed"] == one.seed
    assert f"随机种子 {one.seed}" in pages[-1].content.decode()
    assert "不作为评价依据" in pages[-1].content.decode()
    for answer in pages:
        assert not [word for word in ACCUSING if word in answer.content.decode()]
    client.force_login(person("濂溪区", Role.COUNTY_OFFICER))
    assert client.get(reverse("care:sample", args=[one.pk])).status_code == 404
    assert "那一周没有登记走访" in client.post(reverse("care:sample_draw"), follow=True).content.decode()


def test_a_running_week_is_not_drawn(people, worker, today, places, whole):
    with pytest.raises(Refused, match="还没有过完"):
        draw_sample(org=places["浔阳区"], week=today, by=worker, today=today)


def test_a_friendly_word_while_writing_keeps_nobody_from_saving(client, people, worker, today):
    with system_scope("test"):
        registry.load()
        standards.load()
        for n in range(5):
            logged(people[0], worker, today - timedelta(days=n), situation="身体尚好")
    client.force_login(worker)
    near = reverse("care:visit_hint", args=[people[0].pk])
    given = {"situation": "身体尚好", "visited_on": today.isoformat(), "way": "home", "in_person": "1"}
    said = client.post(near, given).content.decode()
    assert "已经写过 5 次" in said
    assert "不改也可以保存" in said
    assert client.post(near, given | {"situation": "换了说法"}).content.decode().strip() == ""
    assert client.post(near, {"visited_on": "x"}).content.decode().strip() == ""
    far = client.post(reverse("care:visit_hint", args=[people[1].pk]), given | {"situation": "在深圳"}).content.decode()
    assert "同一天还记了在外地见近处" in far
    assert not [word for word in ACCUSING if word in said + far]
    saved = client.post(f"{reverse('care:visit_log')}?cadre={people[0].pk}", given | {"occasion": "daily", "once": str(uuid.uuid4())})
    assert saved.status_code == 302
    assert "hx-post" in client.get(f"{reverse('care:visit_log')}?cadre={people[0].pk}").content.decode()


@pytest.mark.django_db(transaction=True)
def test_drawn_twice_at_the_same_moment_it_is_one_sample(people, worker, week, today, places, county):
    with system_scope("test"):
        for n in range(12):
            logged(people[0], worker, week + timedelta(days=n % 5))
    start, keys = threading.Barrier(2), []

    def press():
        try:
            start.wait()
            with entered(county):
                keys.append(draw_sample(org=places["浔阳区"], week=week, by=worker, today=today).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 2
    assert len(set(keys)) == 1
