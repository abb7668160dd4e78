"""A batch is applied once, wholly or not at all: two presses, two workers, two files with the same people, workers killed by SIGKILL."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions, selectors
from apps.files.importing.desk import occupied
from apps.files.importing.rows import copy_lines
from apps.files.models import BatchState, ImportBatch
from tests.cadres.sheets_kit import NOW, TODAY, looked_at, opened, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import person as row

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(person):
    standards.load()
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


def confirmed(outcome, by) -> ImportBatch:
    with entered(Scope((outcome.batch.org.path,))):
        actions.confirm_batch(batch=outcome.batch, by=by)
    return outcome.batch


def at_once(*works) -> list:
    """Run the works in threads that start together; results or exceptions in their order."""
    gate, results = threading.Barrier(len(works)), [None] * len(works)

    def run(n, work):
        gate.wait()
        try:
            results[n] = work()
        except Exception as error:  # noqa: BLE001 - handed to the test
            results[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return results


def people() -> list[str]:
    with system_scope("test"):
        return sorted(Cadre.objects.values_list("name", flat=True))


def sheet(path, numbers, **changes):
    return xlsx(path, ("花名册", grid([row(n, **changes) for n in numbers])))


def test_six_presses_confirm_once(tmp_path, county, clerk):
    outcome = read(sheet(tmp_path / "a.xlsx", range(1, 6)), county, clerk)

    def press():
        with entered(Scope((county.path,))):
            actions.confirm_batch(batch=outcome.batch, by=clerk)

    results = at_once(*[press] * 6)
    assert sum(one is None for one in results) == 1
    assert sum(isinstance(one, Refused) and one.status == 409 for one in results) == 5


def test_four_workers_apply_once(tmp_path, county, clerk):
    batch = confirmed(read(sheet(tmp_path / "a.xlsx", range(1, 40)), county, clerk), clerk)
    results = at_once(*[lambda: actions.apply_batch(batch_id=batch.pk, now=NOW)] * 4)
    assert sorted(results) == ["", "", "", BatchState.APPLIED]
    assert len(people()) == 39
    assert actions.apply_batch(batch_id=batch.pk, now=NOW) == ""
    assert len(people()) == 39


def test_four_workers_read_once(tmp_path, county, clerk):
    batch = opened(sheet(tmp_path / "a.xlsx", range(1, 40)), county, clerk)
    results = at_once(*[lambda: actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY)] * 4)
    assert sorted(results) == ["", "", "", BatchState.CHECKED]
    assert looked_at(batch).tally == (39, 0, 0, 0)


@pytest.mark.parametrize("changes", [{}, {"身份证号": None}], ids=["with a number", "without"])
def test_two_files_with_the_same_new_people(tmp_path, county, clerk, changes):
    """Both were checked before either was applied; whoever comes second finds them there."""
    batches = [confirmed(read(sheet(tmp_path / f"{n}.xlsx", range(1, 20), **changes), county, clerk), clerk) for n in range(2)]
    at_once(*[lambda pk=one.pk: actions.apply_batch(batch_id=pk, now=NOW) for one in batches])
    assert len(people()) == 19
    tallies = sorted((*looked_at(one).tally, looked_at(one).counts["review"]) for one in batches)
    assert tallies == [(0, 0, 0, 0, 19) if changes else (0, 0, 0, 19, 0), (19, 0, 0, 0, 0)]


def test_the_same_new_person_in_two_counties(tmp_path, places, clerk):
    outcomes = [read(sheet(tmp_path / f"{n}.xlsx", [1]), places[name], clerk) for n, name in enumerate(("浔阳区", "濂溪区"))]
    for one in outcomes:
        actions.apply_batch(batch_id=confirmed(one, clerk).pk, now=NOW)
    assert len(people()) == 1
    assert looked_at(outcomes[1].batch).errors == {"other_unit"}


def test_a_record_edited_after_the_check_is_left_alone(tmp_path, county, clerk):
    actions.apply_batch(batch_id=confirmed(read(sheet(tmp_path / "a.xlsx", [1, 2]), county, clerk), clerk).pk, now=NOW)
    outcome = read(sheet(tmp_path / "b.xlsx", [1, 2], 民族=None, 手机="12099999999"), county, clerk)
    assert outcome.tally == (0, 2, 0, 0)
    with system_scope("test"):
        Cadre.objects.filter(name=row(1)["姓名"]).update(version=2, note="刚刚改过")
    actions.apply_batch(batch_id=confirmed(outcome, clerk).pk, now=NOW)
    done = looked_at(outcome.batch)
    assert done.tally == (0, 1, 0, 1)
    assert done.codes() == {"record_changed": ["花名册!C2"]}
    with system_scope("test"):
        assert Cadre.objects.get(name=row(1)["姓名"]).phone == row(1)["手机"]


def test_all_or_nothing_writes_nothing_when_something_changed_meanwhile(tmp_path, county, clerk):
    outcome = read(sheet(tmp_path / "a.xlsx", [1, 2]), county, clerk)
    with entered(Scope((county.path,))):
        actions.confirm_batch(batch=outcome.batch, by=clerk, whole_only=True)
    actions.apply_batch(batch_id=confirmed(read(sheet(tmp_path / "b.xlsx", [2]), county, clerk), clerk).pk, now=NOW)
    assert actions.apply_batch(batch_id=outcome.batch.pk, now=NOW) == BatchState.CHECKED
    assert len(people()) == 1
    assert looked_at(outcome.batch).batch.error_code == "changed_since"


def worker(code: str) -> subprocess.Popen:
    """A process of its own on the test's database."""
    name = connection.settings_dict["NAME"]
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "cadre_portal.settings.dev", "PORTAL_DB": name, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    if server := os.environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = f"{server.rsplit('/', 1)[0]}/{name}"
    setup = "import django; django.setup(); from datetime import date; from django.utils import timezone; from apps.files import actions\n"
    return subprocess.Popen([sys.executable, "-c", setup + code], env=environ, cwd=ROOT)


