"""合并档案: what goes over, what stops it, and the way back."""

import json
from datetime import UTC, date, datetime

import pytest
from django.db import connection, models
from django.urls import reverse

from apps.accounts.permissions import Role
from apps.activity.models import AuditEvent
from apps.cadres import actions, selectors, standards
from apps.cadres.columns import id_index, prepare
from apps.cadres.models import Cadre, MergeRecord, Relative, Standing, StatusChange, Survivor, TransferRequest, Treatment
from apps.cadres.selectors import Filters
from apps.care.models import PlanItem, Reminder, ServicePlan, ToDo, Visit
from apps.core.dates import parse_date
from apps.core.metrics import METRICS, Period, count
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files.models import ImportRow, StoredFile
from tests.factories import duties
from tests.factories.registry import number
from tests.files.test_batches_raced import at_once

TODAY, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NAME = "王德福"
pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person):
    standards.load()
    duties.rules()
    return person("浔阳区", Role.COUNTY_OFFICER)


@pytest.fixture
def two(places, officer):
    """One person twice in 浔阳区: the older record with a birth month and phone, the other with the ID number and the day."""
    with system_scope("test"):
        one = Cadre.objects.create(
            org=places["浔阳区教育局"], retire_kind="retired", **prepare({"name": NAME, "born_on": parse_date("1940.05"), "phone": "12011112222", "original_unit": "九江纺织厂"})
        )
        other = Cadre.objects.create(
            org=places["浔阳区"], retire_kind="retired", extra={"籍贯村": "王家"}, attention_class="key",
            **prepare({"name": NAME, "id_number": number(), "born_on": parse_date("1940-05-01"), "original_post": "科长", "skills": "书法"}),
        )  # fmt: skip
    return one, other


def scope_in(places, place="浔阳区"):
    return entered(Scope((places[place].path,)))


def merge(places, kept, absorbed, by, place="浔阳区", versions=None, choices=None):
    with system_scope("test"):
        kept, absorbed = Cadre.objects.get(pk=kept.pk), Cadre.objects.get(pk=absorbed.pk)
    with scope_in(places, place) as scope:
        return actions.merge_cadres(
            kept=kept, absorbed=absorbed, versions=versions or (kept.version, absorbed.version), choices=choices or {}, by=by, scope=scope, today=TODAY, now=NOW
        )


def unmerge(places, record, by, place="浔阳区"):
    with scope_in(places, place) as scope:
        return actions.unmerge_cadres(record=record, by=by, scope=scope, today=TODAY, now=NOW)


def again(*people):
    with system_scope("test"):
        return [Cadre.objects.get(pk=one.pk) for one in people]


def image(cadre):
    with system_scope("test"), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(c) - 'version' - 'updated_at' FROM cadres_cadre c WHERE id = %s", [cadre.pk])
        found = cursor.fetchone()[0]
    return json.loads(found) if isinstance(found, str) else found


def plainly(cadre):
    """What a person reads of a record, closed values in the clear."""
    [found] = again(cadre)
    from apps.cadres.values import values_of

    more = {"standing": found.standing, "org": found.org_path, "extra": found.extra, "class": found.attention_class}
    return values_of(found) | more | {"index": found.id_index and bytes(found.id_index)}


