"""From upload to end: waiting, worked at, dropped and taken up again, given up, expired; the list and what the page tells."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions, keeping, selectors, storage, tasks
from apps.files.actions import stages
from apps.files.importing import life
from apps.files.importing.desk import desk
from apps.files.models import BatchState, ImportBatch, ImportRow
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at, opened, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import person as row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(person):
    standards.load()
    return person("浔阳区", Role.COUNTY_OFFICER)


@pytest.fixture
def county(places):
    return places["浔阳区"]


def sheet(path, numbers, **changes):
    return xlsx(path, ("花名册", grid([row(n, **changes) for n in numbers])))


def changed(batch, **values):
    with system_scope("test"):
        ImportBatch.objects.filter(pk=batch.pk).update(**values)


def confirm(batch, by):
    with entered(Scope((batch.org.path,))):
        actions.confirm_batch(batch=looked_at(batch).batch, by=by)


def long_ago(batch, minutes=11):
    changed(batch, moved_at=timezone.now() - timedelta(minutes=minutes))


def test_confirmed_waits_for_a_worker_and_can_still_be_given_up(tmp_path, county, clerk):
    batch = read(sheet(tmp_path / "a.xlsx", [1]), county, clerk).batch
    confirm(batch, clerk)
    waiting = looked_at(batch).batch
    assert (waiting.state, waiting.applied_by, waiting.confirmed_at is not None) == (BatchState.CONFIRMED, clerk, True)
    with entered(Scope((county.path,))):
        actions.cancel_batch(batch=waiting, by=clerk)
    assert actions.apply_batch(batch_id=batch.pk, now=NOW) == ""
    with system_scope("test"):
        assert (Cadre.objects.count(), ImportRow.objects.count()) == (0, 0)


def test_what_is_being_written_cannot_be_given_up(tmp_path, county, clerk):
    batch = read(sheet(tmp_path / "a.xlsx", [1]), county, clerk).batch
    changed(batch, state=BatchState.APPLYING)
    with entered(Scope((county.path,))), pytest.raises(Refused, match="已经在写入"):
        actions.cancel_batch(batch=batch, by=clerk)


@pytest.mark.parametrize("state", [BatchState.QUEUED, BatchState.READING])
def test_a_batch_without_worker_is_sent_again(tmp_path, county, clerk, state):
    batch = opened(sheet(tmp_path / "a.xlsx", [1]), county, clerk)
    changed(batch, state=state)
    assert actions.dropped(now=timezone.now()) == []
    long_ago(batch)
    assert actions.dropped(now=timezone.now()) == [(batch.pk, state)]
    with desk(batch.pk):
        assert actions.dropped(now=timezone.now()) == []
    assert tasks.task_for(state) is tasks.read_batch
    assert actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY) == BatchState.CHECKED
    assert actions.dropped(now=timezone.now() + timedelta(days=1)) == []


@pytest.mark.parametrize("state", [BatchState.CONFIRMED, BatchState.APPLYING])
def test_a_confirmed_batch_without_worker_is_sent_again(tmp_path, county, clerk, state):
    batch = read(sheet(tmp_path / "a.xlsx", [1]), county, clerk).batch
    confirm(batch, clerk)
    changed(batch, state=state)
    long_ago(batch)
    assert actions.dropped(now=timezone.now()) == [(batch.pk, state)]
    assert tasks.task_for(state) is tasks.apply_batch
    assert actions.apply_batch(batch_id=batch.pk, now=NOW) == BatchState.APPLIED


def test_a_file_that_brings_down_every_reader_is_given_up(tmp_path, county, clerk):
    batch = opened(sheet(tmp_path / "a.xlsx", [1]), county, clerk)
    changed(batch, state=BatchState.READING, attempts=stages.TRIES)
    assert actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY) == BatchState.FAILED
    assert looked_at(batch).batch.error_code == "given_up"
    assert actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY) == ""


def test_a_batch_that_brings_down_every_writer_goes_back_to_its_person(tmp_path, county, clerk):
    batch = read(sheet(tmp_path / "a.xlsx", [1]), county, clerk).batch
    confirm(batch, clerk)
    changed(batch, state=BatchState.APPLYING, attempts=stages.TRIES)
    assert actions.apply_batch(batch_id=batch.pk, now=NOW) == BatchState.CHECKED
    back = looked_at(batch).batch
    assert (back.error_code, back.applied_at) == ("given_up", None)
    confirm(batch, clerk)
    assert actions.apply_batch(batch_id=batch.pk, now=NOW) == BatchState.APPLIED


def test_progress_stands_outside_the_transaction_with_what_was_refused(tmp_path, county, clerk, monkeypatch):
    monkeypatch.setattr("apps.files.importing.staging.CHUNK", 10)
    seen = []
    monkeypatch.setattr("apps.files.importing.alike.earlier", lambda _: seen.append(looked_at(batch).batch) or {})
    batch = opened(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(n, 身份证号="1" if n % 2 else None) for n in range(1, 25)]))), county, clerk)
    actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY)
    assert (seen[0].state, seen[0].done, seen[0].counts["refused"]) == (BatchState.READING, 24, 12)


def test_time_left_is_judged_by_what_is_done_then_by_earlier_batches(tmp_path, county, clerk):
    first = applied(read(sheet(tmp_path / "a.xlsx", range(1, 5)), county, clerk), clerk).batch
    batch = read(sheet(tmp_path / "b.xlsx", range(5, 9)), county, clerk).batch
    now = timezone.now()
    with system_scope("test") as scope:
        running = ImportBatch(pk=batch.pk, kind="roster", state=BatchState.APPLYING, moved_at=now - timedelta(seconds=60), done=50, total=100, file=batch.file)
        assert life.left(scope, running, now) == "约 1 分钟"
        running.done = 0
        changed(first, facts={"seconds": {"apply": 8.0}}, total=4)
        assert life.left(scope, running, now) == "约 2 分钟"
        running.moved_at = now - timedelta(seconds=300)
        assert life.left(scope, running, now) == "的时间比预计长，仍在处理"
        changed(first, facts={})
        changed(batch, facts={})
        assert life.left(scope, running, now) == ""


@pytest.mark.parametrize(("seconds", "words"), [(3, "不到 10 秒"), (38, "约 40 秒"), (61, "约 1 分钟"), (1700, "约 28 分钟"), (7000, "约 2 小时")])
def test_a_length_of_time_is_no_finer_than_it_can_be_known(seconds, words):
    assert life.in_words(seconds) == words


def test_unconfirmed_batches_expire_with_their_rows(tmp_path, county, clerk, settings):
    old, fresh = (read(sheet(tmp_path / f"{n}.xlsx", [n]), county, clerk).batch for n in (1, 2))
    done = applied(read(sheet(tmp_path / "3.xlsx", [3]), county, clerk), clerk).batch
    for one in (old, done):
        changed(one, moved_at=timezone.now() - timedelta(days=settings.IMPORT_EXPIRE_DAYS + 1))
    assert actions.expire_batches(now=timezone.now()) == 1
    assert [looked_at(one).batch.state for one in (old, fresh, done)] == [BatchState.EXPIRED, BatchState.CHECKED, BatchState.APPLIED]
    with system_scope("test"):
        assert sorted(ImportRow.objects.values_list("batch_id", flat=True)) == [fresh.pk, done.pk]
        assert AuditEvent.objects.get(verb="import.expired").key == str(old.pk)
    with entered(Scope((county.path,))), pytest.raises(Refused):
        actions.confirm_batch(batch=looked_at(old).batch, by=clerk)


def test_originals_go_when_their_time_is_over_and_the_page_says_so(client, tmp_path, county, clerk, settings):
    batch = applied(read(sheet(tmp_path / "a.xlsx", [1]), county, clerk), clerk).batch
    assert batch.file.expires_on == TODAY + timedelta(days=settings.IMPORT_KEEP_DAYS)
    path, client_page = storage.path_of(batch.file), reverse("files:batch", args=[batch.pk])
    assert keeping.remove_expired(today=batch.file.expires_on, now=NOW) == 0
    assert keeping.remove_expired(today=batch.file.expires_on + timedelta(days=1), now=NOW) == 1
    assert not path.exists()
    assert keeping.remove_expired(today=batch.file.expires_on + timedelta(days=2), now=NOW) == 0
    client.force_login(clerk)
    page = client.get(client_page).content.decode()
    assert "原文件已按期删除" in page
    assert "下载原文件" not in page
    answer = client.get(reverse("files:download", args=[batch.file.key]), follow=True)
    assert "原文件已按期删除" in answer.content.decode()


def test_the_same_sheet_saved_once_more_is_noticed_before_anything_is_written(client, tmp_path, county, clerk):
    first = applied(read(sheet(tmp_path / "a.xlsx", range(1, 31)), county, clerk), clerk).batch
    again = read(sheet(tmp_path / "b.xlsx", [*range(1, 30), 31]), county, clerk).batch
    assert again.facts["twin"] == {"batch": first.pk, "share": 96}
    client.force_login(clerk)
    page = client.get(reverse("files:batch", args=[again.pk])).content.decode()
    assert "这些行中 96%" in page
    assert reverse("files:batch", args=[first.pk]) in page
    assert read(sheet(tmp_path / "c.xlsx", range(40, 70)), county, clerk).batch.facts["twin"] == {}


def test_the_page_tells_what_happened(client, tmp_path, county, clerk):
    batch = applied(read(sheet(tmp_path / "a.xlsx", [1]), county, clerk), clerk).batch
    changed(batch, checked_at=F("created_at") + timedelta(minutes=1), confirmed_at=F("created_at") + timedelta(minutes=2), applied_at=F("created_at") + timedelta(minutes=3))
    client.force_login(clerk)
    page = client.get(reverse("files:batch", args=[batch.pk])).content.decode()
    places = [page.index(words) for words in ("写入登记库：新增 1 人", "确认导入", "核对完成：共 1 行", "上传文件")]
    assert places == sorted(places)


@pytest.mark.parametrize(("state", "words"), [("queued", "后台正忙"), ("reading", "没有留下半截数据"), ("confirmed", "后台正忙"), ("applying", "没有留下半截数据")])
def test_a_batch_nobody_works_at_says_so_and_can_be_taken_up(client, tmp_path, county, clerk, state, words):
    batch = opened(sheet(tmp_path / "a.xlsx", [1]), county, clerk)
    changed(batch, state=state, applied_by=clerk)
    long_ago(batch)
    client.force_login(clerk)
    page = client.get(reverse("files:batch", args=[batch.pk])).content.decode()
    assert words in page
    assert reverse("files:resume", args=[batch.pk]) in page
    assert (reverse("files:cancel", args=[batch.pk]) in page) is (state != "applying")


def test_the_list_is_narrowed_in_the_address(client, tmp_path, county, clerk, person):
    other = person("浔阳区", Role.COUNTY_OFFICER, display_name="另一人")
    applied(read(sheet(tmp_path / "春季花名册.xlsx", [1]), county, clerk), clerk)
    read(sheet(tmp_path / "秋季花名册.xlsx", [2]), county, other)
    client.force_login(clerk)

    def listed(**wanted):
        page = client.get(reverse("files:batches"), wanted).content.decode()
        return {name for name in ("春季", "秋季") if f"{name}花名册" in page}

    assert listed() == {"春季", "秋季"}
    assert listed(q="春") == listed(state="applied") == listed(by=clerk.pk) == {"春季"}
    assert listed(by=other.pk) == listed(state="checked") == {"秋季"}
    assert listed(kind="roster", state="nonsense", by="x", page="99") == {"春季", "秋季"}
    page = client.get(reverse("files:batches"), {"q": "没有这样的"}).content.decode()
    assert "没有符合条件的批次" in page


def test_the_list_asks_as_often_for_many_as_for_few(client, tmp_path, county, clerk, django_assert_max_num_queries):
    batch = opened(sheet(tmp_path / "a.xlsx", [1]), county, clerk)
    with system_scope("test"):
        ImportBatch.objects.bulk_create(ImportBatch(kind="roster", org=county, org_path=county.path, file=batch.file, created_by=clerk) for _ in range(19))
    client.force_login(clerk)
    client.get(reverse("files:batches"))
    with django_assert_max_num_queries(16):
        client.get(reverse("files:batches"))
    with system_scope("test") as scope:
        assert selectors.batches(scope).count() == 20
