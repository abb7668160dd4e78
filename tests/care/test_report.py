"""The quarterly report: what it says against hand-computed numbers, its life, its freezing, two builders at once."""

import io
import threading
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.urls import reverse
from docx import Document
from python_calamine import CalamineWorkbook

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent, Notification
from apps.cadres.models import Cadre, StatusChange
from apps.care.reports import quarterly
from apps.care.reports.context import QuarterlyVisits
from apps.core.calendar import Quarter
from apps.core.refusal import Refused
from apps.core.scope import Scope, system_scope
from apps.files import reporting, storage
from apps.files.models import ReportRun
from tests.factories import duties as make

Q3 = Quarter(2026, 3)
TODAY = date(2026, 10, 1)
NOW = datetime(2026, 10, 1, 6, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def worker(person):
    return person(display_name="李责任")


@pytest.fixture
def county(places, worker):
    """Third quarter as it ended: 甲 丙 丁 己 late, 乙 seen, 戊 not due; 辛 died on 9 September; 庚 of 濂溪区 late."""
    with system_scope("test"):
        make.rules()
        plans = make.third_quarter(places, worker)
        for one in plans.values():
            Cadre.objects.filter(pk=one.cadre_id).update(attention_class=one.attention_class, retired_on=date(2010, 1, 1))
        dead = make.cadre(places["浔阳区教育局"], "辛", standing="deceased", deceased_on=date(2026, 9, 9), retired_on=date(2005, 1, 1), retire_kind="lixiu")
        StatusChange.objects.create(cadre=dead, org=dead.org, kind="deceased", effective_on=date(2026, 9, 9), recorded_by=worker)
        yield plans


@pytest.fixture
def leader(person):
    return person("九江市", Role.LEADER)


def built(org, by=None, quarter=Q3, today=TODAY, now=NOW) -> ReportRun:
    run = reporting.request_run(kind="quarterly_visits", org=org, quarter=quarter, by=by, today=today)
    assert reporting.build(run_id=run.pk, today=today, now=now)
    run.refresh_from_db()
    return run


def text_of(content: bytes) -> str:
    doc = Document(io.BytesIO(content))
    cells = [" | ".join(cell.text for cell in row.cells) for table in doc.tables for row in table.rows]
    return "\n".join([paragraph.text for paragraph in doc.paragraphs] + cells)


@pytest.mark.usefixtures("county")
class TestContent:
    def test_document_says_what_was_counted_by_hand(self, places):
        document, _ = quarterly.files(built(places["九江市"]).context)
        assert document.name == "九江市2026年第三季度走访工作情况报告.docx"
        text = text_of(document.content)
        for sentence in (
            "截至2026年9月30日，在册离退休干部 7 人，其中离休干部 0 人、退休干部 7 人；重点关注 1 人、定期关注 6 人、日常跟踪 0 人。",
            "本季度新办离退休 0 人，接收调入 0 人，调出移交 0 人，去世 1 人。",
            "本季度共走访联系 3 人次，其中见面 2 人次、住院看望 0 人次；上季度走访联系 3 人次。",
            "本季度应访 6 人，已访 1 人，完成率 16.7%，比上季度下降 16.6 个百分点；期末逾期未访 5 人。",
            "有应访任务的 2 个县（市、区）中，完成率最高的是浔阳区（20.0%），最低的是濂溪区（0.0%）。",
            "重点关注 1 人，期末前 30 天内没有见面的 1 人，其中 1 人电话等联系也没有。",
            "浔阳区 | 6 | 3 | 5 | 1 | 4 | 1 | 20.0%",
            "濂溪区 | 1 | 0 | 1 | 0 | 1 | 0 | 0.0%",
            "合计 | 7 | 3 | 6 | 1 | 5 | 1 | 16.7%",
            "丁 | 浔阳区教育局 | 2026年7月5日 | 2026年8月4日 | 58",
            "1. 逾期未访 5 人，其中逾期超过 30 天的 4 人。",
            "九江市委老干部局",
            "2026年10月1日",
        ):
            assert sentence in text

    def test_annex_names_the_late(self, places):
        _, annex = quarterly.files(built(places["九江市"]).context)
        book = CalamineWorkbook.from_filelike(io.BytesIO(annex.content))
        assert book.sheet_names == ["统计表", "逾期未访人员", "重点关注 30 天未联系人员", "易地安置超过一年未走访人员"]
        rows = book.get_sheet_by_name("逾期未访人员").to_python()
        late = {row[0]: row[7] for row in rows if row[0] in set("甲乙丙丁戊己庚")}
        assert late == {"甲": 183, "丙": 13, "丁": 58, "己": 42, "庚": 183}
        (first,) = [row for row in rows if row[0] == "甲"]
        assert first[4:] == ["", "2026-01-01", "2026-04-01", 183, "李责任"]

    def test_the_same_context_gives_the_same_bytes(self, places):
        context = built(places["浔阳区"]).context
        assert quarterly.files(context) == quarterly.files(QuarterlyVisits.read(context).as_json())

    def test_a_running_quarter_says_until_when(self, places):
        run = built(places["浔阳区"], today=date(2026, 8, 20), now=NOW.replace(month=8, day=20))
        document, _ = quarterly.files(run.context)
        assert document.name.endswith("报告（截至8月20日）.docx")
        assert "今天到期 1 人" in text_of(document.content)

    def test_every_figure_has_its_frozen_list(self, places):
        run = built(places["九江市"])
        scope = Scope((places["九江市"].path,))
        for figure in quarterly.page(run.context)["figures"]:
            found = quarterly.people(scope, run.context, figure["list"], "", today=TODAY, start=0, size=50)
            assert figure["value"] in (found["count"], "16.7%")
            assert (len(found["rows"]), found["gone"]) == (found["count"], 0)
        for row in quarterly.page(run.context)["rows"]:
            for cell in row["cells"]:
                assert cell["value"] == quarterly.people(scope, run.context, cell["list"], cell["place"], today=TODAY, start=0, size=50)["count"]

    def test_whom_the_reader_may_not_see_is_counted_and_not_named(self, places, county, scope_of):
        run = built(places["九江市"])
        with pytest.raises(KeyError):
            quarterly.people(scope_of("九江市"), run.context, "nonsense", "", today=TODAY, start=0, size=50)
        found = quarterly.people(scope_of("濂溪区"), run.context, "visits_overdue", "", today=TODAY, start=0, size=50)
        assert ([row["name"] for row in found["rows"]], found["gone"], found["count"]) == (["庚"], 4, 5)

    def test_a_place_without_people_gets_a_sentence(self, places):
        run = built(places["齐齐哈尔市"])
        assert (run.state, run.error) == ("failed", "齐齐哈尔市还没有人员档案，没有可以报告的内容。")


@pytest.mark.usefixtures("county")
class TestLife:
    def test_built_told_audited_and_downloadable(self, places, leader, client, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        run = built(places["九江市"], by=leader)
        assert (run.state, run.done, run.data_until) == ("ready", 100, NOW)
        assert Notification.objects.get(user=leader).url == reverse("files:report", args=[run.pk])
        assert AuditEvent.objects.filter(verb="report.built", key=str(run.pk)).exists()
        assert text_of(storage.read(run.document)).startswith("九江市")
        client.force_login(leader)
        answer = client.get(reverse("files:download", args=[run.annex.key]))
        assert b"".join(answer.streaming_content)[:2] == b"PK"

    def test_published_is_frozen(self, places, leader, scope_of, county, worker):
        org, scope = places["九江市"], scope_of("九江市")
        run = built(org, by=leader)
        before = run.context
        reporting.publish(run=run, by=leader, scope=scope, today=TODAY, now=NOW)
        make.visit(county["甲"].cadre, date(2026, 9, 30), worker)
        with pytest.raises(Refused, match="已经发布"):
            reporting.request_run(kind="quarterly_visits", org=org, quarter=Q3, by=leader, today=TODAY)
        with pytest.raises(Refused, match="已经发布"):
            reporting.publish(run=run, by=leader, scope=scope, today=TODAY, now=NOW)
        assert not reporting.build(run_id=run.pk, today=TODAY, now=NOW)
        with pytest.raises(DatabaseError), transaction.atomic():
            ReportRun.objects.filter(pk=run.pk).update(context={})
        with pytest.raises(DatabaseError), transaction.atomic():
            ReportRun.objects.filter(pk=run.pk).delete()
        run.refresh_from_db()
        assert (run.state, run.context, run.published_by) == ("published", before, leader)
        assert AuditEvent.objects.filter(verb="report.published", key=str(run.pk)).count() == 1

    def test_only_one_of_two_ready_ones_is_published(self, places, leader, scope_of):
        first, second = built(places["九江市"]), built(places["九江市"])
        reporting.publish(run=first, by=leader, scope=scope_of("九江市"), today=TODAY, now=NOW)
        with pytest.raises(Refused, match="已经发布过"):
            reporting.publish(run=second, by=leader, scope=scope_of("九江市"), today=TODAY, now=NOW)

    @pytest.mark.parametrize(("made_on", "asked_on", "why"), [(date(2026, 8, 20), date(2026, 8, 21), "还没有结束"), (date(2026, 8, 20), TODAY, "重新生成")])
    def test_an_unfinished_quarter_is_not_published(self, places, leader, scope_of, made_on, asked_on, why):
        run = built(places["九江市"], today=made_on, now=NOW.replace(month=8, day=20))
        with pytest.raises(Refused, match=why):
            reporting.publish(run=run, by=leader, scope=scope_of("九江市"), today=asked_on, now=NOW)

    def test_what_cannot_be_asked_for(self, places, leader):
        for org, quarter, why in ((places["浔阳区教育局"], Q3, "按市或县"), (places["九江市"], Quarter(2027, 1), "还没有到")):
            with pytest.raises(Refused, match=why):
                reporting.request_run(kind="quarterly_visits", org=org, quarter=quarter, by=leader, today=TODAY)
        with pytest.raises(Refused):
            reporting.request_run(kind="nonsense", org=places["九江市"], quarter=Q3, by=leader, today=TODAY)

    def test_asked_twice_is_one_run(self, places, leader):
        first, second = (reporting.request_run(kind="quarterly_visits", org=places["九江市"], quarter=Q3, by=leader, today=TODAY) for _ in range(2))
        assert first.pk == second.pk

    def test_something_unforeseen_ends_in_a_sentence(self, places, monkeypatch):
        def broken(data):
            raise RuntimeError("boom")

        kind = reporting.REPORTS["quarterly_visits"]
        monkeypatch.setitem(reporting.REPORTS._items, "quarterly_visits", type(kind)(**{**kind.__dict__, "files": broken}))
        run = built(places["九江市"])
        assert (run.state, run.error) == ("failed", reporting.UNEXPECTED)


@pytest.mark.usefixtures("county")
class TestByItself:
    def orgs(self, runs):
        return set(ReportRun.objects.filter(pk__in=runs).values_list("org__name", flat=True))

    def test_calendar_of_the_first_days_of_a_quarter(self, places):
        assert reporting.request_due(today=date(2026, 11, 1)) == []
        made = reporting.request_due(today=date(2026, 10, 3))
        assert self.orgs(made) == {"九江市", "浔阳区", "濂溪区"}
        assert set(ReportRun.objects.values_list("period", flat=True)) == {"2026Q3"}
        assert reporting.request_due(today=date(2026, 10, 3)) == made
        for pk in made:
            reporting.build(run_id=pk, today=date(2026, 10, 3), now=NOW)
        assert reporting.request_due(today=date(2026, 10, 4)) == []
        assert ReportRun.objects.filter(state="ready").count() == 3
        assert self.orgs(reporting.request_due(today=date(2027, 1, 1))) == {"九江市", "浔阳区", "濂溪区"}
        assert ReportRun.objects.filter(period="2026Q4").count() == 3

    def test_a_failed_one_is_tried_again_the_next_day(self, places):
        made = reporting.request_due(today=TODAY)
        ReportRun.objects.filter(pk=made[0]).update(state="failed", error="x")
        again = reporting.request_due(today=date(2026, 10, 2))
        assert len(again) == 3
        assert made[0] not in again


@pytest.mark.django_db(transaction=True)
def test_two_builders_race_and_one_builds(places, worker):
    with system_scope("test"):
        make.rules()
        make.third_quarter(places, worker)
    run = reporting.request_run(kind="quarterly_visits", org=places["九江市"], quarter=Q3, by=None, today=TODAY)
    results = []

    def work():
        try:
            results.append(reporting.build(run_id=run.pk, today=TODAY, now=NOW))
        finally:
            connections.close_all()

    builders = [threading.Thread(target=work) for _ in range(4)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert sorted(results) == [False, False, False, True]
    with system_scope("test"):
        run.refresh_from_db()
        assert (run.state, AuditEvent.objects.filter(verb="report.built").count()) == ("ready", 1)


@pytest.mark.usefixtures("county")
class TestCommand:
    def run(self, out, *, org="360400", quarter="2026Q3", kind="quarterly_visits"):
        printed = io.StringIO()
        call_command("build_report", kind, org=org, quarter=quarter, out=str(out), stdout=printed)
        return printed.getvalue().split("\n")[:-1]

    def test_writes_both_files_and_prints_their_paths(self, places, tmp_path):
        document, annex = self.run(tmp_path / "new")
        assert document.endswith("九江市2026年第三季度走访工作情况报告.docx")
        assert "应访" in text_of(Path(document).read_bytes())
        assert CalamineWorkbook.from_path(annex).sheet_names[0] == "统计表"

    def test_a_published_one_comes_as_it_was_published(self, places, leader, scope_of, county, worker, tmp_path):
        run = built(places["九江市"], by=leader)
        reporting.publish(run=run, by=leader, scope=scope_of("九江市"), today=TODAY, now=NOW)
        make.visit(county["甲"].cadre, date(2026, 9, 30), worker)
        document, _ = self.run(tmp_path)
        assert Path(document).read_bytes() == storage.read(run.document)

    @pytest.mark.parametrize(
        ("given", "why"),
        [({"org": "999999"}, "没有代码为"), ({"quarter": "三季度"}, "季度请写成"), ({"kind": "x"}, "现有"), ({"org": "230200"}, "还没有人员档案")],
    )
    def test_refuses_with_a_sentence(self, places, tmp_path, given, why):
        with pytest.raises(CommandError, match=why):
            self.run(tmp_path, **given)
