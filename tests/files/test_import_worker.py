"""The whole way through a real broker and a real worker."""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from apps.accounts.permissions import Role
from apps.activity.models import Notification
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions, tasks
from apps.files.models import BatchState
from tests.cadres.sheets_kit import looked_at, opened
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import person as row

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queue():
    """A queue of its own with a worker on the test's database."""
    name, queue = connection.settings_dict["NAME"], f"test-{uuid.uuid4().hex[:8]}"
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "cadre_portal.settings.dev", "PORTAL_DB": name, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    if server := os.environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = f"{server.rsplit('/', 1)[0]}/{name}"
    worker = subprocess.Popen([sys.executable, "-m", "celery", "-A", "cadre_portal", "worker", "-Q", queue, "-c", "1", "-l", "error"], env=environ, cwd=ROOT)
    yield queue
    worker.terminate()
    worker.wait()


def waited_for(batch, state) -> bool:
    deadline = time.monotonic() + 120
    while looked_at(batch).batch.state != state and time.monotonic() < deadline:
        time.sleep(0.3)
    return looked_at(batch).batch.state == state


def test_read_and_applied_by_a_worker(tmp_path, places, person, queue):
    standards.load()
    clerk = person("九江市", Role.DATA_ADMIN)
    batch = opened(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1), row(2)]))), places["浔阳区"], clerk)
    tasks.read_batch.apply_async([batch.pk], queue=queue)
    assert waited_for(batch, BatchState.CHECKED)
    with entered(Scope((batch.org.path,))):
        actions.confirm_batch(batch=looked_at(batch).batch, by=clerk)
    tasks.apply_batch.apply_async([batch.pk], queue=queue)
    assert waited_for(batch, BatchState.APPLIED)
    with system_scope("test"):
        assert Cadre.objects.count() == 2
    assert [one.title for one in Notification.objects.filter(user=clerk).order_by("pk")] == ["核对完成：a.xlsx", "已导入：a.xlsx"]
