"""A batch taken back: what nobody touched goes, what still stands as imported comes back, everything else stays and says why."""

import json
from datetime import date

import pghistory
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.urls import reverse

from apps.accounts.permissions import ROLES, Right, Role
from apps.activity.models import AuditEvent, Notification
from apps.cadres import standards
from apps.cadres.models import Cadre, Relative, Treatment
from apps.care.models import Reminder, ServicePlan, ToDo
from apps.core.crypto import encrypt
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered, system_scope
from apps.files import actions, storage
from apps.files.importing import undoing
from apps.files.models import BatchState, ImportBatch, ImportRow, Undone
from apps.files.sheetkinds import SHEETS, SheetKind
from tests.cadres.sheets_kit import NOW, TODAY, applied, looked_at, read
from tests.import_corpus.books import grid, xlsx
from tests.import_corpus.people import TITLES
from tests.import_corpus.people import person as row


@pytest.fixture(autouse=True)
def tables(db):
    standards.load()


@pytest.fixture
def county(places):
    return places["浔阳区"]


@pytest.fixture
def clerk(person):
    return person("浔阳区", Role.COUNTY_OFFICER, display_name="李经办")


@pytest.fixture
def other(person):
    return person("浔阳区", Role.COUNTY_OFFICER, display_name="张三")


@pytest.fixture
def imported(tmp_path, county, clerk):
    """Write a sheet of these people (and changes of their cells) and give its batch."""
    made = []

    def write(numbers, by=clerk, **changes):
        made.append(1)
        titles = list(dict.fromkeys([*TITLES, *changes]))
        path = xlsx(tmp_path / f"{len(made)}.xlsx", ("花名册", grid([row(n, **changes) for n in numbers], titles)))
        return applied(read(path, county, by), by).batch

    return write


def cadre(n):
    with system_scope("test"):
        return Cadre.objects.get(name=row(n)["姓名"])


def there():
    with system_scope("test"):
        return set(Cadre.objects.values_list("name", flat=True))


def edited(n, by, **values):
    with pghistory.context(user=by.pk), system_scope("test"):
        Cadre.objects.filter(name=row(n)["姓名"]).update(version=F("version") + 1, **values)


def undone(batch, by):
    with entered(Scope((batch.org.path,))):
        actions.start_undo(batch=looked_at(batch).batch, by=by, today=TODAY)
    actions.undo_batch(batch_id=batch.pk, now=NOW)
    connection.check_constraints()
    return looked_at(batch).batch


def told(batch):
    """Row number → (verdict, reasons) of the rows that were written."""
    with system_scope("test"):
        return {one.number: (one.undone, one.undone_reason) for one in ImportRow.objects.filter(batch=batch).exclude(undone="")}


def dry(batch):
    with entered(Scope((batch.org.path,))):
        undoing.judge(looked_at(batch).batch, batch_kind(batch))
        return undoing.counts(batch)


def batch_kind(batch):
    return SHEETS[batch.kind]


def test_new_people_go_and_changes_come_back(imported, clerk, other):
    imported([1], 手机="12000000001", 民族="汉族")
    batch = imported([1, 2], 手机="12099999999", 民族="回族")
    before = cadre(1)
    foreseen = dry(batch)
    assert there() == {row(1)["姓名"], row(2)["姓名"]}
    after = undone(batch, other)
    assert (after.state, after.undone_by, after.undone_counts) == (BatchState.UNDONE, other, foreseen)
    assert foreseen == {"removed": 1, "restored": 1, "partly": 0, "kept": 0, "fields": foreseen["fields"]}
    assert there() == {row(1)["姓名"]}
    now = cadre(1)
    assert (now.phone, now.ethnicity, now.version) == ("12000000001", "01", before.version + 1)
    assert told(batch) == {2: (Undone.RESTORED, []), 3: (Undone.REMOVED, [])}
    with system_scope("test"):
        assert Cadre.pgh_event_model.objects.filter(pgh_obj_id=now.pk).latest("pgh_id").pgh_context.metadata["user"] == other.pk
        event = AuditEvent.objects.get(verb="import.undone")
        assert (event.actor_id, event.data["removed"], event.data["restored"]) == (other.pk, 1, 1)
    assert Notification.objects.filter(title__startswith="已撤销").exists()


