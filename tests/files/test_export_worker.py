"""An export through a real broker and a real worker."""

import time

import pytest

from apps.accounts.permissions import Role
from apps.activity.models import Notification
from apps.core.scope import Scope, entered, system_scope
from apps.files import storage, tasks
from apps.files.exporting import running
from apps.files.exporting.kinds import EXPORTS
from apps.files.models import ExportRun, ExportState
from tests.factories import registry
from tests.files.test_import_worker import queue  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def looked_at(run) -> ExportRun:
    with system_scope("test"):
        return ExportRun.objects.select_related("file").get(pk=run.pk)


def waited_for(run, *states) -> ExportRun:
    deadline = time.monotonic() + 120
    while looked_at(run).state not in states and time.monotonic() < deadline:
        time.sleep(0.3)
    return looked_at(run)


def test_made_by_a_worker(places, person, queue):  # noqa: F811
    clerk = person("浔阳区", Role.COUNTY_OFFICER)
    with entered(Scope((places["浔阳区"].path,))):
        registry.register(places["浔阳区教育局"], clerk, "王德福")
        run = running.request_run(kind=EXPORTS["people"], query={}, columns=["name"], full=False, reason="核对", count=1, org=places["浔阳区"], by=clerk)
    tasks.build_export.apply_async([run.pk], queue=queue)
    found = waited_for(run, ExportState.READY, ExportState.FAILED)
    assert (found.state, found.total) == (ExportState.READY, 1)
    assert storage.read(found.file)[:2] == b"PK"
    assert [one.title for one in Notification.objects.filter(user=clerk)] == ["导出好了：离退休干部名单 1 人"]
