"""Lists going out: what is asked before, what stands in the workbook, the background run with its failing ways, expiry, and who may fetch it."""

import io
import re
from datetime import date, datetime, timedelta
from unittest.mock import patch

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import Right, Role
from apps.activity.models import AuditEvent, Notification
from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import system_scope
from apps.core.sheets_out import LONGEST_HEADER, print_mark
from apps.files import storage
from apps.files.exporting import running
from apps.files.exporting.kinds import EXPORTS
from apps.files.models import ExportRun, ExportState
from tests.factories import registry

URL = reverse("cadres:export")
NOW = timezone.make_aware(datetime(2026, 11, 22, 10))
TODAY = date(2026, 11, 22)


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="worker", display_name="张工")


@pytest.fixture
def people(places, worker, inside):
    def make(count=3, **given):
        with inside("浔阳区"):
            return [registry.register(places["浔阳区教育局"], worker, f"王{chr(0x4E00 + n)}", phone="12812345678", **given) for n in range(count)]

    return make


@pytest.fixture
def signed_in(client, worker):
    client.force_login(worker)
    return client


@pytest.fixture
def in_background(settings):
    settings.EXPORT_BACKGROUND_ABOVE = 0


def asked(client, query="", **data):
    with patch("apps.files.tasks.build_export.delay") as sent:
        answer = client.post(URL + query, {"columns": ["org", "name", "phone"], "reason": "核对", **data})
    answer.sent = sent
    return answer


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


def sheet_of(answer):
    assert answer.status_code == 200
    return opened(b"".join(answer.streaming_content))


def only_run():
    with system_scope("test"):
        return ExportRun.objects.select_related("org", "file", "created_by").get()


def made(today=TODAY, now=NOW):
    running.build(run_id=only_run().pk, today=today, now=now)
    return only_run()


class TestAtOnce:
    def test_columns_chosen_and_remembered(self, signed_in, people):
        people()
        sheet = sheet_of(asked(signed_in, columns=["phone", "name"]))
        assert [cell.value for cell in sheet[3]] == ["姓名", "手机"]
        assert [cell.value for cell in sheet[4]] == ["王丁", "128****5678"]
        page = signed_in.get(URL).content.decode()
        assert len(re.findall(r'id="column-\w+" checked', page)) == 2
        assert 'value="phone" id="column-phone" checked' in page

    def test_who_when_why_on_top_and_in_print(self, signed_in, people):
        people()
        sheet = sheet_of(asked(signed_in, reason="办理A&B证"))
        line = sheet["A2"].value
        for part in ("内部资料", "张工（浔阳区）", "共 3 人", "用途：办理A&B证", "证件号码、电话已遮盖"):
            assert part in line
        assert "办理A&B证" in sheet.oddHeader.right.text.replace("&&", "&")
        assert sheet["A1"].value == "离退休干部名单"
        assert {"A1:C1", "A2:C2"} == {str(one) for one in sheet.merged_cells.ranges}
        assert sheet.print_title_rows == "$1:$3"

    def test_the_audit_knows_columns_rows_and_reason(self, signed_in, people):
        people()
        sheet_of(asked(signed_in, "?kind=retired&q=王"))
        with system_scope("test"):
            event = AuditEvent.objects.get(verb="cadre.exported")
        assert event.data == {"rows": 3, "columns": ["管理单位", "姓名", "手机"], "full": False, "query": "q=（有）；kind=retired"}
        assert (event.note, event.title) == ("核对", "离退休干部名单 3 人")

    def test_a_reason_above_the_threshold(self, signed_in, people, settings):
        settings.EXPORT_REASON_ABOVE = 2
        people()
        answer = asked(signed_in, reason=" ")
        assert answer.status_code == 422
        assert "超过 2 人，请写明用途。" in answer.content.decode()
        assert sheet_of(asked(signed_in, "?q=王一", reason=""))["B4"].value == "王一"

    def test_never_more_than_the_limit(self, signed_in, people, settings):
        settings.EXPORT_MOST = 2
        people()
        assert "一次最多导出 2 人" in signed_in.get(URL).content.decode()
        assert asked(signed_in).status_code == 422

    @pytest.mark.parametrize("columns", [[], ["illness"], ["name", "id_index"], ["search"], ["__class__"]])
    def test_no_other_columns(self, signed_in, people, columns):
        people()
        assert asked(signed_in, columns=columns).status_code == 422

    def test_an_empty_list(self, signed_in, places):
        assert "没有可导出的内容" in signed_in.get(URL).content.decode()
        assert asked(signed_in).status_code == 422

    @pytest.mark.parametrize("hostile", ["=1+1", "@SUM(A1)", "+86", "=HYPERLINK(1)"])
    def test_hostile_words_stay_words(self, signed_in, people, inside, hostile):
        (one,) = people(1)
        with inside("浔阳区"):
            Cadre.objects.filter(pk=one.pk).update(name=hostile, note=hostile)
        cells = sheet_of(asked(signed_in, columns=["name", "note"], reason=hostile))[4]
        assert [(cell.value, cell.data_type) for cell in cells] == [(hostile, "s")] * 2

    def test_in_the_clear_needs_reason_and_right(self, signed_in, people, client, person):
        people(1)
        assert asked(signed_in, full="1", reason="").status_code == 422
        assert sheet_of(asked(signed_in, full="1"))["C4"].value == "12812345678"
        client.force_login(person("浔阳区", Role.LEADER))
        assert asked(client, full="1").status_code == 422

    def test_a_forged_wish_is_refused_below_the_form(self):
        with pytest.raises(Refused, match="不能导出原文"):
            running.check(kind=EXPORTS["visits"], columns=["name"], full=True, reason="看看", count=1, rights=frozenset(Right))


