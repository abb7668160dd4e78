"""Exactly once, with real processes: four at a time, and one that is killed by SIGKILL in the middle."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from apps.activity.models import Delivery, Notification
from apps.care.models import Digest, Reminder
from apps.care.reminders import settle
from apps.core.scope import system_scope
from tests.factories import duties as make

ROOT = Path(__file__).parents[2]
DAY = date(2026, 1, 24)
PEOPLE, WORKERS = 120, 6

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(places, person):
    """120 people shared by six workers with mail, each with a contact coming due on 2026-01-31."""
    with system_scope("test"):
        make.rules()
        workers = [person(email=f"w{n}@example.test", username=f"w{n}") for n in range(WORKERS)]
        for n in range(PEOPLE):
            make.plan(make.cadre(places["浔阳区教育局"], f"测试{n}"), date(2026, 1, 1), worker=workers[n % WORKERS])
        settle(today=DAY)


def start(*arguments: str) -> subprocess.Popen:
    name = connection.settings_dict["NAME"]
    environ = {**os.environ, "REMIND_ON_DAYS_OFF": "true", "DJANGO_SETTINGS_MODULE": "cadre_portal.settings.test", "PORTAL_DB": name}
    if server := os.environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = f"{server.rsplit('/', 1)[0]}/{name}"
    return subprocess.Popen([sys.executable, *arguments], env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run_day(day: date = DAY) -> subprocess.Popen:
    return start("manage.py", "open_reminders", "--date", str(day), "--json")


def answer(process: subprocess.Popen) -> dict:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    return json.loads(out)


def told_once() -> None:
    with system_scope("test"):
        assert Counter(Reminder.objects.values_list("stage", flat=True)) == {"upcoming": PEOPLE}
        assert not Reminder.objects.filter(digest=None).exists()
    assert Digest.objects.count() == Notification.objects.count() == Delivery.objects.count() == WORKERS
    assert set(Notification.objects.values_list("title", flat=True)) == {"1 月 24 日走访提醒：即将到期 20 项"}


def test_four_at_a_time_tell_everybody_once(county):
    answers = [answer(process) for process in [run_day() for _ in range(4)]]
    assert sum(one["opened"] for one in answers) == PEOPLE
    assert sum(one["digests"] for one in answers) == WORKERS
    assert {one["opened"] + one["already"] for one in answers} == {PEOPLE}
    told_once()


KILLED = """
    import os, signal, sys, django
    django.setup()
    from datetime import date
    from django.utils import timezone
    from apps.care import tasks
    from apps.care.reminders import {module} as where
    wanted, left = getattr(where, "{name}"), [{nth}]
    def die(*args, **kwargs):
        left[0] -= 1
        done = wanted(*args, **kwargs)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    setattr(where, "{name}", die)
    tasks.run_day(date(2026, 1, 24), now=timezone.now())
"""


@pytest.mark.parametrize(("module", "name", "nth", "opened"), [("ledger", "_open", 2, 0), ("digests", "tell_each", 1, PEOPLE)])
def test_killed_in_the_middle_and_simply_run_again(county, module, name, nth, opened):
    """Killed after the reminders of one rule were written, and after everybody's message was: nothing half done remains, the next run does the rest."""
    dying = start("-c", textwrap.dedent(KILLED).format(module=module, name=name, nth=nth))
    dying.communicate(timeout=120)
    assert dying.returncode == -signal.SIGKILL
    with system_scope("test"):
        assert Reminder.objects.count() == opened
    assert Notification.objects.count() == Digest.objects.count() == 0
    assert answer(run_day()) == {"opened": PEOPLE - opened, "already": opened, "digests": WORKERS}
    assert answer(run_day()) == {"opened": 0, "already": PEOPLE, "digests": 0}
    told_once()


def test_a_date_nobody_understands_gets_a_sentence(db):
    process = start("manage.py", "open_reminders", "--date", "昨天")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "看不懂" in errors.decode()
    assert "Traceback" not in errors.decode()