def waiting_for(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE relation = %s::regclass AND NOT granted)", [table])
        return cursor.fetchone()[0]


def killed_while_waiting_for(table: str, code: str) -> None:
    """Hold ``table`` so that the process stops there, then kill it without warning."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        process = worker(code)
        deadline = time.monotonic() + 90
        while not waiting_for(table) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert waiting_for(table), "the process never came that far"
        process.send_signal(signal.SIGKILL)
        process.wait()


def gone(batch_id: int) -> bool:
    """The server notices the death of a backend's client within a moment."""
    deadline = time.monotonic() + 30
    while occupied(batch_id) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not occupied(batch_id)


@pytest.mark.parametrize("table", ["cadres_cadre", "activity_auditevent"], ids=["before the insert", "after the insert"])
def test_killed_while_writing_leaves_nothing_and_is_taken_up_again(tmp_path, county, clerk, table):
    batch = confirmed(read(sheet(tmp_path / "a.xlsx", range(1, 40)), county, clerk), clerk)
    killed_while_waiting_for(table, f"actions.apply_batch(batch_id={batch.pk}, now=timezone.now())")
    assert gone(batch.pk)
    assert people() == []
    assert looked_at(batch).batch.state == BatchState.APPLYING
    assert actions.apply_batch(batch_id=batch.pk, now=NOW) == BatchState.APPLIED
    assert len(people()) == 39


def test_killed_while_reading_is_read_again_from_the_start(tmp_path, county, clerk):
    batch = opened(sheet(tmp_path / "a.xlsx", range(1, 40)), county, clerk)
    killed_while_waiting_for("activity_notification", f"actions.read_batch(batch_id={batch.pk}, now=timezone.now(), today=date(2026, 11, 22))")
    assert gone(batch.pk)
    assert looked_at(batch).batch.state == BatchState.READING
    assert actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY) == BatchState.CHECKED
    assert looked_at(batch).tally == (39, 0, 0, 0)


def test_cancelled_while_waiting(tmp_path, county, clerk):
    batch = opened(sheet(tmp_path / "a.xlsx", [1]), county, clerk)
    with entered(Scope((county.path,))) as scope:
        actions.cancel_batch(batch=selectors.batch(scope, batch.pk), by=clerk)
    assert actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY) == ""
    assert looked_at(batch).batch.state == BatchState.CANCELLED


def test_cancelled_while_reading(tmp_path, county, clerk, monkeypatch):
    """The cancel comes after the first chunk; reading stops and nothing stays staged."""
    monkeypatch.setattr("apps.files.importing.staging.CHUNK", 10)
    batch = opened(sheet(tmp_path / "a.xlsx", range(1, 40)), county, clerk)
    copied = []

    def copy_then_cancel(*arguments):
        copy_lines(*arguments)
        if not copied:
            at_once(cancel)
        copied.append(1)

    def cancel():
        with entered(Scope((county.path,))) as scope:
            actions.cancel_batch(batch=selectors.batch(scope, batch.pk), by=clerk)

    monkeypatch.setattr("apps.files.importing.staging.copy_lines", copy_then_cancel)
    assert actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY) == BatchState.CANCELLED
    assert copied == [1]
    assert looked_at(batch).batch.state == BatchState.CANCELLED
    with system_scope("test") as scope:
        assert list(selectors.rows(scope, batch)) == []


