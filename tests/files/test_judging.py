"""待判断: rows that may be somebody already there, judged before and after the batch is applied, by one person and by several at once."""

from datetime import date

import pytest
from django.urls import reverse

from apps.accounts.permissions import ROLES, Right, Role
from apps.activity.models import AuditEvent
from apps.cadres import standards
from apps.cadres.models import Cadre
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions, selectors
from apps.files.models import ImportRow, RowState
from tests.cadres.sheets_kit import NOW, applied, looked_at, read
from tests.files.test_batches_raced import at_once
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import person as row

RIGHTS = ROLES[Role.DATA_ADMIN]
pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(person):
    standards.load()
    return person("九江市", Role.DATA_ADMIN)


@pytest.fixture
def county(places):
    return places["浔阳区"]


def sheet(path, *rows):
    return xlsx(path, ("花名册", grid(rows)))


@pytest.fixture
def waiting(tmp_path, county, clerk):
    """Two people registered without a number; a sheet that has both with one, and a third person."""
    applied(read(sheet(tmp_path / "a.xlsx", row(1, 身份证号=None), row(2, 身份证号=None, 手机=None)), county, clerk), clerk)
    return read(sheet(tmp_path / "b.xlsx", row(1), row(2), row(3)), county, clerk)


def rows(outcome):
    with system_scope("test") as scope:
        return list(selectors.rows(scope, outcome.batch))


def candidate(one: ImportRow) -> Cadre:
    with system_scope("test"):
        return Cadre.objects.get(pk=one.candidates[0])


def judge(outcome, one, decision, by, **given):
    if decision == "same":
        known = candidate(one)
        given = {"target": known.pk, "version": known.version} | given
    with entered(Scope((outcome.batch.org.path,))):
        return actions.judge_row(batch=outcome.batch, row_id=one.pk, decision=decision, by=by, rights=given.pop("rights", RIGHTS), now=NOW, **given)


def people():
    with system_scope("test"):
        return {one.name: one for one in Cadre.objects.all()}


def tally(outcome):
    done = looked_at(outcome.batch)
    return (*done.tally, done.counts["review"])


def test_looks_alike_waits(waiting):
    assert tally(waiting) == (1, 0, 0, 0, 2)
    first = rows(waiting)[0]
    assert (first.state, first.candidates) == (RowState.REVIEW, [people()[row(1)["姓名"]].pk])


def test_the_same_person_gets_the_number(waiting, clerk):
    first, second, _ = rows(waiting)
    assert judge(waiting, first, "same", clerk).state == RowState.CHANGED
    assert judge(waiting, second, "same", clerk).state == RowState.CHANGED
    assert tally(waiting) == (1, 2, 0, 0, 0)
    applied(waiting, clerk)
    found = people()
    assert len(found) == 3
    one = found[row(1)["姓名"]]
    assert (one.id_number, one.id_last4, one.version) == (row(1)["身份证号"], row(1)["身份证号"][-4:], 2)
    assert bytes(one.id_index) == bytes(first.match_index)
    assert found[row(2)["姓名"]].phone == row(2)["手机"]


def test_the_number_found_next_time(waiting, clerk, county, tmp_path):
    for one in rows(waiting)[:2]:
        judge(waiting, one, "same", clerk)
    applied(waiting, clerk)
    assert read(sheet(tmp_path / "c.xlsx", row(1), row(2)), county, clerk).tally == (0, 0, 2, 0)


def test_somebody_else_becomes_new(waiting, clerk):
    assert judge(waiting, rows(waiting)[0], "different", clerk).state == RowState.NEW
    assert tally(waiting) == (2, 0, 0, 0, 1)
    applied(waiting, clerk)
    assert tally(waiting) == (2, 0, 0, 0, 1), "the other row stays in the queue"
    with system_scope("test"):
        assert Cadre.objects.filter(name=row(1)["姓名"]).count() == 2


def test_put_off_stays_out_and_is_written_later(waiting, clerk):
    first, second, _ = rows(waiting)
    assert judge(waiting, first, "later", clerk).state == RowState.REVIEW
    applied(waiting, clerk)
    assert tally(waiting) == (1, 0, 0, 0, 2)
    with system_scope("test") as scope:
        assert [one.pk for one in selectors.waiting(scope, ["roster"])] == [second.pk, first.pk], "those put off come last"
    judge(waiting, first, "same", clerk)
    assert people()[row(1)["姓名"]].id_number == row(1)["身份证号"]
    judge(waiting, second, "different", clerk)
    assert tally(waiting) == (2, 1, 0, 0, 0)
    with system_scope("test"):
        assert Cadre.objects.count() == 4
        assert Cadre.objects.get(name=row(3)["姓名"]).version == 1, "nothing is written twice"
        assert AuditEvent.objects.filter(verb="import.judged").count() == 3


