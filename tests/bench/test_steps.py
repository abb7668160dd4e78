"""The measurements measure what they say: the pages answer, the bare SQL shows the same people, the importers import the same sheet. No time is judged."""

import json
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.branches import standards as branch_rules
from apps.branches.models import PartyMember
from apps.branches.selectors.branches import branches
from apps.brands.models import Brand, Practice, StudyPlan
from apps.cadres import standards as registry
from apps.cadres.models import Cadre
from apps.care import standards as care
from apps.core.id_numbers import clean_id
from apps.core.refusal import Refused
from apps.core.scope import system_scope, upper_bound
from apps.dashboard.bench import branches as branch_pages
from apps.dashboard.bench import brands as brand_pages
from apps.dashboard.bench import databases, importing, pages, reminding, roster, stock
from apps.dashboard.bench.clock import median, watched
from apps.dashboard.bench.figures import Figure, table
from apps.dashboard.bench.options import COUNTY, Options
from apps.dashboard.bench.ratios import import_ratios
from apps.dashboard.scale import fill
from apps.dashboard.scale.branches import fill_branches
from apps.dashboard.scale.brands import fill_brands

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def filled(places, settings):
    settings.PORTAL_TOP = "/36/"
    registry.load()
    care.load()
    return fill(cadres=300, visits=400, top="36", today=timezone.localdate(), now=NOW)


@pytest.fixture
def somebody(filled, places):
    with system_scope("test"):
        return Cadre.objects.filter(org_path__startswith=places["浔阳区"].path, standing="active").order_by("org_path", "name_sort")[20]


@pytest.mark.parametrize("username", [f"scale_{COUNTY}", "scale_top"])
def test_every_page_answers_and_shows_who_the_bare_sql_finds(client, somebody, username):
    user = User.objects.get(username=username)
    place = user.memberships.get().org
    client.force_login(user)
    shown = 0
    for page in pages.pages(somebody):
        answer = client.get(page.url)
        assert answer.status_code == 200, page
        parameters = {"lo": place.path, "hi": upper_bound(place.path), "depth": place.path.count("/") + 1, "today": timezone.localdate(), "pk": somebody.pk, "q": page.q}
        with system_scope("test"), connection.cursor() as cursor:
            for sql in page.sql:
                cursor.execute(sql, parameters)
                rows = cursor.fetchall()
                if page.name.startswith(("list", "search")):
                    missing = [row[1] for row in rows[:50] if escape(row[1]) not in answer.content.decode()]
                    assert not missing, page
                    shown += len(rows)
    assert shown > 100