def test_history_knows_who_imported(tmp_path, county, clerk):
    batch = confirmed(read(sheet(tmp_path / "a.xlsx", [1]), county, clerk), clerk)
    actions.apply_batch(batch_id=batch.pk, now=NOW)
    with system_scope("test"):
        event = Cadre.pgh_event_model.objects.select_related("pgh_context").get()
        assert event.pgh_context.metadata["user"] == clerk.pk


def applied_batch(path, county, clerk, numbers=range(1, 40)):
    batch = confirmed(read(sheet(path, numbers), county, clerk), clerk)
    actions.apply_batch(batch_id=batch.pk, now=NOW)
    return batch


def asked_back(batch, by) -> None:
    with entered(Scope((batch.org.path,))):
        actions.start_undo(batch=looked_at(batch).batch, by=by)


@pytest.mark.parametrize("state", [BatchState.CONFIRMED, BatchState.UNDOING])
def test_killed_while_waiting_for_its_first_statement(tmp_path, county, clerk, state):
    """The worker dies before anything is done: the batch is found by the task that looks for dropped ones and done by the next."""
    if state == BatchState.CONFIRMED:
        batch, verb = confirmed(read(sheet(tmp_path / "a.xlsx", range(1, 40)), county, clerk), clerk), "apply"
    else:
        batch, verb = applied_batch(tmp_path / "a.xlsx", county, clerk), "undo"
        asked_back(batch, clerk)
    killed_while_waiting_for("cadres_cadre", f"actions.{verb}_batch(batch_id={batch.pk}, now=timezone.now())")
    assert gone(batch.pk)
    left = looked_at(batch).batch
    assert (left.state, left.attempts) == (BatchState.APPLYING if verb == "apply" else BatchState.UNDOING, 1)
    assert len(people()) == (0 if verb == "apply" else 39)
    assert actions.dropped(now=timezone.now() + timedelta(minutes=3)) == [(batch.pk, left.state)]
    assert getattr(actions, f"{verb}_batch")(batch_id=batch.pk, now=NOW) == (BatchState.APPLIED if verb == "apply" else BatchState.UNDONE)
    assert len(people()) == (39 if verb == "apply" else 0)


def test_killed_after_the_removal_leaves_everybody_there(tmp_path, county, clerk):
    batch = applied_batch(tmp_path / "a.xlsx", county, clerk)
    asked_back(batch, clerk)
    killed_while_waiting_for("activity_auditevent", f"actions.undo_batch(batch_id={batch.pk}, now=timezone.now())")
    assert gone(batch.pk)
    assert len(people()) == 39
    assert looked_at(batch).batch.state == BatchState.UNDOING
    assert actions.undo_batch(batch_id=batch.pk, now=NOW) == BatchState.UNDONE
    assert people() == []


def test_four_presses_and_four_workers_undo_once(tmp_path, county, clerk):
    batch = applied_batch(tmp_path / "a.xlsx", county, clerk)
    presses = at_once(*[lambda: asked_back(batch, clerk)] * 4)
    assert sum(one is None for one in presses) == 1
    assert sum(isinstance(one, Refused) and one.status == 409 for one in presses) == 3
    assert sorted(at_once(*[lambda: actions.undo_batch(batch_id=batch.pk, now=NOW)] * 4)) == ["", "", "", BatchState.UNDONE]
    assert people() == []


def test_a_cancel_and_a_worker_at_once_never_both_win(tmp_path, county, clerk):
    batch = confirmed(read(sheet(tmp_path / "a.xlsx", range(1, 20)), county, clerk), clerk)

    def cancel():
        with entered(Scope((county.path,))) as scope:
            actions.cancel_batch(batch=selectors.batch(scope, batch.pk), by=clerk)

    cancelled, written = at_once(cancel, lambda: actions.apply_batch(batch_id=batch.pk, now=NOW))
    assert (written == BatchState.APPLIED) is isinstance(cancelled, Refused)
    assert len(people()) == (19 if written == BatchState.APPLIED else 0)
    assert looked_at(batch).batch.state == (BatchState.APPLIED if written == BatchState.APPLIED else BatchState.CANCELLED)