class TestMerging:
    def test_the_better_value_of_each(self, places, two, officer):
        one, other = two
        record = merge(places, one, other, officer)
        kept, absorbed = again(one, other)
        assert (kept.id_number, kept.born_on, kept.born_precision) == (number(), date(1940, 5, 1), "day")
        assert (kept.phone, kept.original_unit, kept.original_post, kept.skills) == ("12011112222", "九江纺织厂", "科长", "书法")
        assert (kept.extra, kept.attention_class, kept.version) == ({"籍贯村": "王家"}, "key", 2)
        assert bytes(kept.id_index) == id_index(number())
        assert (absorbed.standing, absorbed.merged_into_id, absorbed.id_index, absorbed.id_masked, absorbed.version) == (Standing.MERGED, kept.pk, None, "", 2)
        assert {"id_number", "born_on", "original_post", "skills"} <= set(record.fields)
        with system_scope("test"):
            assert AuditEvent.objects.filter(verb="cadre.merged").count() == 2

    def test_a_chosen_value(self, places, two, officer):
        one, other = two
        merge(places, one, other, officer, choices={"born_on": "kept", "phone": "absorbed", "nonsense": "absorbed"})
        kept = again(one)[0]
        assert (kept.born_precision, kept.phone, kept.phone_index, kept.phone_masked) == ("month", None, None, "")

    def test_found_under_both_names(self, places, two, officer):
        one, other = two
        with system_scope("test"):
            Cadre.objects.filter(pk=other.pk).update(**prepare({"name": "王得福"}))
        merge(places, one, other, officer, choices={"name": "absorbed"})
        with scope_in(places) as scope:
            assert [found.pk for found in selectors.matching(scope, "王得福")] == [one.pk]
            assert [found.pk for found in selectors.matching(scope, "纺织")] == [one.pk]
            assert [found.pk for found in selectors.by_id_number(scope, number())] == [one.pk]

    def test_rows_go_over(self, places, two, officer):
        one, other = two
        with system_scope("test"):
            rows = [
                Relative.objects.create(cadre=other, org=other.org, relation="长子", name="王小"), Treatment.objects.create(cadre=other, org=other.org, kind="living", content="x"),
                Survivor.objects.create(cadre=other, org=other.org, name="李梅"), duties.visit(other, date(2026, 3, 1), officer),
                StatusChange.objects.create(cadre=other, org=other.org, kind="admitted", effective_on=TODAY, recorded_by=officer),
                ToDo.objects.create(cadre=other, org=other.org, source="occasion", rule="x", title="看望", opens_on=TODAY, due_on=TODAY, first_due_on=TODAY),
                TransferRequest.objects.create(
                    cadre=other, org=places["齐齐哈尔市"], giver_path=other.org_path, giver_name="浔阳区", asked_by=officer, asked_at=NOW, expires_on=TODAY
                ),
            ]  # fmt: skip
            file = StoredFile.objects.create(org=other.org, name="x.pdf", content_type="x", size=1, sha256="x", path="x", label="cadres.Cadre", subject_id=other.pk)
        record = merge(places, one, other, officer)
        with system_scope("test"):
            for row in rows:
                found = type(row).objects.get(pk=row.pk)
                assert found.cadre_id == one.pk, row
                assert isinstance(row, TransferRequest) or found.org_path == one.org_path
            assert StoredFile.objects.get(pk=file.pk).subject_id == one.pk
        unmerge(places, record, officer)
        with system_scope("test"):
            for row in rows:
                found = type(row).objects.get(pk=row.pk)
                assert (found.cadre_id, found.org_path) == (other.pk, row.org_path), row
            assert StoredFile.objects.get(pk=file.pk).subject_id == other.pk

    def test_one_plan_a_year(self, places, two, officer):
        one, other = two
        with system_scope("test"):
            plans = [duties.plan(one, date(2026, 1, 1)), duties.plan(other, date(2026, 1, 1), "key"), duties.plan(other, date(2025, 1, 1), state="closed")]
            item = PlanItem.objects.create(plan=plans[1], org=other.org, category="medical", need="配药", worker=officer)
            Reminder.objects.create(plan=plans[1], org=other.org, rule="visit", due_on=TODAY, stage="overdue", opened_on=TODAY, user=officer)
            duties.visit(other, date(2026, 11, 1), officer)
        record = merge(places, one, other, officer)
        with system_scope("test"):
            assert list(ServicePlan.objects.filter(cadre=one).order_by("year").values_list("year", "state")) == [(2025, "closed"), (2026, "active")]
            left = ServicePlan.objects.get(cadre=other)
            assert (left.pk, left.state, left.visit_due_on) == (plans[1].pk, "closed", None)
            assert PlanItem.objects.get(pk=item.pk).plan_id == plans[0].pk
            assert Reminder.objects.get().settled_at
            assert ServicePlan.objects.get(pk=plans[0].pk).last_visit_on == date(2026, 11, 1), "due days follow the visits of both"
        unmerge(places, record, officer)
        with system_scope("test"):
            back = ServicePlan.objects.get(pk=plans[1].pk)
            assert (back.state, back.last_visit_on, back.org_path) == ("active", date(2026, 11, 1), other.org_path)
            assert PlanItem.objects.get(pk=item.pk).plan_id == plans[1].pk
            assert ServicePlan.objects.get(pk=plans[0].pk).last_visit_on is None
            assert ServicePlan.objects.filter(cadre=other).count() == 2

    def test_one_to_do_of_a_kind(self, places, two, officer):
        one, other = two
        shared = {"source": "occasion", "rule": "birthday", "subject_id": 20261101, "title": "生日", "opens_on": TODAY, "due_on": TODAY, "first_due_on": TODAY}
        with system_scope("test"):
            first, second = (ToDo.objects.create(cadre=who, org=who.org, **shared) for who in two)
        record = merge(places, one, other, officer)
        with system_scope("test"):
            assert list(ToDo.objects.order_by("pk").values_list("pk", "cadre", "state")) == [(first.pk, one.pk, "open"), (second.pk, other.pk, "closed")]
        unmerge(places, record, officer)
        with system_scope("test"):
            assert ToDo.objects.get(pk=second.pk).state == "open"

    def test_counted_once_now_and_then(self, places, two, officer):
        one, other = two
        with system_scope("test"):
            for who in two:
                StatusChange.objects.create(cadre=who, org=who.org, kind="registered", effective_on=date(2026, 2, 1), recorded_by=officer)
        path = places["浔阳区"].path
        periods = [Period(TODAY, TODAY, TODAY), Period(date(2026, 1, 1), date(2026, 3, 31), TODAY), Period(date(2025, 1, 1), date(2025, 12, 31), TODAY)]
        wanted = [METRICS[key] for key in ("people", "ledger_new", "ledger_opening", "people_80")]

        def numbers():
            with system_scope("test"):
                return [[count(wanted, path, period)[one.key][path] for one in wanted] for period in periods]

        before = numbers()
        record = merge(places, one, other, officer)
        assert numbers() == [[1, 0, 1, 1], [1, 1, 0, 1], [0, 0, 0, 0]]
        assert before != numbers()
        unmerge(places, record, officer)
        assert numbers() == before

    def test_hidden_and_leading_on(self, client, places, two, officer):
        one, other = two
        merge(places, one, other, officer)
        with scope_in(places) as scope:
            assert [found.pk for found in selectors.filtered(scope, Filters(standing="all"), TODAY)] == [one.pk]
        client.force_login(officer)
        assert client.get(reverse("cadres:detail", args=[other.pk])).url == reverse("cadres:detail", args=[one.pk])
        page = client.get(reverse("cadres:detail", args=[one.pk]) + "?tab=history").content.decode()
        assert "合并记录" in page
        for url in (reverse("cadres:edit", args=[other.pk]), reverse("cadres:change", args=[other.pk, "deceased"])):
            assert "已并入其他档案" in client.get(url).content.decode()

    def test_nothing_is_written_to_the_absorbed_record(self, places, two, officer):
        one, other = two
        merge(places, one, other, officer)
        with scope_in(places) as scope:
            stale = selectors.cadre(scope, other.pk)
            with pytest.raises(Refused):
                actions.save_relative(cadre=stale, values={"name": "x", "relation": "长子"}, by=officer)
            with pytest.raises(Refused):
                actions.register_status_change(cadre=stale, kind="deceased", effective_on=TODAY, by=officer, scope=scope, today=TODAY)
            with pytest.raises(Refused):
                actions.change_cadre(cadre=stale, values={"skills": "x"}, version=stale.version, by=officer, scope=scope, today=TODAY)