def test_a_telephone_is_found_again_as_before(tmp_path, county, imported, clerk):
    imported([1], 手机="12000000001")
    batch = imported([1], 手机="12099999999")
    undone(batch, clerk)
    one = cadre(1)
    assert (one.phone, one.phone_masked[-4:]) == ("12000000001", "0001")
    assert read(xlsx(tmp_path / "again.xlsx", ("花名册", grid([row(1, 手机="12000000001")]))), county, clerk).tally == (0, 0, 1, 0)


def test_a_name_that_comes_back_is_found_by_search(imported, clerk):
    imported([1])
    batch = imported([1], 姓名="欧阳改名")
    undone(batch, clerk)
    assert there() == {row(1)["姓名"]}
    one = cadre(1)
    assert one.name_key == row(1)["姓名"]
    assert "欧阳" not in str(one.search)


def test_a_person_somebody_has_edited_stays(imported, clerk, other):
    batch = imported([1, 2])
    edited(1, other, note="补充")
    counts = dry(batch)
    assert undone(batch, clerk).undone_counts == counts
    assert there() == {row(1)["姓名"]}
    verdict, reasons = told(batch)[2]
    assert verdict == Undone.KEPT
    assert (reasons[0]["code"], reasons[0]["by"]) == ("edited", other.pk)


def relative(one):
    return Relative.objects.create(cadre=one, org=one.org, relation="长子", name="王小")


def treatment(one):
    return Treatment.objects.create(cadre=one, org=one.org, kind="living", content="补贴")


def plan(one):
    return ServicePlan.objects.create(cadre=one, org=one.org, year=2026, attention_class="key", starts_on=date(2026, 3, 1))


def paper(one):
    return storage.save(b"%PDF-1.4", name="a.pdf", content_type="application/pdf", label="cadres.Cadre", subject_id=one.pk, org=one.org, by=None)


@pytest.mark.parametrize(("add", "words"), [(relative, "家庭成员"), (treatment, "待遇"), (plan, "一人一策"), (paper, "附件")])
def test_a_person_something_hangs_on_stays(imported, clerk, add, words):
    batch = imported([1, 2])
    with system_scope("test"):
        add(cadre(1))
    undone(batch, clerk)
    assert there() == {row(1)["姓名"]}
    assert told(batch)[2] == (Undone.KEPT, [{"code": "has", "what": words}])


def test_what_the_portal_opened_by_itself_keeps_nobody_until_somebody_has_touched_it(imported, clerk):
    batch = imported([1, 2])
    with system_scope("test"):
        for n in (1, 2):
            one = cadre(n)
            todo = ToDo.objects.create(
                cadre=one, org=one.org, source="occasion", rule="birthday_80", title="高龄生日看望", opens_on=TODAY, due_on=TODAY, first_due_on=TODAY, version=n
            )
            Reminder.objects.create(todo=todo, org=one.org, rule="occasion", due_on=TODAY, stage="upcoming", opened_on=TODAY)
    undone(batch, clerk)
    assert there() == {row(2)["姓名"]}, "the second was put off by somebody"
    with system_scope("test"):
        assert (ToDo.objects.count(), Reminder.objects.count()) == (1, 1)


def test_a_relation_no_model_knows_keeps_the_record(imported, clerk):
    batch = imported([1, 2])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE tests_stranger (whom bigint REFERENCES cadres_cadre (id)); GRANT SELECT ON tests_stranger TO PUBLIC")
        cursor.execute("INSERT INTO tests_stranger VALUES (%s)", [cadre(1).pk])
    undone(batch, clerk)
    assert there() == {row(1)["姓名"]}
    assert told(batch)[2] == (Undone.KEPT, [{"code": "has", "what": "其他资料（tests_stranger）"}])


