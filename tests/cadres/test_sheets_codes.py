"""Every code a roster's cell can get, at the very cell, with the value as the sheet shows it."""

from datetime import date, datetime

import pytest

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.cadres.selectors import matching
from apps.core.id_numbers import make_id
from apps.core.scope import Scope, system_scope
from tests.cadres.sheets_kit import applied, read
from tests.import_corpus.books import csv_file, grid, xlsx
from tests.import_corpus.people import AREA, TITLES, id_number, person

FULL = [*TITLES, "参加革命工作时间", "入党时间", "居住状况", "政治面貌"]
COLUMN = dict(zip(FULL, "ABCDEFGHIJKL", strict=True))
GOOD = id_number(7)
BAD_CHECK = GOOD[:17] + ("0" if GOOD[17] != "0" else "1")
OLDEST = id_number(1, date(1930, 1, 5))
OLD_15 = f"{AREA}450815{123:03d}"


@pytest.fixture(autouse=True)
def codes(db):
    standards.load()


@pytest.fixture
def clerk(person):
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


def one_row(tmp_path, county, clerk, **changes):
    return read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1) | changes], FULL))), county, clerk)


ERRORS = [
    ("required_missing", "姓名", None),
    ("required_missing", "离退休类型", None),
    ("id_checksum", "身份证号", BAD_CHECK),
    ("id_length", "身份证号", "36049919450815"),
    ("id_characters", "身份证号", "36049919450815O011"),
    ("id_birth_impossible", "身份证号", make_id(AREA, date(1945, 12, 1), 11)[:10] + "1345" + "0118"),
    ("date_unparseable", "出生日期", "解放后不久"),
    ("date_unparseable", "参加工作时间", "1965.13"),
    ("date_order", "参加工作时间", "1930.01"),
    ("date_order", "离退休时间", "1950.01"),
    ("date_future", "离退休时间", "2030.01"),
    ("code_unknown", "居住状况", "在家"),
    ("code_unknown", "离退休类型", "内退"),
    ("code_unknown", "性别", "公"),
    ("name_unparseable", "姓名", "张?明"),
    ("phone_unparseable", "手机", "问他儿子"),
]


@pytest.mark.parametrize(("code", "title", "value"), ERRORS, ids=[f"{code}-{title}" for code, title, _ in ERRORS])
def test_errors_refuse_the_row(tmp_path, county, clerk, code, title, value):
    outcome = one_row(tmp_path, county, clerk, **{title: value})
    assert outcome.tally == (0, 0, 0, 1)
    found = next(one for one in outcome.problems if one["code"] == code)
    assert (found["sheet"], found["row"], found["column"], found["title"]) == ("花名册", 2, COLUMN[title], title)
    assert found["value"] == (value or "")
    assert found["level"] == "error"
    assert found["message"].endswith(("。", "？"))


def test_neither_id_nor_birth(tmp_path, county, clerk):
    outcome = one_row(tmp_path, county, clerk, 身份证号=None, 出生日期=None)
    assert outcome.codes() == {"required_missing": ["花名册!D2"]}


def test_a_number_of_eighteen_digits_is_never_guessed(tmp_path, county, clerk):
    outcome = one_row(tmp_path, county, clerk, 身份证号=360499194508150017)
    found = outcome.problems[0]
    assert (found["code"], found["column"], found["value"]) == ("id_precision_lost", "C", "3.60499E+17")


def test_a_number_cell_1945_1_is_ambiguous(tmp_path, county, clerk):
    outcome = one_row(tmp_path, county, clerk, 出生日期=1945.1)
    assert [(one["code"], one["column"], one["value"]) for one in outcome.problems] == [("date_ambiguous", "D", "1945.1")]


def test_lixiu_after_1949(tmp_path, county, clerk):
    outcome = one_row(tmp_path, county, clerk, 离退休类型="离休", 出生日期="1930.01", 身份证号=OLDEST, 参加工作时间="1949.10", 参加革命工作时间="1949.10")
    assert outcome.errors == {"retire_kind_conflict"}
    assert outcome.codes()["retire_kind_conflict"] == ["花名册!I2"]


def test_lixiu_in_the_last_month_is_fine(tmp_path, county, clerk):
    outcome = one_row(tmp_path, county, clerk, 离退休类型="离休", 出生日期="1930.01", 身份证号=OLDEST, 参加工作时间="1949.09", 参加革命工作时间="1949.09.30")
    assert outcome.tally == (1, 0, 0, 0)


WARNINGS = [
    ("sex_mismatch", "性别", {"性别": "女"}),
    ("birth_mismatch", "出生日期", {"出生日期": "1939.12"}),
    ("id_missing", "身份证号", {"身份证号": None}),
    ("id_15_upgraded", "身份证号", {"身份证号": OLD_15, "出生日期": "1945.8", "性别": "男"}),
    ("period_unknown", "参加革命工作时间", {"离退休类型": "离休"}),
    ("date_order_unusual", "入党时间", {"入党时间": "1950.01"}),
    ("date_order_unusual", "离退休类型", {"参加革命工作时间": "1948.12", "出生日期": "1930.01", "身份证号": OLDEST, "性别": "男"}),
    ("phone_several", "手机", {"手机": "12000000001、12000000002"}),
]