class TestRefusals:
    def test_a_relation_nobody_knows(self, places, two, officer):
        """A table that a later app adds and forgets to register: its rows are not lost by a merge."""
        one, other = two

        class Medal(models.Model):
            cadre = models.ForeignKey(Cadre, on_delete=models.PROTECT, related_name="+")

            class Meta:
                app_label = "care"
                verbose_name = "奖章"

        from django.apps import apps as registry

        try:
            with connection.cursor() as cursor:
                cursor.execute("CREATE TEMPORARY TABLE care_medal (id bigserial PRIMARY KEY, cadre_id bigint); GRANT ALL ON care_medal TO portal_scoped, portal_root")
            with system_scope("test"), connection.cursor() as cursor:
                cursor.execute("INSERT INTO care_medal (id, cadre_id) VALUES (1, %s)", [one.pk])
            assert merge(places, one, other, officer), "a relation without rows of the absorbed record is no hindrance"
            with pytest.raises(Refused) as refused:
                merge(places, *self.fresh(places, one), officer)
            assert "奖章" in refused.value.sentence
        finally:
            del registry.all_models["care"]["medal"]
            registry.clear_cache()

    @staticmethod
    def fresh(places, medalled):
        with system_scope("test"):
            another = Cadre.objects.create(org=places["浔阳区"], name=NAME, name_key=NAME, retire_kind="retired")
        return another, medalled

    def test_every_relation_is_registered(self, two):
        """Whoever adds a table about people says how it goes over."""
        from apps.cadres.registries import MERGE_RELATIONS

        known = {field for relation in MERGE_RELATIONS.values() for field in relation.fields}
        relations = [one for one in Cadre._meta.get_fields(include_hidden=True) if one.auto_created and one.is_relation and not one.concrete]
        missing = {f"{one.related_model._meta.label}.{one.field.name}" for one in relations if not hasattr(one.related_model, "pgh_tracked_model")} - known
        assert missing == set()

    @pytest.mark.parametrize(
        "changes", [{"standing": "deceased", "deceased_on": date(2026, 1, 1)}, {"standing": "moved"}], ids=["dead", "moved"]
    )
    def test_different_standings(self, places, two, officer, changes):
        one, other = two
        with system_scope("test"):
            Cadre.objects.filter(pk=other.pk).update(**changes)
        with pytest.raises(Refused) as refused:
            merge(places, one, other, officer)
        assert refused.value.code == "not_mergeable"

    def test_with_itself(self, places, two, officer):
        with pytest.raises(Refused):
            merge(places, two[0], two[0], officer)

    def test_values_that_do_not_go_together(self, places, two, officer):
        one, other = two
        with system_scope("test"):
            Cadre.objects.filter(pk=one.pk).update(retired_on=date(1995, 1, 1))
            Cadre.objects.filter(pk=other.pk).update(work_started_on=date(1999, 1, 1))
        with pytest.raises(Refused) as refused:
            merge(places, one, other, officer, choices={"work_started_on": "absorbed"})
        assert refused.value.code == "date_order"
        assert again(other)[0].standing == "active"

    def test_changed_meanwhile(self, places, two, officer):
        one, other = two
        with pytest.raises(Refused) as refused:
            merge(places, one, other, officer, versions=(one.version, other.version + 1))
        assert refused.value.code == "stale"

    def test_a_record_of_another_county(self, places, two, officer):
        with system_scope("test"):
            far = Cadre.objects.create(org=places["濂溪区"], name=NAME, name_key=NAME, retire_kind="retired")
        with pytest.raises(Cadre.DoesNotExist):
            merge(places, two[0], far, officer)