def test_reminders_are_opened_once_and_copied_whole(filled):
    figures = {figure.name: figure for figure in reminding.reminders(Options(Path()))}
    assert set(figures) == {"reminders.first_run", "reminders.first_run_keyed", "reminders.second_run", "reminders.rate", "reminders.settle_all"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_care_reminder")
        copied = cursor.fetchone()[0]
    assert copied == figures["reminders.second_run"].more["already"] > 0


@pytest.mark.parametrize("username", [f"scale_{COUNTY}", "scale_top"])
def test_every_page_of_branches_answers_at_a_size_it_was_filled_to(client, filled, username):
    branch_rules.load()
    today = timezone.localdate()
    assert fill_branches(branches=60, years=2, today=today) > 60 * 2 * 20
    user = User.objects.get(username=username)
    with system_scope("test") as scope:
        made = branches(scope)
        assert made.count() == 60
        assert PartyMember.objects.exists()
        here = made.filter(org_path__startswith=Organization.objects.get(code=COUNTY, valid_to=None).path).first()
    client.force_login(user)
    for name, url in branch_pages.addresses(here.pk, user.memberships.get().org_id).items():
        if name != "activity_add" or username != "scale_top":
            assert client.get(url).status_code == 200, url
    with pytest.raises(Refused):
        fill_branches(branches=1, years=1, today=today)


@pytest.mark.parametrize("username", [f"scale_{COUNTY}", "scale_top"])
def test_every_page_of_brands_answers_at_a_size_it_was_filled_to(client, filled, username):
    today = timezone.localdate()
    with system_scope("test"):
        counties = Organization.objects.filter(level="county", valid_to=None).count()
    assert fill_brands(brands=counties + 20, years=2, today=today) > counties * 2 * 3
    user = User.objects.get(username=username)
    with system_scope("test"):
        assert Brand.objects.count() == counties + 20
        county = Organization.objects.get(code=COUNTY, valid_to=None)
        brand = Brand.objects.filter(org=county).first()
        practice = Practice.objects.filter(org__path="/".join(county.path.split("/")[:3]) + "/").first()
        plan, report = StudyPlan.objects.filter(org=county).first(), brand.reports.first()
        assert StudyPlan.objects.exists()
    client.force_login(user)
    for url in brand_pages.addresses(brand, report, practice, plan, user.memberships.get().org_id).values():
        assert client.get(url).status_code == 200, url
    with pytest.raises(Refused):
        fill_brands(brands=1, years=1, today=today)


@pytest.mark.parametrize("step", [stock.row_by_row, stock.in_bulk, stock.inserts_only])
def test_the_peer_imports_the_whole_sheet(filled, tmp_path, step):
    options = Options(tmp_path, rows=12, stock_rows=12)
    roster.write(options.roster(12), 12)
    roster.write(options.warming, 3, start=1000)
    figures = list(step(options))
    assert figures[0].more["rows"] == 12
    with system_scope("test"):
        made = Cadre.objects.filter(id_number__isnull=False)
        assert made.count() == 15
        assert made.filter(retire_kind="retired", born_on__isnull=False, phone__isnull=False, org__code=COUNTY).count() == 15
        assert made.order_by("pk").last().id_number == list(roster.rows(12))[-1][2]


def test_roster_rows_are_right_and_distinct():
    found = list(roster.rows(9000))
    assert {len(row) for row in found} == {len(roster.TITLES)} == {25}
    numbers = [row[2] for row in found]
    assert len(set(numbers)) == 9000
    for row in found[::500]:
        read = clean_id(row[2])
        assert read.birth == date.fromisoformat(row[3])
        assert {"male": "男", "female": "女"}[read.sex] == row[1]
    assert not set(numbers) & {row[2] for row in roster.rows(50, start=1_000_000)}


def test_a_figure_survives_its_line():
    figure = Figure.beside("page.list", 12.3456, "ms", 4.0, "bare SQL", queries=9, cpu=0.123456)
    assert figure.ratio == pytest.approx(3.0864)
    again = Figure.read(figure.line())
    assert (again.name, again.value, again.ratio, again.more) == ("page.list", 12.3, 3.09, {"queries": 9, "cpu": 0.123})
    assert Figure.read("not a figure") is None
    assert Figure.read(json.dumps({"event": "request"})) is None
    assert "× 3.09" in table([figure])


def test_import_ratios_come_from_one_run():
    def rate(name, rows, seconds, cpu):
        return Figure(name, rows / seconds, "rows/s", more={"rows": rows, "seconds": seconds, "cpu": cpu})

    def portal(rows, seconds, cpu):
        return rate(f"import.portal.{rows}", rows, seconds, cpu)

    figures = [
        portal(100, 1, 2), rate("import.floor.100", 100, 0.5, 0.5), portal(1000, 20, 30), rate("import.floor.1000", 1000, 10, 10),
        portal(1000, 90, 30), rate("import.floor.1000", 1000, 30, 10), portal(1000, 16, 30), rate("import.floor.1000", 1000, 4, 10),
        Figure("import.portal.1000.memory", 9, "MB"), rate("import.stock", 10, 1, 2), Figure("import.portal.1000.apply", 3, "s"),
    ]  # fmt: skip
    ratios = {figure.name: figure for figure in import_ratios(figures)}
    assert set(ratios) == {
        "import.time_by_floor.100", "import.time_by_floor.1000", "import.rate_by_stock.100", "import.rate_by_stock.1000", "import.seconds_per_10000.1000",
    }  # fmt: skip
    assert (ratios["import.time_by_floor.100"].ratio, ratios["import.time_by_floor.100"].more["by_cpu"]) == (2, 4)
    assert (ratios["import.time_by_floor.1000"].ratio, ratios["import.time_by_floor.1000"].more["pairs"]) == (3, 3)
    assert (ratios["import.rate_by_stock.100"].ratio, ratios["import.rate_by_stock.100"].more["by_cpu"]) == (10, 10)
    assert ratios["import.seconds_per_10000.1000"].ratio == 2
    assert ratios["import.seconds_per_10000.1000"].more["by_cpu"] == pytest.approx(1.5)
    assert import_ratios([]) == []


@pytest.mark.django_db(transaction=True)
def test_portal_and_floor_import_every_sheet_and_its_pages_open(filled, tmp_path):
    options = Options(tmp_path, rows=12, repeats=1)
    roster.write(options.roster(12), 12, sheet_rows=5)
    roster.write(options.warming, 3, start=1000)
    figures = {figure.name: figure for figure in importing.portal(options)}
    assert {name for name in figures if name.startswith("import.portal")} == {
        f"import.portal.12{part}" for part in ("", ".read_and_check", ".apply", ".same_file_again", ".memory")
    }
    assert {f"import.{page}.12" for page in importing.PREVIEWS} < set(figures)
    assert figures["import.portal.12"].more["rows"] == 12
    below = {figure.name: figure for figure in importing.floor(options)}
    assert set(below) == {"import.floor.12", "import.floor.12.memory"}


def test_memory_of_the_block_is_seen(db):
    with watched() as watch:
        held = bytearray(60 * 2**20)
    assert watch.peak_mb - watch.before_mb > 50
    assert len(held) == 60 * 2**20
    assert median(lambda: None, 4).times == 4


def test_the_bench_runs_on_databases_of_its_own_only(settings, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PORTAL_DB", "portal")
    assert databases.prefix() == "bench"
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/real")
    with pytest.raises(Refused, match="内置数据库"):
        databases.prefix()
    monkeypatch.delenv("DATABASE_URL")
    settings.DEMO_ALLOWED = False
    with pytest.raises(Refused, match="内置数据库"):
        databases.prefix()
