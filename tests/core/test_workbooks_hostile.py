"""A file that means harm gets one sentence, or its honest rows; the parent's memory doesn't notice."""

import resource

import pytest

from apps.core.workbooks.limits import SENTENCES, Limits, UnreadableWorkbook
from apps.core.workbooks.reading import read_workbook
from tests.workbooks import hostile

REFUSED = {
    "bomb": "zip_bomb", "lying_bomb": "broken", "many_entries": "zip_bomb", "entities": "unsafe", "entities_in_workbook": "unsafe",
    "wide": "too_many_columns", "endless_row": "too_large", "encrypted": "encrypted", "encrypted_zip": "encrypted", "truncated": "broken",
    "damaged": "broken", "word_document": "not_a_workbook", "old_word_document": "not_a_workbook", "plain_zip": "not_a_workbook",
    "picture": "not_a_workbook", "pdf": "not_a_workbook", "noise": "not_a_workbook", "broken_ole": "broken", "empty": "empty",
    "zip_without_sheets": "broken",
}  # fmt: skip


def rows_of(path, **kwargs):
    with read_workbook(path, **kwargs) as book:
        return [row for sheet in book for row in sheet.rows()]


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_a_hostile_file_gets_one_sentence(name, code, tmp_path):
    path = getattr(hostile, name)(tmp_path / "名册.xlsx")
    before = memory()
    with pytest.raises(UnreadableWorkbook) as refused:
        rows_of(path)
    assert refused.value.code == code
    assert refused.value.sentence.endswith("。")
    assert "{" not in refused.value.sentence
    assert memory() - before < 64 * 1024


@pytest.fixture(scope="module")
def blank_rows(tmp_path_factory):
    return hostile.blank_rows(tmp_path_factory.mktemp("blank") / "名册.xlsx")


@pytest.mark.parametrize(("name", "count"), [("far_corner", 2), ("external_links", 3)])
def test_an_odd_but_honest_file_is_read(name, count, tmp_path):
    rows = rows_of(getattr(hostile, name)(tmp_path / "名册.xlsx"))
    assert [row.cells[0] for row in rows[:2]] == ["姓名", "王伟"]
    assert len(rows) == count


def test_a_million_formatted_blank_rows_are_passed_over(blank_rows):
    before = memory()
    assert [row.cells[0] for row in rows_of(blank_rows)] == ["姓名", "王伟"]
    assert memory() - before < 64 * 1024


def test_the_stored_result_of_an_external_link_counts(tmp_path):
    third = rows_of(hostile.external_links(tmp_path / "a.xlsx"))[2]
    assert [value for value in third.cells if value is not None] == ["李红"]


def test_a_value_in_the_last_corner_does_not_make_a_grid(tmp_path):
    rows = rows_of(hostile.far_value(tmp_path / "a.xlsx"))
    assert (rows[-1].number, len(rows[-1].cells), rows[-1].cells[-1]) == (1_048_576, 16_384, 1)


def test_cells_that_never_end_are_no_values(tmp_path):
    assert rows_of(hostile.unclosed_cells(tmp_path / "a.xlsx")) == []


def test_a_child_that_works_without_result_is_ended(blank_rows):
    with pytest.raises(UnreadableWorkbook) as refused, read_workbook(blank_rows, timeout=0.3) as book:
        list(book)
    assert refused.value.code == "timeout"


def test_a_child_that_runs_out_of_memory_gets_a_sentence(tmp_path):
    path = hostile.endless_row(tmp_path / "a.xlsx")
    with pytest.raises(UnreadableWorkbook) as refused:
        rows_of(path, limits=Limits(memory_bytes=48 * 2**20))
    assert refused.value.code in ("too_large", "broken")


def test_limits_on_rows_and_size(tmp_path):
    path = hostile.far_value(tmp_path / "a.xlsx")
    with pytest.raises(UnreadableWorkbook) as refused:
        rows_of(path, limits=Limits(rows=2))
    assert refused.value.code == "too_many_rows"
    assert "名册" in refused.value.sentence
    with pytest.raises(UnreadableWorkbook) as refused:
        rows_of(path, limits=Limits(file_bytes=100))
    assert refused.value.code == "too_large"


def test_leaving_early_ends_the_child(blank_rows):
    with read_workbook(blank_rows) as book:
        sheet = next(iter(book))
        next(sheet.rows())
    assert book._child.process.returncode is not None


def test_the_child_sees_no_secret_of_the_environment(monkeypatch):
    from apps.core.workbooks import reading

    seen = {}
    real = reading.subprocess.Popen

    def spy(*args, **kwargs):
        seen.update(kwargs["env"])
        return real(*args, **kwargs)

    monkeypatch.setenv("PORTAL_SECRET_KEY", "x")
    monkeypatch.setattr(reading.subprocess, "Popen", spy)
    with pytest.raises(UnreadableWorkbook):
        reading.read_workbook("/dev/null")
    assert set(seen) == {"PYTHONPATH", "PATH", "LC_ALL"}


def test_every_code_has_a_sentence_that_needs_no_facts():
    for code in SENTENCES:
        assert UnreadableWorkbook(code).sentence.endswith("。")