class TestBack:
    def test_everything_is_as_before(self, places, two, officer):
        one, other = two
        before = plainly(one), plainly(other)
        record = merge(places, one, other, officer)
        done = unmerge(places, record, officer)
        assert (plainly(one), plainly(other)) == before
        assert done.left == []
        assert image(other)["merged_into_id"] is None
        with scope_in(places) as scope:
            assert [found.pk for found in selectors.by_id_number(scope, number())] == [other.pk]
        with system_scope("test"):
            assert AuditEvent.objects.filter(verb="cadre.unmerged").count() == 2

    def test_what_was_changed_since_stays_and_is_said(self, places, two, officer):
        one, other = two
        record = merge(places, one, other, officer)
        [kept] = again(one)
        with scope_in(places) as scope:
            actions.change_cadre(cadre=kept, values={"skills": "京剧"}, version=kept.version, by=officer, scope=scope, today=TODAY)
            new = duties.visit(kept, date(2026, 11, 20), officer)
        done = unmerge(places, record, officer)
        assert done.left == ["特长：合并后又改过，保持现在的值。"]
        assert (again(one)[0].skills, again(other)[0].skills, again(one)[0].original_post) == ("京剧", "书法", "")
        with system_scope("test"):
            assert Visit.objects.get(pk=new.pk).cadre_id == one.pk, "what is newer stays"

    def test_a_removed_row_is_said(self, places, two, officer):
        one, other = two
        with system_scope("test"):
            relative = Relative.objects.create(cadre=other, org=other.org, relation="长子", name="王小")
        record = merge(places, one, other, officer)
        with scope_in(places):
            actions.remove_relative(relative=Relative.objects.get(pk=relative.pk), by=officer)
        assert unmerge(places, record, officer).left == ["家庭成员：1 条合并后已删除或移走，没有移回。"]

    def test_the_number_stays_with_whoever_has_it_now(self, places, two, officer):
        one, other = two
        record = merge(places, one, other, officer)
        with system_scope("test"):
            Cadre.objects.filter(pk=one.pk).update(**prepare({"id_number": None}))
            third = Cadre.objects.create(org=places["浔阳区"], retire_kind="retired", **prepare({"name": "另一人", "id_number": number()}))
        done = unmerge(places, record, officer)
        assert any("身份证号" in sentence for sentence in done.left)
        assert again(other)[0].id_number is None
        assert again(third)[0].id_number == number()

    def test_numbers_under_a_key_that_is_no_more(self, client, places, two, officer):
        record = merge(places, *two, officer)
        with system_scope("test"):
            old = record.before_kept["phone"]
            MergeRecord.objects.filter(pk=record.pk).update(before_kept=record.before_kept | {"phone": old[:4] + "f7" + old[6:]})
        with pytest.raises(Refused) as refused:
            unmerge(places, record, officer)
        assert refused.value.code == "key_retired"
        client.force_login(officer)
        assert "已停用的密钥" in client.get(reverse("cadres:merge_record", args=[record.pk])).content.decode()

    def test_once(self, places, two, officer):
        record = merge(places, *two, officer)
        unmerge(places, record, officer)
        with pytest.raises(Refused) as refused:
            unmerge(places, record, officer)
        assert refused.value.code == "undone"
        assert merge(places, *two, officer), "and may be merged again"

    def test_the_kept_one_was_merged_again(self, places, two, officer):
        first = merge(places, *two, officer)
        with system_scope("test"):
            third = Cadre.objects.create(org=places["浔阳区"], retire_kind="retired", **prepare({"name": NAME}))
        second = merge(places, third, two[0], officer)
        with pytest.raises(Refused) as refused:
            unmerge(places, first, officer)
        assert refused.value.code == "merged_again"
        unmerge(places, second, officer)
        unmerge(places, first, officer)
        assert [one.standing for one in again(*two, third)] == ["active"] * 3

    def test_the_kept_one_has_moved_away(self, places, two, officer, person):
        record = merge(places, *two, officer)
        with scope_in(places, "九江市") as scope:
            actions.register_status_change(
                cadre=two[0], kind="moved_out", effective_on=TODAY, by=person("九江市", Role.DATA_ADMIN), scope=scope, today=TODAY, org=places["濂溪区"]
            )
            assert MergeRecord.objects.get().org_path == places["濂溪区"].path
        with pytest.raises(MergeRecord.DoesNotExist):
            unmerge(places, record, officer)
        assert unmerge(places, record, person("九江市", Role.DATA_ADMIN), "九江市").left == []