@pytest.mark.parametrize(("code", "title", "changes"), WARNINGS, ids=[f"{code}-{title}" for code, title, _ in WARNINGS])
def test_warnings_let_the_row_in(tmp_path, county, clerk, code, title, changes):
    outcome = one_row(tmp_path, county, clerk, **changes)
    assert outcome.tally == (1, 0, 0, 0), outcome.problems
    assert outcome.codes()[code] == [f"花名册!{COLUMN[title]}2"]
    assert {one["level"] for one in outcome.problems} == {"warning"}
    assert applied(outcome, clerk).tally == (1, 0, 0, 0)


def test_all_problems_in_one_pass(tmp_path, county, clerk):
    outcome = one_row(tmp_path, county, clerk, 姓名=None, 身份证号=BAD_CHECK, 出生日期="不晓得", 居住状况="在家", 手机="问他儿子")
    assert outcome.errors == {"required_missing", "id_checksum", "date_unparseable", "code_unknown", "phone_unparseable"}
    assert [one["column"] for one in outcome.problems] == ["A", "C", "D", "H", "K"]


def test_the_same_number_twice(tmp_path, county, clerk):
    rows = [person(1), person(2), person(1, 手机="12000000009")]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid(rows))), county, clerk)
    assert outcome.tally == (2, 0, 0, 1)
    found = outcome.problems[0]
    assert (found["code"], found["row"], found["column"], found["value"]) == ("duplicate_in_file", 4, "C", person(1)["身份证号"])
    assert "第 2 行" in found["message"]


def test_one_number_under_two_names_refuses_both(tmp_path, county, clerk):
    rows = [person(1), person(1, 姓名="另一人")]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid(rows))), county, clerk)
    assert outcome.tally == (0, 0, 0, 2)
    assert outcome.codes() == {"duplicate_in_file": ["花名册!C2", "花名册!C3"]}


def test_the_same_person_twice_without_a_number(tmp_path, county, clerk):
    nobody = person(1, 身份证号=None)
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([nobody, person(2), nobody]))), county, clerk)
    assert outcome.tally == (2, 0, 0, 1)
    assert outcome.codes()["duplicate_in_file"] == ["花名册!A4"]


def test_somebody_registered_in_another_county(tmp_path, places, county, clerk):
    path = xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1)])))
    applied(read(path, places["濂溪区"], clerk), clerk)
    outcome = read(path, county, clerk)
    assert outcome.tally == (0, 0, 0, 1)
    found = outcome.problems[0]
    assert (found["code"], found["column"], found["value"]) == ("other_unit", "C", person(1)["身份证号"])
    assert "濂溪区" in found["message"]
    assert person(1)["姓名"] not in found["message"]


def test_looks_like_somebody_already_there(tmp_path, county, clerk):
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1)]))), county, clerk), clerk)
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 身份证号=None), person(2, 身份证号=None)]))), county, clerk)
    assert (outcome.tally, outcome.counts["review"]) == ((1, 0, 0, 0), 1)
    assert outcome.codes() == {"possible_duplicate": ["花名册!A2"], "id_missing": ["花名册!C2", "花名册!C3"]}


@pytest.mark.parametrize("wrong", [None, "无", BAD_CHECK, "不详", "36049919450815"])
def test_a_blank_or_malformed_number_matches_nobody(tmp_path, county, clerk, wrong):
    with system_scope("test"):
        Cadre.objects.create(org=county, name="没有证号", name_key="没有证号", retire_kind="retired", born_on=date(1933, 3, 3))
    outcome = one_row(tmp_path, county, clerk, 身份证号=wrong)
    assert outcome.counts["changed"] == outcome.counts["unchanged"] == 0


DATES = [
    ("1945-08-15", "1945-08-15", "day"), ("1945/8/15", "1945-08-15", "day"), ("1945.08.15", "1945-08-15", "day"), ("19450815", "1945-08-15", "day"),
    (19450815, "1945-08-15", "day"), ("1945年8月15日", "1945-08-15", "day"), (date(1945, 8, 15), "1945-08-15", "day"), (datetime(1945, 8, 15, 10, 30), "1945-08-15", "day"),
    ("1945.08", "1945-08-01", "month"), ("1945.8", "1945-08-01", "month"), ("1945-08", "1945-08-01", "month"), ("1945/8", "1945-08-01", "month"),
    ("194508", "1945-08-01", "month"), (194508, "1945-08-01", "month"), ("19450800", "1945-08-01", "month"), ("1945年8月", "1945-08-01", "month"),
    ("一九四五年八月", "1945-08-01", "month"), ("45.8", "1945-08-01", "month"), (1945.08, "1945-08-01", "month"), ("1945", "1945-01-01", "year"),
    ("１９４５．０８", "1945-08-01", "month"), (16664, "1945-08-15", "day"), ("1945。8", "1945-08-01", "month"),
]  # fmt: skip


