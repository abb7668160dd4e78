"""No way in which a county's import writes another county's people: by a code in a column, a number, a mapping, a staged row, a batch of theirs."""

import pytest
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions
from apps.files.models import BatchState, ImportRow
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at, opened, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import TITLES
from tests.import_corpus.people import person as row


@pytest.fixture(autouse=True)
def tables(db):
    standards.load()


@pytest.fixture
def ours(person):
    return person("浔阳区", Role.COUNTY_OFFICER)


@pytest.fixture
def theirs(person):
    return person("濂溪区", Role.COUNTY_OFFICER)


@pytest.fixture
def book(tmp_path):
    made = []

    def write(*people):
        made.append(1)
        titles = list(dict.fromkeys([*TITLES, *(title for one in people for title in one)]))
        return xlsx(tmp_path / f"{len(made)}.xlsx", ("花名册", grid(people, titles)))

    return write


@pytest.fixture
def neighbour(book, places, theirs):
    """A person of 濂溪区, and the batch that brought them."""
    batch = applied(read(book(row(1, 备注="邻县")), places["濂溪区"], theirs), theirs).batch
    return snapshot(), batch


def snapshot():
    with system_scope("test"):
        return list(Cadre.objects.filter(org_path__startswith="/36/3604/360402/").values())


@pytest.mark.parametrize("county", ["360402", "濂溪区", "九江市濂溪区", "360402000000", "230200"])
def test_a_county_column_of_elsewhere_refuses_the_row(book, places, ours, neighbour, county):
    outcome = read(book(row(5, 县区=county), row(6)), places["浔阳区"], ours)
    assert outcome.tally == (1, 0, 0, 1)
    assert outcome.errors <= {"region_out_of_scope", "region_unknown"}
    applied(outcome, ours)
    assert snapshot() == neighbour[0]


def test_a_unit_of_elsewhere_keeps_the_person_at_home(book, places, ours, neighbour):
    applied(read(book(row(5, 管理单位="濂溪区卫生局")), places["浔阳区"], ours), ours)
    assert snapshot() == neighbour[0]
    with system_scope("test"):
        assert Cadre.objects.get(name=row(5)["姓名"]).org == places["浔阳区"]


@pytest.mark.parametrize("changes", [{"备注": "抢"}, {"备注": "抢", "县区": "360402"}, {"姓名": "抢先"}])
def test_the_number_of_their_person_changes_nothing(book, places, ours, neighbour, changes):
    outcome = read(book(row(1, **changes), row(6)), places["浔阳区"], ours)
    assert outcome.tally == (1, 0, 0, 1)
    applied(outcome, ours)
    assert snapshot() == neighbour[0]


def test_their_name_and_birthday_without_a_number_is_somebody_new_at_home(book, places, ours, neighbour):
    outcome = read(book(row(1, 身份证号=None, 备注="抢")), places["浔阳区"], ours)
    assert outcome.counts["changed"] == 0
    applied(outcome, ours)
    assert snapshot() == neighbour[0]


@pytest.mark.parametrize("field", ["org", "org_id", "org_path", "target_id", "id", "version"])
def test_no_column_can_be_mapped_to_where_a_record_belongs(book, places, ours, neighbour, field):
    batch = read(book(row(5, 别列="360402")), places["浔阳区"], ours).batch
    with entered(Scope((batch.org.path,))), pytest.raises(Refused) as refused:
        actions.read_again(batch=looked_at(batch).batch, by=ours, today=TODAY, mapping={"花名册": {"I": field}})
    assert refused.value.code == "set_unknown"
    with entered(Scope((batch.org.path,))), pytest.raises(Refused):
        actions.read_again(batch=looked_at(batch).batch, by=ours, today=TODAY, given={field: "360402"})


def test_one_value_for_the_whole_file_cannot_lead_elsewhere_either(book, places, ours, neighbour):
    try:
        batch = opened(book(row(5)), places["浔阳区"], ours, {"county": "360402"})
    except Refused:
        return
    actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY)
    assert looked_at(batch).tally == (0, 0, 0, 1)


def test_a_staged_row_bent_to_their_record_writes_nothing(book, places, ours, neighbour):
    outcome = read(book(row(5), row(6)), places["浔阳区"], ours)
    with system_scope("test"):
        victim = neighbour[0][0]
        ImportRow.objects.filter(batch=outcome.batch, number=2).update(
            state="changed", target_id=victim["id"], target_version=victim["version"], values={"note": "抢"}, changes=[{"column": "note", "was": "", "now": "抢"}]
        )
    applied(outcome, ours)
    assert snapshot() == neighbour[0]


def test_a_staged_row_bent_to_their_place_writes_nothing(book, places, ours, neighbour):
    outcome = read(book(row(5)), places["浔阳区"], ours)
    with system_scope("test"):
        ImportRow.objects.filter(batch=outcome.batch).update(org_id=places["濂溪区"].pk, org_path=places["濂溪区"].path)
    with entered(Scope((outcome.batch.org.path,))):
        actions.confirm_batch(batch=outcome.batch, by=ours)
    actions.apply_batch(batch_id=outcome.batch.pk, now=NOW)
    assert snapshot() == neighbour[0]


def test_a_file_cannot_be_opened_for_them(book, places, ours):
    for name in ("濂溪区", "濂溪区卫生局", "九江市", "江西省"):
        with pytest.raises(Refused, match="不能为"):
            opened(book(row(5)), places[name], ours)


def test_their_batch_is_neither_confirmed_nor_taken_back(client, book, places, ours, theirs, neighbour):
    people, batch = neighbour
    waiting = read(book(row(7)), places["濂溪区"], theirs).batch
    for one, act in ((waiting, lambda b: actions.confirm_batch(batch=b, by=ours)), (batch, lambda b: actions.start_undo(batch=b, by=ours))):
        with entered(Scope((one.org.path,))), pytest.raises(Refused):
            act(looked_at(one).batch)
    client.force_login(ours)
    for name in ("batch", "progress", "rows", "problems", "undo", "apply", "cancel", "again", "resume"):
        for ask in (client.get, client.post):
            assert ask(reverse(f"files:{name}", args=[batch.pk])).status_code in (404, 405), name
    assert client.get(reverse("files:download", args=[batch.file.key])).status_code == 404
    assert looked_at(batch).batch.state == BatchState.APPLIED
    assert looked_at(waiting).batch.state == BatchState.CHECKED
    assert snapshot() == people


def test_taking_back_never_reaches_them(book, places, ours, neighbour):
    batch = applied(read(book(row(5)), places["浔阳区"], ours), ours).batch
    victim = neighbour[0][0]
    with system_scope("test"):
        ImportRow.objects.filter(batch=batch).update(target_id=victim["id"])
    with entered(Scope((batch.org.path,))):
        actions.start_undo(batch=looked_at(batch).batch, by=ours)
    actions.undo_batch(batch_id=batch.pk, now=NOW)
    assert snapshot() == neighbour[0]
    assert looked_at(batch).batch.undone_counts["kept"] == 1
