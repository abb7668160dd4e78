"""A roster from file to registry."""

import pytest

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.scope import system_scope
from apps.files.models import BatchState
from tests.cadres.sheets_kit import applied, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import id_number, person


@pytest.fixture(autouse=True)
def codes(db):
    standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


def test_a_clean_roster_goes_in(tmp_path, county, clerk):
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(n) for n in range(1, 6)]))), county, clerk)
    assert outcome.batch.state == BatchState.CHECKED, outcome.batch.error
    assert outcome.tally == (5, 0, 0, 0)
    assert outcome.problems == []
    done = applied(outcome, clerk)
    assert done.batch.state == BatchState.APPLIED, done.batch.error
    with system_scope("test"):
        people = list(Cadre.objects.order_by("pk"))
        assert [one.name for one in people] == [person(n)["姓名"] for n in range(1, 6)]
        one = people[0]
        assert (one.sex, one.retire_kind, one.born_precision, one.org_path) == ("1", "retired", "month", county.path)
        assert one.id_number == person(1)["身份证号"]
        assert one.phone == "12000000001"
        assert one.created_by_id == clerk.pk


def test_the_same_file_again_changes_nothing(tmp_path, county, clerk):
    path = xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(n) for n in range(1, 6)])))
    applied(read(path, county, clerk), clerk)
    assert read(path, county, clerk).tally == (0, 0, 5, 0)


def test_changes_field_by_field(tmp_path, county, clerk):
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1), person(2)]))), county, clerk), clerk)
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 手机="12000009999", 性别=None), person(2)]))), county, clerk)
    assert outcome.tally == (0, 1, 1, 0)
    done = applied(outcome, clerk)
    with system_scope("test"):
        row = done.batch.rows.get(state="changed")
        assert [(one["column"], one["was"], one["now"]) for one in row.changes] == [("phone_index", "120****0001", "120****9999")]
        changed = Cadre.objects.get(pk=row.target_id)
        assert (changed.phone, changed.sex, changed.version) == ("12000009999", "1", 2)
        assert row.before["phone_masked"] == "120****0001"


def test_wrong_rows_are_refused_with_their_cells(tmp_path, county, clerk):
    good = id_number(3)
    rows = [
        person(1, 身份证号=good[:17] + ("0" if good[17] != "0" else "1")),
        person(2, 出生日期="解放后不久"),
        person(3, 姓名=None),
        person(4),
    ]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid(rows))), county, clerk)
    assert outcome.tally == (1, 0, 0, 3)
    assert outcome.codes() == {"id_checksum": ["花名册!C2"], "date_unparseable": ["花名册!D3"], "required_missing": ["花名册!A4"]}