def test_all_forms_of_dates(tmp_path, county, clerk):
    names = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地"
    rows = [person(1, 姓名=f"赵{name}", 身份证号=None, 出生日期=cell, 参加工作时间=None, 离退休时间=None) for name, (cell, _, _) in zip(names, DATES, strict=False)]
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid(rows))), county, clerk)
    assert outcome.errors == set(), outcome.codes()
    applied(outcome, clerk)
    with system_scope("test"):
        got = list(Cadre.objects.order_by("pk").values_list("born_on", "born_precision"))
    assert [(f"{day}", precision) for day, precision in got] == [(day, precision) for _, day, precision in DATES]


IDS = [f'="{GOOD}"', f"'{GOOD}", GOOD.lower(), f" {GOOD[:6]} {GOOD[6:14]} {GOOD[14:]} ", "".join(chr(ord(c) + 0xFEE0) for c in GOOD), f"\t{GOOD}", f"\u200b{GOOD}"]


@pytest.mark.parametrize("written", IDS)
def test_numbers_are_cleaned(tmp_path, county, clerk, written):
    outcome = read(csv_file(tmp_path / "a.csv", grid([person(1, 身份证号=written, 出生日期="1945.08", 性别="男")])), county, clerk)
    assert outcome.problems == []
    applied(outcome, clerk)
    with system_scope("test"):
        assert Cadre.objects.get().id_number == GOOD


def test_a_name_with_spaces_is_the_same_name(tmp_path, county, clerk):
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1, 姓名="王　伟")]))), county, clerk), clerk)
    assert read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 姓名="王 伟")]))), county, clerk).tally == (0, 0, 1, 0)


def test_a_less_exact_date_leaves_the_exact_one(tmp_path, county, clerk):
    born = date(1945, 8, 15)
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1, 身份证号=GOOD, 出生日期=born, 性别="男")]))), county, clerk), clerk)
    assert read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 身份证号=GOOD, 出生日期="1945.08", 性别="男")]))), county, clerk).tally == (0, 0, 1, 0)
    assert read(xlsx(tmp_path / "c.xlsx", ("花名册", grid([person(1, 身份证号=GOOD, 出生日期="1945.09", 性别="男")]))), county, clerk).tally == (0, 1, 0, 0)


def test_a_more_exact_date_is_a_change(tmp_path, county, clerk):
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1, 身份证号=GOOD, 出生日期="1945.08", 性别="男")]))), county, clerk), clerk)
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 身份证号=GOOD, 出生日期="1945.08.15", 性别="男")]))), county, clerk)
    assert outcome.tally == (0, 1, 0, 0)
    applied(outcome, clerk)
    with system_scope("test"):
        one = Cadre.objects.get()
        assert (one.born_on, one.born_precision) == (date(1945, 8, 15), "day")


def test_a_change_that_contradicts_the_record_is_refused(tmp_path, county, clerk):
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1)]))), county, clerk), clerk)
    only = ["姓名", "身份证号", "离退休类型", "离退休时间"]
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 离退休时间="1950.01")], only))), county, clerk)
    assert outcome.tally == (0, 0, 0, 1)
    assert outcome.codes() == {"date_order": ["花名册!D2"]}


def test_another_name_under_a_known_number_is_shown(tmp_path, county, clerk):
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1)]))), county, clerk), clerk)
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 姓名="钱志元")]))), county, clerk)
    assert outcome.tally == (0, 1, 0, 0)
    assert outcome.codes() == {"name_differs": ["花名册!A2"]}
    applied(outcome, clerk)
    with system_scope("test"):
        assert matching(Scope(("/",)), "qianzhiyuan").get().name == "钱志元"


def test_the_dead_stay_dead(tmp_path, county, clerk):
    titles = [*TITLES, "去世日期"]
    gone = xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1, 去世日期="2024-03-05")], titles)))
    applied(read(gone, county, clerk), clerk)
    with system_scope("test"):
        one = Cadre.objects.get()
        assert (one.standing, one.deceased_on) == ("deceased", date(2024, 3, 5))
    assert read(gone, county, clerk).tally == (0, 0, 1, 0)
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 手机="12000000009")]))), county, clerk)
    assert outcome.errors == {"record_closed"}


def test_a_death_of_somebody_alive_is_not_registered_by_a_sheet(tmp_path, county, clerk):
    applied(read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([person(1)]))), county, clerk), clerk)
    outcome = read(xlsx(tmp_path / "b.xlsx", ("花名册", grid([person(1, 去世日期="2024-03-05")], [*TITLES, "去世日期"]))), county, clerk)
    assert outcome.tally == (0, 0, 1, 0)
    assert outcome.codes() == {"death_unregistered": ["花名册!I2"]}
    month = read(xlsx(tmp_path / "c.xlsx", ("花名册", grid([person(2, 去世日期="2024.03")], [*TITLES, "去世日期"]))), county, clerk)
    assert month.errors == {"date_incomplete"}
