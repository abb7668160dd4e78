"""``manage.py import_sheet`` as strangers run it: JSON on standard output, exit codes, clear sentences for files that are none."""

import io
import json

import openpyxl
import pytest
from django.core.management import call_command

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.scope import system_scope
from apps.files.models import ImportBatch
from tests.import_corpus.books import csv_file, grid, xlsx
from tests.import_corpus.people import person as row
from tests.workbooks import hostile


@pytest.fixture
def clerk(person):
    standards.load()
    return person("九江市", Role.DATA_ADMIN, username="clerk")


def run(path, *arguments, org="360403", user="clerk", kind="roster") -> tuple[int, dict]:
    """(exit code, the JSON printed)."""
    out, code = io.StringIO(), 0
    try:
        call_command("import_sheet", kind, str(path), "--org", org, "--user", user, "--json", *arguments, stdout=out)
    except SystemExit as ended:
        code = ended.code
    return code, json.loads(out.getvalue())


def people() -> int:
    with system_scope("test"):
        return Cadre.objects.count()


@pytest.fixture
def three(tmp_path):
    return xlsx(tmp_path / "花名册.xlsx", ("花名册", grid([row(1), row(2), row(3, 出生日期="不晓得")])))


def test_a_dry_run_counts_and_writes_nothing(three, clerk):
    code, answer = run(three)
    assert code == 0
    assert list(answer) == ["rows", "new", "changed", "unchanged", "refused", "batch", "problems"]
    assert [answer[key] for key in ("rows", "new", "changed", "unchanged", "refused")] == [3, 2, 0, 0, 1]
    assert [list(one) for one in answer["problems"]] == [["sheet", "row", "column", "title", "value", "code", "level", "message"]]
    assert answer["problems"][0] | {"message": ""} == {
        "sheet": "花名册", "row": 4, "column": "D", "title": "出生日期", "value": "不晓得", "code": "date_unparseable", "level": "error", "message": ""
    }  # fmt: skip
    assert people() == 0
    with system_scope("test"):
        assert ImportBatch.objects.get(pk=answer["batch"]).state == "checked"


def test_apply_writes_the_good_rows_and_again_nothing(three, clerk):
    code, answer = run(three, "--apply")
    assert (code, answer["new"], answer["refused"], people()) == (0, 2, 1, 2)
    code, answer = run(three, "--apply")
    assert (code, answer["new"], answer["unchanged"], answer["refused"], people()) == (0, 0, 2, 1, 2)


def test_all_or_nothing(three, clerk):
    code, answer = run(three, "--apply", "--all-or-nothing")
    assert (code, answer["error"]["code"], people()) == (1, "not_applicable", 0)


def test_one_value_for_a_column_the_file_lacks(tmp_path, clerk):
    path = csv_file(tmp_path / "a.csv", grid([row(1), row(2)], ["姓名", "身份证号"]), "gb18030")
    code, answer = run(path)
    assert (code, answer["refused"], answer["problems"][0]["code"], answer["problems"][0]["sheet"]) == (0, 2, "required_missing", "")
    code, answer = run(path, "--set", "kind=退休", "--apply")
    assert (code, answer["new"], answer["problems"]) == (0, 2, [])


@pytest.mark.parametrize(("pair", "code"), [("kind=不休", "code_unknown"), ("星座=白羊", "set_unknown"), ("退休", "set_unknown")])
def test_a_value_that_cannot_be(three, clerk, pair, code):
    assert run(three, "--set", pair)[1]["error"]["code"] == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"user": "nobody"}, "user_unknown"),
        ({"org": "999999"}, "org_unknown"),
        ({"org": "230200"}, "not_allowed"),
        ({"org": "360000"}, "not_allowed"),
        ({"kind": "nothing"}, "kind_unknown"),
    ],
)
def test_who_may_import_for_whom(three, clerk, changes, code):
    exit_code, answer = run(three, "--apply", **changes)
    assert (exit_code, answer["error"]["code"], people()) == (1, code, 0)
    assert answer["error"]["message"].endswith("。")


@pytest.mark.parametrize("role", [Role.WORKER, Role.LEADER, Role.SYSTEM_ADMIN, Role.BRANCH_SECRETARY])
def test_other_roles_may_not(three, clerk, person, role):
    person("浔阳区", role, username="other")
    assert run(three, user="other")[1]["error"]["code"] == "not_allowed"


def test_a_missing_file(tmp_path, clerk):
    assert run(tmp_path / "nichts.xlsx") == (1, {"error": {"code": "file_missing", "message": f"找不到文件 {tmp_path / 'nichts.xlsx'}。"}})