def test_a_field_changed_since_stays_and_the_others_come_back(imported, clerk, other):
    imported([1], 民族="汉族", 籍贯="江西九江", 备注="旧")
    batch = imported([1], 民族="回族", 籍贯="江西南昌", 备注="新")
    edited(1, other, native_place="湖北武汉")
    after = undone(batch, clerk)
    one = cadre(1)
    assert (one.ethnicity, one.native_place, one.note) == ("01", "湖北武汉", "旧")
    verdict, reasons = told(batch)[2]
    assert (verdict, [(each["code"], each["column"], each["by"]) for each in reasons]) == (Undone.PARTLY, [("edited", "native_place", other.pk)])
    assert after.undone_counts["partly"] == 1


def test_fields_all_changed_since_stay(imported, clerk, other):
    imported([1], 籍贯="江西九江")
    batch = imported([1], 籍贯="江西南昌")
    edited(1, other, native_place="湖北武汉")
    version = cadre(1).version
    assert undone(batch, clerk).undone_counts["kept"] == 1
    assert (cadre(1).native_place, cadre(1).version) == ("湖北武汉", version)


def test_a_field_somebody_has_put_back_by_hand_is_no_loss(imported, clerk, other):
    imported([1], 籍贯="江西九江")
    batch = imported([1], 籍贯="江西南昌")
    edited(1, other, native_place="江西九江")
    undone(batch, clerk)
    assert told(batch)[2] == (Undone.RESTORED, [])
    assert cadre(1).native_place == "江西九江"


def test_a_date_goes_back_with_its_exactness(imported, clerk, other):
    imported([1], 入党时间="1960")
    batch = imported([1], 入党时间="1961.05")
    undone(batch, clerk)
    assert (cadre(1).party_joined_on, cadre(1).party_joined_precision) == (date(1960, 1, 1), "year")
    again = imported([1], 入党时间="1961.05")
    edited(1, other, party_joined_precision="day")
    undone(again, clerk)
    assert (told(again)[2][0], cadre(1).party_joined_precision) == (Undone.KEPT, "day")


def test_sealed_values_are_compared_opened(imported, clerk, other):
    imported([1], 固定电话="0792-8111111")
    batch = imported([1], 固定电话="0792-8222222")
    with system_scope("test"), connection.cursor() as cursor:
        cursor.execute("UPDATE cadres_cadre SET landline = %s", [encrypt(cadre(1).landline, "cadres_cadre.landline")])
    undone(batch, clerk)
    assert cadre(1).landline == "0792-8111111"
    again = imported([1], 固定电话="0792-8222222")
    with system_scope("test"):
        one = cadre(1)
        one.landline, one.version = "0792-8333333", one.version + 1
        one.save()
    undone(again, clerk)
    assert (told(again)[2][0], cadre(1).landline) == (Undone.KEPT, "0792-8333333")


def test_side_notes_go_back_one_by_one(imported, clerk, other):
    batch = imported([1])
    first = imported([1], 民族="汉族")
    with system_scope("test"):
        ImportRow.objects.filter(batch=first).update(
            state="changed", target_id=cadre(1).pk, target_version=cadre(1).version - 1, undone="", changes=[],
            values={"extra": {"爱好班": "书法", "编组": "二组"}}, before={"extra": {"爱好班": None, "编组": "一组"}},
        )  # fmt: skip
        ImportBatch.objects.filter(pk=first.pk).update(counts=first.counts | {"changed": 1})
        Cadre.objects.filter(pk=cadre(1).pk).update(extra={"爱好班": "书法", "编组": "三组", "别的": "不动"})
    undone(first, clerk)
    assert cadre(1).extra == {"编组": "三组", "别的": "不动"}
    verdict, reasons = told(first)[2]
    assert (verdict, [one["column"] for one in reasons]) == (Undone.PARTLY, ["extra~编组"])
    assert batch.state == BatchState.APPLIED