@pytest.mark.django_db(transaction=True)
def test_merged_both_ways_at_once(places, two, officer):
    one, other = two
    results = at_once(lambda: merge(places, one, other, officer), lambda: merge(places, other, one, officer))
    assert sum(isinstance(found, MergeRecord) for found in results) == 1, results
    assert sorted(found.standing for found in again(*two)) == ["active", "merged"]


class TestDuplicates:
    def pairs(self, places, place="浔阳区"):
        with scope_in(places, place) as scope:
            return [(pair.one.pk, pair.other.pk, pair.why) for pair in selectors.duplicates(scope)[0]]

    def test_same_name_and_month(self, places, two):
        assert self.pairs(places) == [(two[0].pk, two[1].pk, "姓名、出生年月相同")]
        assert self.pairs(places, "濂溪区") == []

    @pytest.mark.parametrize("given", [{"id_number": number(seq=99)}, {"born_on": parse_date("1940.06")}, {"born_on": parse_date("1940")}, {"name": "王得福"}])
    def test_not_alike(self, places, two, given):
        with system_scope("test"):
            Cadre.objects.filter(pk=two[0].pk).update(**prepare(given))
        assert self.pairs(places) == []

    def test_same_name_and_phone(self, places, two):
        with system_scope("test"):
            Cadre.objects.filter(pk=two[0].pk).update(**prepare({"born_on": None}))
            Cadre.objects.filter(pk=two[1].pk).update(**prepare({"phone": "12011112222"}))
        assert self.pairs(places) == [(two[0].pk, two[1].pk, "姓名、手机号相同")]

    def test_told_apart_is_remembered(self, places, two, officer):
        for _ in range(2):
            with scope_in(places) as scope:
                actions.say_distinct(one=two[1], other=two[0], by=officer, scope=scope, now=NOW)
        assert self.pairs(places) == []

    def test_merged_ones_are_gone(self, places, two, officer):
        merge(places, *two, officer)
        assert self.pairs(places) == []

    def test_the_same_number_of_queries(self, places, two, django_assert_num_queries):
        with system_scope("test"):
            for _ in range(20):
                Cadre.objects.create(org=places["浔阳区"], retire_kind="retired", **prepare({"name": NAME, "born_on": parse_date("1940.05")}))
        with scope_in(places) as scope, django_assert_num_queries(3):
            assert len(selectors.duplicates(scope)[0]) == 50