def other_workbook(path):
    return xlsx(path, ("库存", [["物品", "单位", "数量", "备注"], ["打印纸", "箱", 3, ""], ["墨盒", "个", 5, ""]]))


def text(content: bytes):
    def write(path):
        path.write_bytes(content)
        return path

    return write


FILES = {
    "another workbook": (other_workbook, {"header_not_found", "columns_missing"}),
    "a list of telephones": (lambda path: xlsx(path, ("通讯录", [["姓名", "单位", "电话"], ["张三", "教育局", "12000000001"]])), {"columns_missing"}),
    "an empty workbook": (lambda path: xlsx(path, ("Sheet1", [])), {"empty"}),
    "only hidden sheets but one empty": (lambda path: xlsx(path, ("空", []), ("旧", grid([row(1)])), hidden=["旧"]), {"empty"}),
    "an empty file": (text(b""), {"empty"}),
    "a picture": (text(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100), {"not_a_workbook"}),
    "a text": (text("今天天气很好。\n我们去开会。\n".encode()), {"header_not_found"}),
    "a pdf": (text(b"%PDF-1.7 xxxx"), {"not_a_workbook"}),
    "a password": (hostile.encrypted, {"encrypted"}),
    "cut in half": (hostile.truncated, {"broken"}),
    "a zip bomb": (hostile.bomb, {"zip_bomb", "too_large"}),
    "a lying zip bomb": (hostile.lying_bomb, {"zip_bomb", "too_large", "broken"}),
    "a thousand million laughs": (hostile.entities, {"unsafe", "broken"}),
    "sixteen thousand columns": (hostile.wide, {"too_many_columns", "header_not_found"}),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_roster_get_one_sentence(tmp_path, clerk, name):
    write, codes = FILES[name]
    code, answer = run(write(tmp_path / "花名册.xlsx"), "--apply")
    assert code == 1
    assert answer["error"]["code"] in codes, answer
    assert answer["error"]["message"].endswith("。")
    assert people() == 0


def test_a_million_formatted_blank_rows_below_two_real_ones(tmp_path, clerk):
    code, answer = run(hostile.blank_rows(tmp_path / "a.xlsx"), "--set", "kind=退休")
    assert (code, answer["rows"]) == (0, 1)


def test_a_value_in_the_last_corner_is_a_row_like_any_other(tmp_path, clerk):
    code, answer = run(hostile.far_value(tmp_path / "a.xlsx"), "--set", "kind=退休")
    assert (code, answer["rows"]) == (0, 2)
    assert {one["code"] for one in answer["problems"] if one["row"] == 1_048_576} == {"required_missing"}


def test_formulas_count_by_their_stored_result(tmp_path, clerk):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for line in grid([row(1, 备注="=HYPERLINK(\"http://evil\")")], [*row(1), "备注"]):
        book.active.append(line)
    book.save(path)
    code, answer = run(path, "--apply")
    assert (code, answer["new"]) == (0, 1)
    with system_scope("test"):
        assert Cadre.objects.get().note == ""


def test_the_audit_tells_who_and_how_many_and_nothing_personal(three, clerk):
    run(three, "--apply")
    with system_scope("test"):
        events = list(AuditEvent.objects.filter(verb__startswith="import.").order_by("pk"))
        assert [one.verb for one in events] == ["import.uploaded", "import.applied"]
        assert events[1].data == {"kind": "roster", "rows": 3, "new": 2, "changed": 0, "unchanged": 0, "refused": 1, "review": 0}
        assert {one.actor_id for one in events} == {clerk.pk}
        everything = json.dumps([one.data for one in events]) + "".join(one.title + one.note for one in events)
        assert row(1)["身份证号"] not in everything
        assert row(1)["姓名"] not in everything


def test_numbers_and_phones_are_never_stored_in_the_clear(three, clerk):
    run(three, "--apply")
    with system_scope("test"):
        from django.db import connection

        with connection.cursor() as cursor:
            for table in ("files_importrow", "cadres_cadre", "cadres_cadreevent"):
                cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
                stored = cursor.fetchone()[0]
                assert row(1)["身份证号"] not in stored
                assert row(1)["手机"] not in stored


def test_without_json_people_read_it(three, clerk, capsys):
    out = io.StringIO()
    call_command("import_sheet", "roster", str(three), "--org", "360403", "--user", "clerk", stdout=out)
    assert "共 3 行：新增 2，变更 0，无变化 0，不能导入 1。" in out.getvalue()
    assert "花名册!D4\t出生日期\t不晓得\tdate_unparseable\t" in out.getvalue()