def test_a_row_judged_after_the_apply_keeps_its_before_image(waiting, clerk):
    applied(waiting, clerk)
    judge(waiting, rows(waiting)[0], "same", clerk)
    assert rows(waiting)[0].before["id_index"] is None


@pytest.mark.parametrize("decision", ["different", "later"])
def test_all_alike(waiting, clerk, decision):
    with entered(Scope((waiting.batch.org.path,))):
        assert actions.judge_all(batch=waiting.batch, decision=decision, by=clerk, rights=RIGHTS, now=NOW) == 2
    assert tally(waiting) == ((3, 0, 0, 0, 0) if decision == "different" else (1, 0, 0, 0, 2))


def test_all_that_look_like_one_person_only(tmp_path, county, clerk):
    twice = row(4, 身份证号=None)
    applied(read(sheet(tmp_path / "a.xlsx", row(1, 身份证号=None), row(2), twice), county, clerk), clerk)
    with system_scope("test"):
        Cadre.objects.create(org=county, name=twice["姓名"], name_key=twice["姓名"], born_on=people()[twice["姓名"]].born_on, retire_kind="retired")
    outcome = read(sheet(tmp_path / "b.xlsx", row(1), row(2, 身份证号=None), row(4)), county, clerk)
    assert tally(outcome) == (0, 0, 0, 0, 3)
    with entered(Scope((county.path,))):
        assert actions.judge_all(batch=outcome.batch, decision="same", by=clerk, rights=RIGHTS, now=NOW) == 2
    assert tally(outcome) == (0, 1, 1, 0, 1), "who looks like two people is left to be judged"


def test_two_rows_are_not_both_the_same_person(tmp_path, county, clerk):
    applied(read(sheet(tmp_path / "a.xlsx", row(1, 身份证号=None)), county, clerk), clerk)
    outcome = read(sheet(tmp_path / "b.xlsx", row(1), row(1, 身份证号=id_of(5))), county, clerk)
    assert tally(outcome) == (0, 0, 0, 0, 2)
    with entered(Scope((county.path,))):
        assert actions.judge_all(batch=outcome.batch, decision="same", by=clerk, rights=RIGHTS, now=NOW) == 0
    first, second = rows(outcome)
    judge(outcome, first, "same", clerk)
    with pytest.raises(Refused) as refused:
        judge(outcome, second, "same", clerk)
    assert refused.value.code == "claimed"
    assert "第 2 行" in refused.value.sentence


def id_of(seq):
    from tests.import_corpus.people import id_number

    return id_number(200 + seq, date(1941, 2, 2))


def test_taken_back_before_the_apply(waiting, clerk):
    first = rows(waiting)[0]
    for decision in ("same", "different"):
        judge(waiting, first, decision, clerk)
        with entered(Scope((waiting.batch.org.path,))):
            actions.reconsider(batch=waiting.batch, row_id=first.pk, by=clerk)
        again = rows(waiting)[0]
        assert (again.state, again.decision, again.changes, again.target_version) == (RowState.REVIEW, "", [], None)
        assert [one["code"] for one in again.problems] == ["possible_duplicate"]
    assert again.target_id != first.target_id
    judge(waiting, first, "different", clerk)
    applied(waiting, clerk)
    assert tally(waiting) == (2, 0, 0, 0, 1)
    with entered(Scope((waiting.batch.org.path,))), pytest.raises(Refused, match="已经写入"):
        actions.reconsider(batch=waiting.batch, row_id=first.pk, by=clerk)


def test_the_candidate_has_changed_since_it_was_looked_at(waiting, clerk):
    first = rows(waiting)[0]
    with pytest.raises(Refused) as refused:
        judge(waiting, first, "same", clerk, version=candidate(first).version + 1)
    assert refused.value.code == "stale"
    assert rows(waiting)[0].state == RowState.REVIEW


@pytest.mark.parametrize("target", [0, 10**9])
def test_only_a_candidate_can_be_the_same_person(waiting, clerk, target):
    with pytest.raises(Refused) as refused:
        judge(waiting, rows(waiting)[0], "same", clerk, target=target)
    assert refused.value.code == "target_unknown"