def test_a_long_mark_fits_a_print_header():
    text = print_mark("用途&" * 200)
    assert len(text) <= LONGEST_HEADER
    assert text.count("&") % 2 == 0
    assert print_mark("") == ""


@pytest.mark.usefixtures("in_background")
class TestInTheBackground:
    def test_the_way_of_a_run(self, signed_in, people, django_capture_on_commit_callbacks):
        people()
        with django_capture_on_commit_callbacks(execute=True):
            answer = asked(signed_in)
        run = only_run()
        assert answer.url == reverse("files:export", args=[run.pk])
        assert "等待生成" in signed_in.get(answer.url).content.decode()
        run = made()
        assert (run.state, run.total, run.file.expires_on, run.file.sealed) == (ExportState.READY, 3, TODAY + timedelta(days=7), True)
        assert [cell.value for cell in opened(storage.read(run.file))[4]] == ["浔阳区教育局", "王丁", "128****5678"]
        assert b"PK" not in storage.path_of(run.file).read_bytes()[:2]
        told = Notification.objects.get(user=run.created_by)
        assert (told.title, told.url) == ("导出好了：离退休干部名单 3 人", answer.url)
        assert "下载" in signed_in.get(answer.url).content.decode()
        fetched = signed_in.get(reverse("files:export_download", args=[run.pk]))
        assert opened(b"".join(fetched.streaming_content))["B4"].value == "王丁"
        with system_scope("test"):
            assert AuditEvent.objects.filter(verb="file.opened", data__subject=run.pk).count() == 1
            assert AuditEvent.objects.get(verb="cadre.exported").data["rows"] == 3

    def test_what_was_typed_lies_encrypted(self, signed_in, people, as_owner):
        from django.db import connection

        people()
        asked(signed_in, "?q=王一")
        with system_scope("test"), connection.cursor() as cursor:
            cursor.execute("SELECT query FROM files_exportrun")
            stored = bytes(cursor.fetchone()[0])
        assert "王一".encode() not in stored
        assert '"q": "王一"' in only_run().query

    def test_pressed_twice_makes_one(self, signed_in, people):
        people()
        first, second = asked(signed_in), asked(signed_in)
        assert first.url == second.url
        assert asked(signed_in, reason="别的").url != first.url

    def test_made_once(self, signed_in, people):
        people()
        asked(signed_in)
        run = only_run()
        assert running.build(run_id=run.pk, today=TODAY, now=NOW)
        assert not running.build(run_id=run.pk, today=TODAY, now=NOW)
        assert not running.build(run_id=0, today=TODAY, now=NOW)

    def test_one_whose_maker_died_is_made_again(self, signed_in, people):
        people()
        asked(signed_in)
        with system_scope("test"):
            ExportRun.objects.update(state=ExportState.RUNNING)
        assert running.expire(today=TODAY)[1] == [only_run().pk]
        assert made().state == ExportState.READY

    def test_a_fault_is_said_and_leaves_nothing(self, signed_in, people):
        people()
        asked(signed_in)
        with patch("apps.files.exporting.writing.write_xlsx", side_effect=OSError("disk full")):
            run = made()
        assert (run.state, run.file) == (ExportState.FAILED, None)
        assert "出了意外" in signed_in.get(reverse("files:export", args=[run.pk])).content.decode()
        with system_scope("test"):
            assert not AuditEvent.objects.filter(verb="cadre.exported").exists()
        assert Notification.objects.get().title == "没有导出：离退休干部名单"

    def test_taken_back_before_and_while_it_runs(self, signed_in, people, monkeypatch):
        people()
        asked(signed_in)
        assert signed_in.post(reverse("files:export_cancel", args=[only_run().pk])).status_code == 302
        assert made().state == ExportState.CANCELLED
        monkeypatch.setattr("apps.files.exporting.writing.EVERY", 1)
        with system_scope("test"):
            ExportRun.objects.all().delete()
        asked(signed_in)
        original = running._tick

        def cancelled_meanwhile(run, done):
            ExportRun.objects.filter(pk=run.pk).update(state=ExportState.CANCELLED, finished_at=NOW)
            original(run, done)

        monkeypatch.setattr(running, "_tick", cancelled_meanwhile)
        run = made()
        assert run.file is None
        assert not Notification.objects.exists()

    def test_progress(self, signed_in, people, monkeypatch):
        people()
        asked(signed_in)
        monkeypatch.setattr("apps.files.exporting.writing.EVERY", 2)
        seen = []
        original = running._tick
        monkeypatch.setattr(running, "_tick", lambda run, done: (original(run, done), seen.append(running.progress(only_run()))))
        made()
        assert seen == [2]

    def test_rights_are_asked_again(self, signed_in, people, worker):
        people()
        asked(signed_in, full="1")
        Membership.objects.filter(user=worker).update(ends_on=TODAY - timedelta(days=1))
        run = made()
        assert (run.state, run.error) == (ExportState.FAILED, "您的任职或权限已经变动，不能再导出这份名单。")

    def test_fetched_only_with_the_rights_it_was_made_with(self, signed_in, people, worker):
        people()
        asked(signed_in, full="1")
        made(today=timezone.localdate(), now=timezone.now())
        Membership.objects.filter(user=worker).update(role=Role.LEADER)
        assert signed_in.get(reverse("files:export_download", args=[only_run().pk])).status_code == 403

    def test_expired(self, signed_in, people):
        people()
        asked(signed_in)
        run = made(today=timezone.localdate() - timedelta(days=8))
        page = signed_in.get(reverse("files:export", args=[run.pk])).content.decode()
        assert "已过期" in page
        assert "重新导出" in page
        assert signed_in.get(reverse("files:export_download", args=[run.pk])).status_code == 302
        assert running.expire(today=timezone.localdate())[0] == 1
        assert only_run().state == ExportState.EXPIRED
        assert "已过期" in signed_in.get(reverse("files:exports")).content.decode()

    def test_too_many_by_the_time_it_is_made(self, signed_in, people, settings):
        people()
        asked(signed_in)
        settings.EXPORT_MOST = 2
        assert "一次导不完" in made().error

    def test_nobody_else_s(self, signed_in, people, client, person):
        people()
        asked(signed_in)
        run = made()
        for other in (person("浔阳区", Role.COUNTY_OFFICER), person("九江市", Role.DATA_ADMIN), person("濂溪区", Role.WORKER)):
            client.force_login(other)
            for name in ("files:export", "files:export_download"):
                assert client.get(reverse(name, args=[run.pk])).status_code == 404
            assert client.post(reverse("files:export_cancel", args=[run.pk])).status_code == 404
            assert "离退休干部名单" not in client.get(reverse("files:exports")).content.decode()
            assert client.get(reverse("files:download", args=[run.file.key])).status_code == 404

    def test_made_with_the_eyes_of_who_asked(self, signed_in, people, places, inside, person):
        people(2)
        with inside("濂溪区"):
            registry.register(places["濂溪区卫生局"], person("濂溪区", Role.WORKER), "邻县人")
        asked(signed_in, "?org=" + str(places["濂溪区"].pk))
        asked(signed_in)
        run = made()
        names = [cell.value for cell in opened(storage.read(run.file))["B"]]
        assert "邻县人" not in names
        assert run.total == 2


def test_the_filters_and_the_order_are_those_of_the_list(signed_in, people):
    people(4)
    sheet = sheet_of(asked(signed_in, "?q=王&sort=name&after=x"))
    shown = [line["cadre"].name for line in signed_in.get(reverse("cadres:list"), {"q": "王"}).context["lines"]]
    assert [row[1].value for row in sheet.iter_rows(min_row=4)] == shown


def test_as_many_queries_for_two_as_for_twenty(signed_in, people, django_assert_max_num_queries):
    people(20)
    with django_assert_max_num_queries(30):
        sheet_of(asked(signed_in))