class TestPages:
    def test_from_the_list_to_the_merge_and_back(self, client, places, two, officer):
        one, other = two
        client.force_login(officer)
        url = reverse("cadres:merge", args=[one.pk, other.pk])
        assert url in client.get(reverse("cadres:duplicates")).content.decode()
        assert url in client.get(reverse("cadres:merge_choose", args=[one.pk])).content.decode()
        assert url in client.get(reverse("cadres:merge_choose", args=[one.pk]), {"with": "王德"}).content.decode()
        page = client.get(url).content.decode()
        assert number() not in page
        assert "12011112222" not in page
        answer = client.post(url, {"kept": one.version, "absorbed": other.version, "field:skills": "kept", "note": "重复建档"})
        assert answer.status_code == 302
        assert again(one)[0].skills == ""
        with system_scope("test"):
            record = MergeRecord.objects.get()
        assert record.note == "重复建档"
        page = reverse("cadres:merge_record", args=[record.pk])
        assert "撤销合并" in client.get(page).content.decode()
        client.post(page)
        assert again(other)[0].standing == "active"
        assert client.post(page).status_code == 409

    @pytest.mark.parametrize(("given", "status"), [({}, 409), ({"kept": "x", "absorbed": "9" * 30}, 409), ({"distinct": "1"}, 302)])
    def test_odd_posts(self, client, places, two, officer, given, status):
        client.force_login(officer)
        assert client.post(reverse("cadres:merge", args=[two[0].pk, two[1].pk]), given).status_code == status
        assert again(two[1])[0].standing == "active"

    def test_workers_do_not_merge(self, client, two, person):
        client.force_login(person("浔阳区", Role.WORKER))
        assert client.get(reverse("cadres:merge", args=[two[0].pk, two[1].pk])).status_code == 403


def test_a_row_of_a_sheet_is_never_about_an_absorbed_record(tmp_path, places, two, officer, person):
    from tests.cadres.sheets_kit import read
    from tests.import_corpus.books import grid, xlsx
    from tests.import_corpus.people import person as row

    merge(places, *two, officer)
    sheet = xlsx(tmp_path / "a.xlsx", ("花名册", grid([row(1, 姓名=NAME, 身份证号=None, 出生日期="1940.05", 参加工作时间=None, 离退休时间=None)])))
    outcome = read(sheet, places["浔阳区"], person("浔阳区", Role.DATA_ADMIN))
    with system_scope("test"):
        assert ImportRow.objects.get(batch=outcome.batch).candidates == [two[0].pk]