def test_the_candidate_has_got_another_number_meanwhile(waiting, clerk):
    """Between decision and apply: the row is refused by its version, and no other is."""
    first, second, _ = rows(waiting)
    judge(waiting, first, "same", clerk)
    judge(waiting, second, "same", clerk)
    with system_scope("test"):
        Cadre.objects.filter(pk=first.candidates[0]).update(version=2, note="刚刚改过")
    assert applied(waiting, clerk).codes()["record_changed"] == ["花名册!C2"]
    assert tally(waiting) == (1, 1, 0, 1, 0)


def test_the_number_has_been_registered_meanwhile(waiting, clerk, county, tmp_path):
    """Somebody else has it by now: the statement must not break on the unique number and take the whole batch with it."""
    first, second, _ = rows(waiting)
    judge(waiting, first, "same", clerk)
    judge(waiting, second, "same", clerk)
    applied(read(sheet(tmp_path / "c.xlsx", row(1, 姓名="另有其人", 出生日期="1950.01", 参加工作时间=None, 离退休时间=None)), county, clerk), clerk)
    assert applied(waiting, clerk).codes()["record_changed"] == ["花名册!C2"]
    assert people()[row(1)["姓名"]].id_number is None


def test_a_new_twin_at_the_apply_waits_too(waiting, clerk, county):
    """Judged different of one; another has been registered since, of whom nobody has said anything."""
    first = rows(waiting)[0]
    judge(waiting, first, "different", clerk)
    known = candidate(first)
    with system_scope("test"):
        Cadre.objects.create(org=county, name=known.name, name_key=known.name_key, born_on=known.born_on, retire_kind="retired")
    applied(waiting, clerk)
    again = rows(waiting)[0]
    assert (again.state, again.decision, len(again.candidates)) == (RowState.REVIEW, "", 1)
    assert again.candidates != first.candidates


def test_the_dead_are_not_changed_by_a_decision(waiting, clerk):
    first = rows(waiting)[0]
    with system_scope("test"):
        Cadre.objects.filter(pk=first.candidates[0]).update(standing="deceased", deceased_on=date(2026, 1, 1))
    assert judge(waiting, first, "same", clerk).state == RowState.REFUSED
    with entered(Scope((waiting.batch.org.path,))):
        actions.reconsider(batch=waiting.batch, row_id=first.pk, by=clerk)
    assert rows(waiting)[0].state == RowState.REVIEW


@pytest.mark.parametrize(("decision", "right"), [("same", Right.IMPORT_UPDATE), ("different", Right.IMPORT_CREATE)])
def test_creating_and_changing_are_different_rights(waiting, clerk, decision, right):
    with pytest.raises(Refused) as refused:
        judge(waiting, rows(waiting)[0], decision, clerk, rights=RIGHTS - {right})
    assert refused.value.code == "right_missing"
    with entered(Scope((waiting.batch.org.path,))), pytest.raises(Refused):
        actions.judge_all(batch=waiting.batch, decision=decision, by=clerk, rights=RIGHTS - {right}, now=NOW)


@pytest.mark.parametrize("state", ["applying", "reading", "cancelled"])
def test_not_while_the_batch_is_at_work_or_over(waiting, clerk, state):
    with system_scope("test"):
        type(waiting.batch).objects.filter(pk=waiting.batch.pk).update(state=state)
    with pytest.raises(Refused) as refused:
        judge(waiting, rows(waiting)[0], "different", clerk)
    assert refused.value.code == "not_now"


def test_whole_only_needs_every_row_judged(waiting, clerk):
    assert "2 行待判断" in selectors.reason_against_applying(waiting.batch, whole_only=True)


def test_another_unit_of_the_same_county_is_noted(tmp_path, places, clerk):
    with system_scope("test"):
        Cadre.objects.create(org=places["浔阳区教育局"], name=row(1)["姓名"], name_key=row(1)["姓名"], born_on=date(1941, 2, 1), retire_kind="retired")
        type(places["浔阳区"]).objects.create(name="浔阳区水利局", parent=places["浔阳区"], level="unit", path="/36/3604/360403/u9/")
    outcome = read(xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1) | {"现管单位": "浔阳区水利局"}], [*row(1), "现管单位"]))), places["浔阳区"], clerk)
    assert tally(outcome) == (1, 0, 0, 0, 0)
    assert "浔阳区教育局" in next(one["message"] for one in outcome.problems if one["code"] == "alike_elsewhere")


