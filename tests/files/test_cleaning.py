from apps.core.workbooks.values import CellError, Row
from apps.files.cells import Cell
from apps.files.importing import cleaning
from apps.files.importing.cleaning import ColumnReader
from apps.files.sheetkinds import Draft


class Counting(Cell):
    def __init__(self):
        super().__init__()
        self.calls = []

    def read(self, cell, book):
        self.calls.append(cell)
        return (None, ("wrong",)) if isinstance(cell, CellError) or cell == "bad" else (f"<{cell}>", ())


def read(column, *cells):
    drafts = [Draft(Row(number, [cell])) for number, cell in enumerate(cells, 1)]
    column.read(drafts, 0, book=None)
    return drafts


def test_repeated_texts_are_read_once_and_answer_alike():
    widget = Counting()
    column = ColumnReader("x", widget)
    drafts = read(column, "a", "bad", "a") + read(column, "a", "bad")
    assert widget.calls == ["a", "bad"]
    assert [draft.values.get("x") for draft in drafts] == ["<a>", None, "<a>", "<a>", None]
    assert [draft.problems for draft in drafts] == [[], [("x", "wrong")], [], [], [("x", "wrong")]]


def test_only_plain_texts_are_remembered():
    widget = Counting()
    drafts = read(ColumnReader("x", widget), "1", 1, True, 1.0, CellError("1"), None)
    assert widget.calls == ["1", 1, True, 1.0, "1"]
    assert [draft.values.get("x") for draft in drafts] == ["<1>", "<1>", "<True>", "<1.0>", None, None]


def test_columns_of_ever_new_texts_are_not_kept_in_memory():
    column = ColumnReader("x", Counting())
    read(column, *(str(n) for n in range(cleaning.FEW + 1)))
    assert column.known is None
    assert read(column, "7")[0].values == {"x": "<7>"}


def test_memory_begins_anew_when_it_has_grown_too_large(monkeypatch):
    monkeypatch.setattr(cleaning, "MOST_KEPT", 10)
    column = ColumnReader("x", Counting())
    read(column, *(str(n) for n in range(11)), *("0" for _ in range(20)))
    assert column.known == {}
    assert read(column, "7")[0].values == {"x": "<7>"}


def test_short_rows_say_nothing():
    drafts = [Draft(Row(1, []))]
    ColumnReader("x", Counting()).read(drafts, 3, book=None)
    assert drafts[0].values == {}
