"""Formula injection on the way out: all workbooks are written by ``LiteralBook``, and every address that gives one is opened and looked at.

A new export needs nothing here: it is found by its address, with a record from ``arguments`` of the neighbours' test where it needs one.
"""

import ast
import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django import forms
from django.db import DatabaseError, transaction
from django.urls import reverse

from apps.accounts.models import Organization, User
from apps.accounts.permissions import ROLES, Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.care.models import Visit
from apps.core.scope import system_scope
from tests.architecture.test_neighbour import NO_BUSINESS, PATTERNS, arguments, filled, rights_of  # noqa: F401 - filled is a fixture
from tests.cadres.sheets_kit import read
from tests.import_corpus.books import grid
from tests.import_corpus.people import TITLES
from tests.import_corpus.people import person as row
from tests.workbooks.typed import EVIL, FORMULA

ROOT = Path(__file__).resolve().parents[2]
WRITERS = {"xlsxwriter.Workbook", "openpyxl.Workbook", "Workbook", "xlwt.Workbook", "csv.writer", "csv.DictWriter", "DictWriter", "to_csv"}
ALONE = {"apps/core/literal_books.py", "apps/core/workbooks/reading.py", "apps/dashboard/bench/roster.py"}
ASKED = re.compile(r"export|workbook|xlsx|csv|refused|annotat|template|download|sheet|annex|ledger|annual|problems")
KNOWN = {"cadres:export", "care:visit_export", "files:refused", "files:template", "cadres:annual_workbook", "cadres:ledger_workbook"}
SHEET = "spreadsheetml"
POSTED = {"reason": FORMULA, "full": ""}


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def test_only_literal_books_write():
    """A workbook made by another writer, or a csv at all, could carry a formula: use ``LiteralBook``, ``write_xlsx`` or ``write_tables``."""
    found = []
    for path in sorted(ROOT.glob("apps/**/*.py")):
        place = str(path.relative_to(ROOT))
        if place not in ALONE:
            found += [(place, node.lineno) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and called(node) in WRITERS]
    assert found == []


@pytest.fixture
def evil(filled, places, person, tmp_path):  # noqa: F811
    """The filled county where everything that can be typed is a formula, and a batch with refused rows of such."""
    standards.load()
    people = [row(1, 姓名=FORMULA, 出生日期="=1+1"), *[row(number, 出生日期=text) for number, text in enumerate(EVIL, 2)]]
    for place, one in enumerate(people):
        one |= {EVIL[0]: EVIL[place % len(EVIL)]}
    book = openpyxl.Workbook()
    for line, cells in enumerate(grid(people, [*TITLES, EVIL[0]]), 1):
        for column, value in enumerate(cells, 1):
            cell = book.active.cell(line, column, "x")
            cell.value, cell.data_type = value if value is None else re.sub("[\r]", "", str(value)), "n" if value is None else "s"
    book.save(tmp_path / "名册.xlsx")
    outcome = read(tmp_path / "名册.xlsx", places["浔阳区"], person("浔阳区", Role.DATA_ADMIN))
    assert outcome.batch.counts["refused"] > 5
    with system_scope("test"):
        for model in (Cadre, Visit, Organization, User):
            for one in model.objects.all():
                _spoil(one)
    return filled | {"batch": outcome.batch}


def _spoil(one) -> None:
    """A formula into every field of free text that takes it."""
    for field in one._meta.concrete_fields:
        if field.get_internal_type() in ("CharField", "TextField") and not field.choices and not field.unique and field.name in TYPED:
            try:
                with transaction.atomic():
                    type(one).objects.filter(pk=one.pk).update(**{field.name: FORMULA[: field.max_length]})
            except DatabaseError:
                continue


TYPED = {"name", "display_name", "note", "address", "original_unit", "honours", "situation", "need", "next_step", "companions", "gifts", "native_place", "late_reason"}


def answers(client, evil, person):
    """(address, content) of every workbook or csv that an address gives to somebody who may have it."""
    for name in sorted(set(PATTERNS) - NO_BUSINESS):
        if not ASKED.search(name):
            continue
        try:
            url = reverse(name, kwargs={"kind": "roster"} if name == "files:template" else _arguments(name, evil))
        except KeyError:
            continue
        for role in [role for role in Role if ROLES[role] & rights_of(name)][:3]:
            client.force_login(person("浔阳区", role))
            asked = client.get(url)
            for answer in (asked, client.post(url, POSTED | everything(asked))):
                content = answer.getvalue()
                if SHEET in answer.get("Content-Type", "") or "csv" in answer.get("Content-Type", ""):
                    yield name, content


def everything(page) -> dict:
    """All columns of a form that asks which ones."""
    form = page.context.get("form") if page.context else None
    chosen = getattr(form, "fields", {}).items()
    return {name: [key for key, _title in field.choices] for name, field in chosen if isinstance(field, forms.MultipleChoiceField)}


def _arguments(name, evil):
    return arguments(name, evil) if PATTERNS[name].pattern.converters else {}


def check(content: bytes) -> int:
    """Cells of text seen. No formula, no link outwards, and what begins like a formula is a string."""
    if not content.startswith(b"PK"):
        for line in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
            assert not [text for text in line if text[:1] in "=+-@\t\r\n＝＋－＠" and text]
        return 1
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for part in parts.namelist():
            data = parts.read(part)
            assert b"<f>" not in data, part
            assert b"<f " not in data, part
            assert b'TargetMode="External"' not in data, part
    cells = [cell for sheet in openpyxl.load_workbook(io.BytesIO(content)) for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} <= {"s"}
    return len(cells)


def by_libreoffice(content: bytes, folder: Path) -> str:
    """What LibreOffice shows of the first sheet, as csv."""
    (folder / "a.xlsx").write_bytes(content)
    as_csv = ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1", "--outdir", str(folder)]
    subprocess.run(["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", *as_csv, str(folder / "a.xlsx")], check=True, timeout=180)
    return (folder / "a.csv").read_text()


def test_no_export_calculates(client, evil, person, tmp_path):
    found = {}
    for name, content in answers(client, evil, person):
        assert check(content), name
        found[name] = content
    assert set(found) >= KNOWN
    for name in ("cadres:export", "care:visit_export"):
        assert FORMULA in [cell.value for sheet in openpyxl.load_workbook(io.BytesIO(found[name])) for line in sheet.iter_rows() for cell in line], name
    if shutil.which("soffice"):
        shown = by_libreoffice(found["cadres:export"], tmp_path)
        assert FORMULA in next(cell for line in csv.reader(io.StringIO(shown)) for cell in line if "HYPERLINK" in cell)