@pytest.mark.django_db(transaction=True)
def test_six_people_judge_one_row(waiting, clerk):
    first = rows(waiting)[0]
    results = at_once(*[lambda: judge(waiting, first, "different", clerk)] * 6)
    assert sum(isinstance(one, ImportRow) for one in results) == 1
    assert sum(isinstance(one, Refused) and one.code == "already" for one in results) == 5


@pytest.mark.django_db(transaction=True)
def test_judging_while_the_batch_is_confirmed(waiting, clerk):
    """Either the decision comes first and the row is written with the batch, or it is told to wait; never lost."""
    first = rows(waiting)[0]

    def confirm():
        with entered(Scope((waiting.batch.org.path,))):
            actions.confirm_batch(batch=waiting.batch, by=clerk)

    results = at_once(confirm, lambda: judge(waiting, first, "different", clerk))
    judged = isinstance(results[1], ImportRow)
    assert judged or results[1].code == "not_now"
    actions.apply_batch(batch_id=waiting.batch.pk, now=NOW)
    assert tally(waiting) == ((2, 0, 0, 0, 1) if judged else (1, 0, 0, 0, 2))


class TestPages:
    def test_side_by_side(self, client, waiting, clerk):
        client.force_login(clerk)
        page = client.get(reverse("files:judge", args=[waiting.batch.pk])).content.decode()
        number = row(1)["身份证号"]
        assert number not in page, "closed values are masked"
        assert row(1)["手机"] not in page
        assert "可补充" in page
        assert number[-4:] in page
        assert client.get(reverse("files:batch", args=[waiting.batch.pk])).content.decode().count("待判断") >= 2

    def test_one_after_the_other(self, client, waiting, clerk):
        client.force_login(clerk)
        url, (first, second, _) = reverse("files:judge", args=[waiting.batch.pk]), rows(waiting)
        known = candidate(first)
        answer = client.post(url, {"row": first.pk, "decision": "same", "target": known.pk, "version": known.version})
        assert answer.url == f"{url}?row={second.pk}"
        answer = client.post(url, {"row": second.pk, "decision": "later"})
        assert answer.url == reverse("files:batch", args=[waiting.batch.pk])
        assert row(2)["姓名"] in client.get(reverse("files:reviews")).content.decode()
        page = client.get(f"{url}?row={first.pk}").content.decode()
        assert "已判断为“同一人”" in page
        client.post(reverse("files:judge_again", args=[waiting.batch.pk]), {"row": first.pk})
        assert rows(waiting)[0].state == RowState.REVIEW

    @pytest.mark.parametrize("given", [{}, {"decision": "same"}, {"decision": "nothing"}, {"row": "x", "decision": "later"}, {"row": "9" * 40, "decision": "later"}])
    def test_nonsense_is_answered_with_a_sentence(self, client, waiting, clerk, given):
        client.force_login(clerk)
        answer = client.post(reverse("files:judge", args=[waiting.batch.pk]), {"row": rows(waiting)[0].pk} | given)
        assert answer.status_code in (400, 409)
        assert rows(waiting)[0].state == RowState.REVIEW

    def test_all_at_once(self, client, waiting, clerk):
        client.force_login(clerk)
        client.post(reverse("files:judge_all", args=[waiting.batch.pk]), {"decision": "different"})
        assert tally(waiting) == (3, 0, 0, 0, 0)
        assert "没有待判断的行" in client.get(reverse("files:reviews")).content.decode()

    def test_the_queue_costs_the_same_for_more_rows(self, client, waiting, clerk, county, tmp_path, django_assert_max_num_queries):
        client.force_login(clerk)
        applied(read(sheet(tmp_path / "c.xlsx", *(row(n, 身份证号=None) for n in range(10, 40))), county, clerk), clerk)
        read(sheet(tmp_path / "d.xlsx", *(row(n) for n in range(10, 40))), county, clerk)
        with django_assert_max_num_queries(20):
            client.get(reverse("files:reviews"))

    def test_a_neighbour_sees_no_queue(self, client, waiting, person):
        client.force_login(person("濂溪区", Role.DATA_ADMIN))
        assert row(1)["姓名"] not in client.get(reverse("files:reviews")).content.decode()
        assert client.post(reverse("files:judge", args=[waiting.batch.pk]), {"row": rows(waiting)[0].pk, "decision": "later"}).status_code == 404
