"""Mail: claimed before it is sent, once per message, tried again, and given up in the end."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.db import connection, connections
from django.utils import timezone

from apps.activity import sending
from apps.activity.mail_file import MailFileBackend, file_name
from apps.activity.models import Delivery, DeliveryState, Notification
from apps.activity.notify import Message, tell, tell_each

NOW = timezone.now()


@pytest.fixture
def files(settings, tmp_path):
    settings.EMAIL_BACKEND = "apps.activity.mail_file.MailFileBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return lambda: sorted((tmp_path / "mail").glob("*")) if (tmp_path / "mail").exists() else []


class Broken(MailFileBackend):
    def send_messages(self, messages):
        raise OSError("server away")


@pytest.fixture
def broken(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"


@pytest.fixture
def told(person):
    """One message with one queued mail."""
    user = person(email="worker@example.test")
    (row,) = tell([user], title="11 月 21 日走访提醒", body="联系 5 人。", url="/worklist/", key="digest:2026-11-21", now=NOW)
    return row


def test_a_mail_becomes_one_file_with_the_words_and_the_link(told, files, settings):
    settings.PORTAL_URL = "https://portal.example"
    assert sending.deliver_all(now=NOW) == {"sent": 1, "failed": 0, "dropped": 0}
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.sent_at, delivery.tries) == (DeliveryState.SENT, NOW, 1)
    (path,) = files()
    assert path.name == f"delivery-{delivery.pk}@localhost.eml"
    parsed = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert parsed["Subject"].strip() == "【老干部工作平台】11 月 21 日走访提醒"
    assert parsed["To"] == "worker@example.test"
    assert parsed["Message-ID"] == f"<delivery-{delivery.pk}@localhost>"
    assert "联系 5 人" in parsed.get_content()
    assert "https://portal.example/worklist/" in parsed.get_content()
    assert sending.deliver_all(now=NOW + timedelta(days=1)) == {"sent": 0, "failed": 0, "dropped": 0}


def test_a_second_sending_of_the_same_mail_leaves_one_file(told, files):
    sending.deliver_all(now=NOW)
    sending.message_of(Delivery.objects.get()).send()
    assert len(files()) == 1


def test_file_names_hold_nothing_a_file_system_minds():
    assert file_name("<a/../b c@host>") == "a_.._b_c@host.eml"
    assert file_name("<../x>") == "_x.eml"


def test_errors_are_written_down_and_tried_again_three_times(told, broken):
    now = NOW
    for tries, pause in enumerate([*sending.PAUSES, None], 1):
        assert sending.deliver_all(now=now)["failed"] == 1
        row = Delivery.objects.get()
        assert (row.tries, row.error) == (tries, "OSError：server away")
        if pause is None:
            assert row.state == DeliveryState.FAILED
            break
        assert row.state == DeliveryState.QUEUED
        assert sending.deliver_all(now=now + pause - timedelta(seconds=1))["failed"] == 0
        now += pause
    assert sending.deliver_all(now=now + timedelta(days=30)) == {"sent": 0, "failed": 0, "dropped": 0}


def test_who_left_gets_no_mail(told, files):
    told.user.is_active = False
    told.user.save()
    assert sending.deliver_all(now=NOW)["dropped"] == 1
    assert files() == []


def test_an_abandoned_claim_is_taken_up_after_its_lease(told, files):
    (taken,) = sending.claim(now=NOW)
    assert sending.deliver_all(now=NOW + timedelta(minutes=9))["sent"] == 0
    assert sending.deliver_all(now=NOW + sending.LEASE)["sent"] == 1
    assert Delivery.objects.get().tries == 2
    sending.record_end(taken, state=DeliveryState.QUEUED)
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_told_once_per_user_and_key(person):
    one, two = person(email="a@example.test"), person()
    for _ in range(2):
        tell([one, two, one], title="测试", key="k", now=NOW)
    assert len(tell_each([Message(one, "测试", "k"), Message(one, "另一件", "k2")], now=NOW)) == 1
    assert Notification.objects.count() == 3
    assert Delivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_mails_and_send_none_twice(person, files):
    user = person(email="worker@example.test")
    tell_each([Message(user, f"消息 {n}", f"k{n}") for n in range(60)], now=NOW)
    sent, errors = [], []

    def work():
        try:
            sent.append(sending.deliver_all(now=NOW)["sent"])
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert sum(sent) == 60 == len(files())
    assert set(Delivery.objects.values_list("tries", "state")) == {(1, "sent")}


KILLED = """
    import os, signal, django
    django.setup()
    from django.conf import settings
    settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
    settings.EMAIL_FILE_PATH = os.environ["MAIL_FOLDER"]
    settings.EMAIL_BACKEND = "apps.activity.mail_file.MailFileBackend"
    from apps.activity import sending
    from django.utils import timezone
    left = [3]
    def die(*args, **kwargs):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return record(*args, **kwargs)
    record, sending.record_end = sending.record_end, die
    sending.deliver_all(now=timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_killed_between_sending_and_writing_it_down(person, files, settings):
    """A real process dies by SIGKILL after the third mail left the house; whoever comes next finishes, and there is one file per mail."""
    user = person(email="worker@example.test")
    tell_each([Message(user, f"消息 {n}", f"k{n}") for n in range(5)], now=NOW)
    name = connection.settings_dict["NAME"]
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "cadre_portal.settings.test", "TEST_DATABASE": name, "MAIL_FOLDER": str(settings.EMAIL_FILE_PATH)}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED)], env=environ, cwd=Path(__file__).parents[2], capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert len(files()) == 3
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["sending"] * 3 + ["sent"] * 2
    assert sending.deliver_all(now=timezone.now() + sending.LEASE + timedelta(seconds=5))["sent"] == 3
    assert len(files()) == 5
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
