"""Files built to exhaust the reader end at its own limits with one sentence; what only looks like one is read."""

from pathlib import Path

import pytest

from apps.core.workbooks.blocks import halves, rows_of
from apps.core.workbooks.limits import MEGABYTE, Limits, UnreadableWorkbook
from apps.core.workbooks.reading import filled_down, read_workbook
from apps.core.workbooks.values import Merge, Number, Row
from tests.workbooks import bombs, old_and_text

REFUSED = {
    "nested": "not_a_workbook", "overlapping": "zip_bomb", "quadratic": "unsafe", "outside_definition": "unsafe", "outside_entity_in_utf16": "unsafe",
    "odd_packing": "broken", "circle_of_sectors": "broken", "circle_of_tables": "broken", "sector_beyond_the_end": "broken", "cut_xls": "broken",
    "locked_xls": "encrypted", "corners_of_an_xls": "too_large", "web_archive": "not_a_workbook", "symbolic_link_file": "not_a_workbook",
    "interchange_file": "not_a_workbook", "endless_line": "too_large", "endless_cell": "too_large", "open_quote": "open_quote",
    "open_quote_far": "open_quote", "nul_bytes": "not_a_workbook", "laughing_2003": "unsafe", "wide_page": "too_many_columns",
}  # fmt: skip
READ = ("deep_styles", "deep_workbook", "macros_and_objects", "folders_and_zip64")


def made(name: str, path: Path) -> Path:
    return getattr(bombs if hasattr(bombs, name) else old_and_text, name)(path)


def rows_in(path: Path, **kwargs) -> list[Row]:
    with read_workbook(path, **kwargs) as book:
        return [row for sheet in book for row in sheet.rows()]


def refusal(path: Path, **kwargs) -> UnreadableWorkbook:
    with pytest.raises(UnreadableWorkbook) as refused:
        rows_in(path, **kwargs)
    return refused.value


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_one_sentence(name, code, tmp_path):
    found = refusal(made(name, tmp_path / "名册.xls"))
    assert (found.code, found.sentence.count("{"), found.sentence[-1]) == (code, 0, "。")


@pytest.mark.parametrize("name", READ)
def test_what_only_looks_dangerous_is_read(name, tmp_path):
    """Macros, embedded objects and links lie in parts that are never opened."""
    assert [list(row.cells) for row in rows_in(made(name, tmp_path / "名册.xlsm"))] == [["姓名", "性别"], ["王伟", "男"]]


def test_a_hundred_thousand_styles_keep_their_formats(tmp_path):
    value = rows_in(bombs.endless_styles(tmp_path / "a.xlsx"))[2].cells[1]
    assert isinstance(value, Number)
    assert value.shown == "1945.10"


def test_merges_over_one_another_cost_no_more_than_one(tmp_path):
    rows = rows_in(bombs.crossing_merges(tmp_path / "a.xlsx"))
    assert list(rows[-1].cells[:2]) == ["人2000", "男"]


def test_a_quotation_mark_that_swallows_rows_is_named_by_its_line(tmp_path):
    assert "第 3 行" in refusal(old_and_text.open_quote(tmp_path / "a.csv")).sentence


def test_the_end_mark_of_dos_and_a_last_line_without_break_are_no_harm(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes('姓名,备注\n王伟,"甲\n乙"\n李红,x\x1a'.encode("gb18030"))
    assert [row.cells for row in rows_in(path)][:2] == [["姓名", "备注"], ["王伟", "甲\n乙"]]


class TestLimits:
    def test_small_files_get_300_mb_and_long_ones_more(self):
        limits = Limits()
        assert limits.memory_for(5 * MEGABYTE) == limits.memory_for(20 * MEGABYTE) == 300 * MEGABYTE
        assert limits.memory_for(60 * MEGABYTE) == 780 * MEGABYTE
        assert limits.memory_for(200 * MEGABYTE) == limits.memory_bytes

    def test_the_child_is_fenced_accordingly(self, tmp_path):
        with read_workbook(bombs.endless_styles(tmp_path / "a.xlsx")) as book:
            fence = Path(f"/proc/{book._child.process.pid}/limits").read_text()
        assert str(300 * MEGABYTE) in next(line for line in fence.splitlines() if line.startswith("Max address space"))

    def test_more_strings_than_memory(self, tmp_path):
        assert refusal(bombs.many_strings(tmp_path / "a.xlsx"), limits=Limits(small_memory_bytes=72 * MEGABYTE)).code == "too_large"

    def test_a_small_file_that_grows_without_end(self, tmp_path):
        path = bombs.long_strings_everywhere(tmp_path / "a.xlsx", cells=300)
        assert len(rows_in(path)) == 300
        assert refusal(path, limits=Limits(growth_from_bytes=MEGABYTE)).code == "zip_bomb"

    def test_long_pieces_come_in_halves_and_in_order(self, tmp_path):
        rows = rows_in(bombs.long_strings_everywhere(tmp_path / "a.xlsx", cells=100), limits=Limits(message_bytes=MEGABYTE))
        assert [(row.number, row.cells[0], len(row.cells[1])) for row in rows] == [(number, number, 30_000) for number in range(1, 101)]

    def test_a_row_longer_than_a_piece_may_be(self, tmp_path):
        assert refusal(bombs.long_strings_everywhere(tmp_path / "a.xlsx", cells=3), limits=Limits(message_bytes=50_000)).code == "too_large"


def test_halves_of_both_kinds_of_blocks():
    for block in (
        {"n": [1, 2, 3], "c": [["a", None, "c"], [None, None, None]], "k": {}, "x": [[0, 1, "e", "#N/A"], [2, 1, "2", 1.5]]},
        {"n": [1, 2, 3], "r": [["a", None], [None, None], ["c", None]], "x": [[0, 1, "e", "#N/A"], [2, 1, "2", 1.5]]},
    ):
        first, second = map(list, map(rows_of, halves(block)))
        assert [(row.number, list(row.cells)) for row in first + second] == [(1, ["a", "#N/A"]), (2, [None, None]), (3, ["c", 1.5])]


def test_filling_down_ends_where_the_range_ends():
    rows = [Row(number, [None, number]) for number in range(1, 7)]
    rows[1].cells[0] = "甲"
    found = [row.cells[0] for row in filled_down(iter(rows), [Merge(2, 0, 4, 0), Merge(5, 0, 6, 0)])]
    assert found == [None, "甲", "甲", "甲", None, None]
