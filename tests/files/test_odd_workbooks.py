"""Odd but legal workbooks through the whole check of a roster: the same three people come out of every one of them."""

import pytest

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.core.scope import system_scope
from apps.files.models import ImportRow
from tests.cadres.sheets_kit import read
from tests.workbooks.by_hand import workbook
from tests.workbooks.odd import FOLDER, GRID, MADE_ELSEWHERE, MAKERS, PEOPLE, lines

FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "README.md")
OTHERS = {
    "errors.xlsx": {"tally": (1, 0, 0, 2), "errors": {"cell_error"}},
    "rare-characters.xlsx": {"names": ["𠮷志远", "王𰻝国", "阿依古丽·买买提"]},
    "gb18030.csv": {"names": ["𠮷志远", PEOPLE[1]["姓名"], PEOPLE[2]["姓名"]]},
}
NAMES = [one["姓名"] for one in PEOPLE]


@pytest.fixture
def clerk(person):
    standards.load()
    return person("九江市", Role.DATA_ADMIN)


@pytest.mark.parametrize("name", FILES)
def test_the_same_three_people(name, clerk, places):
    outcome, wanted = read(FOLDER / name, places["浔阳区"], clerk), OTHERS.get(name, {})
    assert outcome.batch.state == "checked", outcome.batch.error
    assert outcome.tally == wanted.get("tally", (3, 0, 0, 0)), outcome.problems
    assert outcome.errors == wanted.get("errors", set())
    if outcome.tally[3]:
        return
    with system_scope("test"):
        found = ImportRow.objects.filter(batch=outcome.batch).values_list("values", flat=True)
        assert sorted(values["name"] for values in found) == sorted(wanted.get("names", NAMES))
        assert sorted(values["born_on"][:7] for values in found) == ["1941-02", "1942-03", "1943-04"]


def test_every_file_can_be_made_again_and_is_explained(tmp_path):
    explained = (FOLDER / "README.md").read_text()
    assert set(FILES) == set(MAKERS) | set(MADE_ELSEWHERE)
    assert all(f"`{name}`" in explained for name in FILES)
    for name, (_what, maker) in MAKERS.items():
        maker(tmp_path / name)
        assert (tmp_path / name).stat().st_size


def test_characters_the_database_cannot_hold(clerk, places, tmp_path):
    """``_x0000_`` in an .xlsx is a NUL, ``_xD800_`` half a character: the rows come in without them."""
    spoilt = [[*line, extra] for line, extra in zip(GRID, ("备注", "甲_x0000_乙_xD800_", "_x0001__x0000_", "\ufffe_xFFFF_"), strict=True)]
    spoilt[1][0] = "_x0000_".join(spoilt[1][0])
    outcome = read(workbook(tmp_path / "a.xlsx", lines(spoilt)), places["浔阳区"], clerk)
    assert (outcome.batch.state, outcome.tally) == ("checked", (3, 0, 0, 0))