def test_what_has_moved_to_another_county_is_left_there(imported, clerk, places):
    batch = imported([1, 2])
    away = places["濂溪区卫生局"]
    with system_scope("test"):
        Cadre.objects.filter(pk=cadre(1).pk).update(org=away, org_path=away.path)
    undone(batch, clerk)
    assert there() == {row(1)["姓名"]}
    assert told(batch)[2] == (Undone.KEPT, [{"code": "elsewhere", "place": "濂溪区"}])


def test_what_is_gone_already(imported, clerk):
    batch = imported([1, 2])
    with system_scope("test"):
        Cadre.objects.filter(name=row(1)["姓名"]).delete()
    assert undone(batch, clerk).undone_counts["kept"] == 1
    assert told(batch)[2] == (Undone.KEPT, [{"code": "gone"}])


def test_what_would_break_a_rule_of_the_table_stays(imported, clerk, other):
    imported([1])
    with system_scope("test"):
        one = cadre(1)
        Cadre.objects.filter(pk=one.pk).update(work_started_on=date(1955, 1, 1), born_on=date(1930, 1, 1))
    batch = imported([2])
    with system_scope("test"):
        ImportRow.objects.filter(batch=batch).update(
            state="changed", target_id=one.pk, target_version=one.version - 1, values={"work_started_on": "1955-01-01"}, before={"work_started_on": "1920-01-01"}
        )
        Cadre.objects.filter(name=row(2)["姓名"]).delete()
    undone(batch, clerk)
    verdict, reasons = told(batch)[2]
    assert (verdict, reasons) == (Undone.KEPT, [{"code": "contradicts", "what": "参加工作时间早于出生日期。"}])
    assert cadre(1).work_started_on == date(1955, 1, 1)


def test_without_pictures_of_what_was_there_nothing_is_promised(imported, clerk):
    imported([1], 籍贯="江西九江")
    batch = imported([1], 籍贯="江西南昌")
    with system_scope("test"):
        ImportRow.objects.filter(batch=batch).update(before=None)
    with entered(Scope((batch.org.path,))), pytest.raises(Refused, match="没有留下导入前的内容"):
        actions.start_undo(batch=looked_at(batch).batch, by=clerk, today=TODAY)
    assert (looked_at(batch).batch.state, cadre(1).native_place) == (BatchState.APPLIED, "江西南昌")


def test_once_and_only_when_applied(imported, clerk):
    batch = imported([1])
    undone(batch, clerk)
    with entered(Scope((batch.org.path,))), pytest.raises(Refused, match="只有已导入"):
        actions.start_undo(batch=looked_at(batch).batch, by=clerk, today=TODAY)
    assert actions.undo_batch(batch_id=batch.pk, now=NOW) == ""


@pytest.mark.parametrize("right", [Right.IMPORT_UNDO, Right.IMPORT_CREATE])
def test_it_asks_its_own_right_and_those_of_writing(imported, clerk, monkeypatch, right):
    batch = imported([1])
    monkeypatch.setitem(ROLES, Role.COUNTY_OFFICER, ROLES[Role.COUNTY_OFFICER] - {right})
    with entered(Scope((batch.org.path,))), pytest.raises(Refused, match="您现在的角色"):
        actions.start_undo(batch=looked_at(batch).batch, by=clerk, today=TODAY)


def test_a_right_lost_before_the_worker_comes(imported, clerk, monkeypatch):
    batch = imported([1])
    with entered(Scope((batch.org.path,))):
        actions.start_undo(batch=looked_at(batch).batch, by=clerk, today=TODAY)
    monkeypatch.setitem(ROLES, Role.COUNTY_OFFICER, ROLES[Role.COUNTY_OFFICER] - {Right.IMPORT_UNDO})
    assert actions.undo_batch(batch_id=batch.pk, now=NOW) == BatchState.APPLIED
    back = looked_at(batch).batch
    assert (back.error_code, back.undone_by, there()) == ("not_allowed", None, {row(1)["姓名"]})


