"""The morning and the quarter's first day through a real broker and a real worker, each task sent twice."""

import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.activity.models import Delivery, Notification
from apps.care import tasks as care_tasks
from apps.care.models import Digest, Reminder
from apps.care.reminders import settle
from apps.core.calendar import quarter_of
from apps.core.scope import system_scope
from apps.files import reporting
from apps.files import tasks as file_tasks
from apps.files.models import ReportRun
from tests.factories import duties as make

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queue():
    """A queue of its own with a worker of two processes on the test's database."""
    name, queue = connection.settings_dict["NAME"], f"test-{uuid.uuid4().hex[:8]}"
    environ = {**os.environ, "REMIND_ON_DAYS_OFF": "true", "DJANGO_SETTINGS_MODULE": "cadre_portal.settings.dev", "PORTAL_DB": name, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    if server := os.environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = f"{server.rsplit('/', 1)[0]}/{name}"
    worker = subprocess.Popen([sys.executable, "-m", "celery", "-A", "cadre_portal", "worker", "-Q", queue, "-c", "2", "-l", "error"], env=environ, cwd=ROOT)
    yield queue
    worker.terminate()
    worker.wait()


def waited_for(is_so) -> bool:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with system_scope("test"):
            if is_so():
                return True
        time.sleep(0.3)
    return False


def test_a_morning_and_a_quarter_s_first_day(places, person, queue):
    today = timezone.localdate()
    with system_scope("test"):
        make.rules()
        worker = person(email="worker@example.test")
        for n in range(30):
            make.plan(make.cadre(places["浔阳区教育局"], f"测试{n}", retired_on=make.LONG_AGO), today - timedelta(days=24), worker=worker)
        settle(today=today)
    for _ in range(2):
        care_tasks.open_reminders.apply_async(queue=queue)
    assert waited_for(lambda: Notification.objects.exists())
    run = reporting.request_run(kind="quarterly_visits", org=places["九江市"], quarter=quarter_of(today), by=worker, today=today)
    for _ in range(2):
        file_tasks.build_report.apply_async([run.pk], queue=queue)
    assert waited_for(lambda: ReportRun.objects.get().state == "ready")
    with system_scope("test"):
        assert Reminder.objects.count() == 30
        assert ReportRun.objects.get().context["total"]["people"] == 30
    titles = list(Notification.objects.order_by("pk").values_list("title", flat=True))
    assert [title.split("：")[1].split(" ")[0] for title in titles] == ["即将到期", "九江市"]
    assert (Digest.objects.count(), Delivery.objects.count()) == (1, 2)
