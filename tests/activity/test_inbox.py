"""The inbox: one's own messages, read by a POST, counted in the shell."""

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity import selectors
from apps.activity.models import Notification
from apps.activity.notify import Message, tell_each

NOW = timezone.now()


@pytest.fixture
def worker(person, client):
    user = person()
    client.force_login(user)
    return user


def told(user, count: int = 1, url: str = "/inbox/?x=1"):
    return tell_each([Message(user, f"第 {n} 条", f"k{n}", body="联系 5 人。", url=url) for n in range(count)], now=NOW)


def test_empty_says_what_will_come(worker, client):
    assert "七点半" in client.get(reverse("inbox")).content.decode()


def test_reading_is_a_post_that_leads_on(worker, client):
    (row,) = told(worker)
    assert "第 0 条" in client.get(reverse("inbox")).content.decode()
    assert selectors.unread_count(worker) == 1
    answer = client.post(reverse("inbox_open", args=[row.pk]))
    assert (answer.status_code, answer.url) == (302, "/inbox/?x=1")
    assert selectors.unread_count(worker) == 0
    assert client.get(reverse("inbox_open", args=[row.pk])).status_code == 405


def test_a_message_never_leads_out_of_the_house(worker, client):
    (row,) = told(worker, url="https://elsewhere.example/")
    assert client.post(reverse("inbox_open", args=[row.pk])).url == reverse("inbox")


def test_marked_read_one_stays_in_the_inbox(worker, client):
    (row,) = told(worker)
    assert client.post(reverse("inbox_open", args=[row.pk]), {"stay": "1"}).url == reverse("inbox")


def test_all_read_means_what_the_reader_has_seen(worker, client):
    rows = told(worker, 3)
    client.post(reverse("inbox_read_all"), {"up_to": rows[1].pk})
    assert selectors.unread_count(worker) == 1
    client.post(reverse("inbox_read_all"), {"up_to": "nonsense"})
    assert selectors.unread_count(worker) == 1


def test_somebody_else_s_message_is_neither_shown_nor_read(worker, client, person):
    (row,) = told(person("濂溪区", Role.WORKER))
    assert "第 0 条" not in client.get(reverse("inbox")).content.decode()
    assert client.post(reverse("inbox_open", args=[row.pk])).status_code == 404
    client.post(reverse("inbox_read_all"), {"up_to": row.pk})
    assert Notification.objects.get().read_at is None


def test_pages_and_the_unread_tab(worker, client, django_assert_max_num_queries):
    told(worker, 70)
    Notification.objects.filter(title="第 69 条").update(read_at=NOW)
    with django_assert_max_num_queries(16):
        first = client.get(reverse("inbox"))
    assert len(first.context["page"].rows) == selectors.PAGE
    second = client.get(reverse("inbox"), {"after": first.context["page"].next})
    assert not {r.pk for r in first.context["page"].rows} & {r.pk for r in second.context["page"].rows}
    assert "第 69 条" not in client.get(reverse("inbox"), {"show": "unread"}).content.decode()
    assert first.context["inbox_count"]() == 69


def test_the_fragment_is_the_list_alone(worker, client):
    told(worker)
    page = client.get(reverse("inbox"), headers={"HX-Request": "true"}).content.decode()
    assert "第 0 条" in page
    assert "<html" not in page