def test_what_follows_an_import_needs_a_way_back(imported, clerk, monkeypatch):
    batch = imported([1])
    monkeypatch.setattr(type(batch_kind(batch)), "after_undo", SheetKind.after_undo)
    with entered(Scope((batch.org.path,))), pytest.raises(Refused, match="会带动其他内容"):
        actions.start_undo(batch=looked_at(batch).batch, by=clerk, today=TODAY)


def test_kinds_that_are_actions_refuse_with_a_sentence(imported, clerk, monkeypatch):
    batch = imported([1])
    monkeypatch.setattr(batch_kind(batch), "against_undo", "不能整批撤销。", raising=False)
    with entered(Scope((batch.org.path,))), pytest.raises(Refused, match="不能整批撤销"):
        actions.start_undo(batch=looked_at(batch).batch, by=clerk, today=TODAY)


def test_the_page_tells_before_and_after(client, imported, clerk, other, django_capture_on_commit_callbacks):
    imported([1], 籍贯="江西九江", 民族="汉族")
    batch = imported([1, 2, 3], 籍贯="江西南昌", 民族="回族")
    edited(1, other, ethnicity="04")
    edited(3, other, note="补充")
    client.force_login(clerk)
    url, page = reverse("files:undo", args=[batch.pk]), reverse("files:batch", args=[batch.pk])
    assert url in client.get(page).content.decode()
    seen = client.get(url).content.decode()
    assert "现在什么都还没有改动" in seen
    assert "将删除 1 人，部分恢复 1 人，保留 1 人" in seen
    partly = client.get(url, {"what": "partly"}).content.decode()
    assert "江西九江" in partly
    assert "“民族”此后由 张三" in partly
    assert "此后由 张三" in client.get(url, {"what": "kept"}).content.decode()
    assert there() == {row(n)["姓名"] for n in (1, 2, 3)}
    with django_capture_on_commit_callbacks() as sent:
        assert client.post(url).status_code == 302
    assert any("undo_batch" in repr(one) for one in sent)
    assert client.get(url).status_code == 302
    actions.undo_batch(batch_id=batch.pk, now=NOW)
    assert "撤销了这一批：已删除 1 人" in client.get(page).content.decode()
    after = client.get(url, {"what": "kept"}).content.decode()
    assert "撤销的结果" in after
    assert "此后由 张三" in after
    assert client.post(url, follow=True).status_code == 200
    assert looked_at(batch).batch.state == BatchState.UNDONE


def test_the_page_says_why_it_cannot_be(client, imported, clerk, monkeypatch):
    batch = imported([1])
    monkeypatch.setitem(ROLES, Role.COUNTY_OFFICER, ROLES[Role.COUNTY_OFFICER] - {Right.IMPORT_CREATE})
    client.force_login(clerk)
    seen = client.get(reverse("files:undo", args=[batch.pk])).content.decode()
    assert "没有通过导入新增的权限" in seen
    assert "data-confirm" not in seen


def test_asks_as_often_for_many_rows_as_for_few(client, imported, clerk, django_assert_max_num_queries):
    batch = imported(range(1, 30))
    client.force_login(clerk)
    with django_assert_max_num_queries(60):
        client.get(reverse("files:undo", args=[batch.pk]))


def test_the_command_tells_first_and_does_it_when_told(imported, clerk, capsys):
    batch = imported([1, 2])
    edited(1, clerk, note="补充")
    call_command("undo_import", str(batch.pk), "--user", clerk.username, "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["applied"], answer["removed"], answer["kept"]) == (False, 1, 1)
    assert answer["reasons"][0]["where"] == "花名册 第 2 行"
    assert len(there()) == 2
    call_command("undo_import", str(batch.pk), "--user", clerk.username, "--apply", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["applied"], answer["removed"], answer["kept"], there()) == (True, 1, 1, {row(1)["姓名"]})
    name = ["--user", clerk.username]
    for wrong, code in (([str(batch.pk), *name], "not_undoable"), (["999999", *name], "batch_unknown"), (["1", "--user", "x"], "user_unknown")):
        with pytest.raises(SystemExit):
            call_command("undo_import", *wrong, "--json")
        assert json.loads(capsys.readouterr().out)["error"]["code"] == code
