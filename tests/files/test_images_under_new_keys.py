"""Keys rotated while staged rows and merges still hold what stood before: undoing must work after the old key is gone."""

import base64

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Cadre, MergeRecord
from apps.core.scope import system_scope
from apps.files.models import BatchState, ImportRow
from tests.cadres.sheets_kit import applied, read
from tests.cadres.test_merging import again, merge, officer, two, unmerge  # noqa: F401  (fixtures)
from tests.files.test_undo import undone
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import TITLES
from tests.import_corpus.people import person as row

ONE, TWO = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(settings):
    settings.FIELD_KEYS, settings.FIELD_KEY_CURRENT = {1: ONE, 2: TWO}, 1
    return settings


def retire(keys):
    """A new key takes over and the old one is thrown away."""
    keys.FIELD_KEY_CURRENT = 2
    with pytest.raises(CommandError):
        call_command("rotate_field_keys", check=True)
    call_command("rotate_field_keys")
    call_command("rotate_field_keys", check=True)
    keys.FIELD_KEYS = {2: TWO}


def people(phone):
    with system_scope("test"):
        return [(one.phone, one.id_number) for one in Cadre.objects.filter(phone_masked=phone[:3] + "****" + phone[-4:])]


def test_an_import_is_taken_back(keys, tmp_path, places, person):
    standards.load()
    clerk, county = person("浔阳区", Role.COUNTY_OFFICER), places["浔阳区"]
    old, new = row(1)["手机"], "12099998888"
    applied(read(xlsx(tmp_path / "1.xlsx", ("花名册", grid([row(1)], TITLES))), county, clerk), clerk)
    batch = applied(read(xlsx(tmp_path / "2.xlsx", ("花名册", grid([row(1, 手机=new)], TITLES))), county, clerk), clerk).batch
    retire(keys)
    assert people(new) == [(new, row(1)["身份证号"])]
    assert undone(batch, clerk).state == BatchState.UNDONE
    assert people(old) == [(old, row(1)["身份证号"])]


def test_rows_checked_before_are_written_after(keys, tmp_path, places, person):
    standards.load()
    clerk, county = person("浔阳区", Role.COUNTY_OFFICER), places["浔阳区"]
    outcome = read(xlsx(tmp_path / "1.xlsx", ("花名册", grid([row(1)], TITLES))), county, clerk)
    retire(keys)
    applied(outcome, clerk)
    assert people(row(1)["手机"]) == [(row(1)["手机"], row(1)["身份证号"])]


def test_a_merge_is_taken_back(keys, places, two, officer):  # noqa: F811
    one, other = two
    record = merge(places, one, other, officer)
    retire(keys)
    with system_scope("test"):
        record = MergeRecord.objects.get(pk=record.pk)
    assert unmerge(places, record, officer).left == []
    assert again(other)[0].id_number


def test_values_that_do_not_open_are_named_and_kept(keys, tmp_path, places, person, capsys):
    standards.load()
    clerk, county = person("浔阳区", Role.COUNTY_OFFICER), places["浔阳区"]
    read(xlsx(tmp_path / "1.xlsx", ("花名册", grid([row(1)], TITLES))), county, clerk)
    with system_scope("test"):
        staged = ImportRow.objects.get()
        ImportRow.objects.update(values=staged.values | {"phone": staged.values["phone"][:-4] + "0000"})
    keys.FIELD_KEY_CURRENT = 2
    with pytest.raises(CommandError):
        call_command("rotate_field_keys")
    assert f"1 条无法用现有密钥打开，编号：{staged.pk}" in capsys.readouterr().err
