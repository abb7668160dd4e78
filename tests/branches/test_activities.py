"""组织生活: logged in a minute, counted by every branch that took part, corrected and taken back; what the year demands and lacks."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse
from PIL import Image

from apps.accounts.permissions import Role
from apps.branches.actions import activities as actions
from apps.branches.actions.branches import change_branch
from apps.branches.actions.committees import Holder, save_committee
from apps.branches.actions.members import change_member, leave
from apps.branches.checking import Rule
from apps.branches.life import DEMANDS, NONE, OK, OPEN, SHORT, in_words, shortfalls, year_of
from apps.branches.models import Activity, Attendance, Participation, PartyMember
from apps.branches.selectors import activities as selectors
from apps.branches.selectors.branches import lines
from apps.branches.selectors.known import facts_of
from apps.branches.selectors.rules import rules_in_force
from apps.core.refusal import Refused, Stale
from apps.core.scope import current_scope, entered, system_scope
from apps.files.models import StoredFile
from tests.branches.conftest import FIELDS, TODAY

VALUES = {
    "kind": "theme", "held_on": date(2026, 11, 10), "title": "学习全会精神", "place": "活动室", "speaker": "", "by_secretary": False, "group": "",
    "hours": Decimal("2"), "guests": 0, "minutes": "学文件",
}  # fmt: skip


def photo() -> SimpleUploadedFile:
    held = BytesIO()
    Image.new("RGB", (60, 40), "white").save(held, "JPEG")
    return SimpleUploadedFile("a.jpg", held.getvalue(), "image/jpeg")


@pytest.fixture
def branch(set_up, comrade):
    return set_up(members=[comrade("甲"), comrade("乙"), comrade("丙")])


@pytest.fixture
def other(set_up, comrade):
    return set_up("九街支部", org="浔阳区", members=[comrade("丁"), comrade("戊")])


@pytest.fixture
def people(branch):
    with system_scope("test"):
        return list(PartyMember.objects.filter(branch=branch).order_by("pk"))


@pytest.fixture
def log(branch, officer):
    def build(**given):
        values = VALUES | {"branch": branch, "once": uuid.uuid4(), "by": officer, "today": TODAY} | given
        with system_scope("test"):
            return actions.log_activity(**values)

    return build


def refused(act, **given) -> Refused:
    with pytest.raises(Refused) as caught:
        act(**given)
    return caught.value


def table(branch, today=TODAY):
    with system_scope("test"):
        return {row.kind: row for row in selectors.year_table(branch, facts_of([branch])[0][branch.pk], 2026, today)}


def test_who_was_there_and_how_many_were_called(log, people, officer):
    with system_scope("test"):
        change_member(member=people[2], health="bedridden", by=officer, today=TODAY)
    row = log(present=[people[0].pk], at_home=[people[2].pk])
    assert (row.expected, row.present, row.host_name) == (2, 1, "教育局离退休党支部")
    with system_scope("test"):
        assert [(one.member_id, one.at_home) for one in selectors.present_at(row)] == [(people[0].pk, False), (people[2].pk, True)]
    assert log(present=[one.pk for one in people]).expected == 3, "a bedridden member who came after all counts"
    assert log(kind="talk").expected is None


def test_what_is_said_at_the_field(log, people, other):
    with system_scope("test"):
        stranger = PartyMember.objects.filter(branch=other).first().pk
    for given, field in (
        ({"title": " "}, "title"), ({"kind": "party"}, "kind"), ({"held_on": TODAY + timedelta(days=1)}, "held_on"), ({"present": [stranger]}, "present"),
        ({"present": [people[0].pk, people[1].pk], "expected": 1}, "expected"), ({"partners": [99999999]}, "partners"),
        ({"photos": [SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")]}, "photos"), ({"photos": [None] * 10}, "photos"),
    ):  # fmt: skip
        assert refused(log, **given).field == field
    with system_scope("test"):
        assert not Activity.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pressed_by_six_at_once_it_is_logged_once(branch, officer):
    key = uuid.uuid4()

    def press(_):
        try:
            with system_scope("test"):
                return actions.log_activity(branch=branch, once=key, by=officer, today=TODAY, **VALUES).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(press, range(6)))) == 1
    with system_scope("test"):
        assert Activity.objects.count() == 1


def test_a_form_used_for_another_branch_is_refused(log, other):
    key = uuid.uuid4()
    log(once=key)
    assert refused(log, once=key, branch=other).code == "once_used"


def test_a_joint_activity_is_on_the_books_of_both_and_each_names_its_own(log, branch, other, people, officer, inside):
    row = log(present=[people[0].pk], partners=[other.pk])
    with system_scope("test"):
        theirs = Participation.objects.get(branch=other)
        own = PartyMember.objects.filter(branch=other).first()
    assert (theirs.present, theirs.host_name, theirs.org_path) == (None, branch.name, other.org_path)
    with inside("浔阳区"):
        named = actions.name_present(row=theirs, present=[own.pk], by=officer, version=theirs.version)
    assert (named.expected, named.present) == (2, 1)
    with system_scope("test"):
        with pytest.raises(Stale):
            actions.name_present(row=theirs, present=[], by=officer, version=theirs.version)
        activity = Activity.objects.get()
        given = {"activity": activity, "by": officer, "today": TODAY}
        actions.change_activity(**given, present=[], partners=[], **VALUES | {"title": "改了主题"})
        theirs.refresh_from_db()
        assert (theirs.title, theirs.present) == ("改了主题", 1), "who named its people stays on"
        actions.remove_activity(activity=activity, reason="记重了", by=officer)
        assert not selectors.participations(current_scope()).exists()
        assert refused(actions.name_present, row=theirs, present=[], by=officer).code == "activity_removed"
        assert refused(actions.change_activity, **given, **VALUES).code == "activity_removed"
    assert row.host


def test_a_partner_knows_of_it_what_was_copied_and_nothing_more(log, set_up, comrade, places, person, client):
    guest = set_up("卫健支部", org="浔阳区")
    row = log(partners=[guest.pk], minutes="只有主办支部看的记录")
    secretary = person("浔阳区教育局", Role.BRANCH_SECRETARY, username="host")
    client.force_login(secretary)
    assert "只有主办支部看的记录" in client.get(reverse("branches:activity", args=[row.pk])).content.decode()
    with system_scope("test"):
        theirs = Participation.objects.get(branch=guest)
    assert client.get(reverse("branches:activity", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("branches:activity_attend", args=[theirs.pk]), {}).status_code == 404


def test_neighbours_are_of_the_same_county(branch, other, set_up, places):
    far = set_up("市直支部", org="九江市")
    with system_scope("test"):
        assert [one.pk for one in selectors.neighbours(branch)] == [other.pk]
        assert selectors.neighbours(far) == []


def test_corrected_by_two_at_once_the_second_is_told(log, officer):
    row = log()
    with system_scope("test"):
        activity = Activity.objects.get(pk=row.activity_id)
        given = {"activity": activity, "by": officer, "today": TODAY, "version": activity.version}
        actions.change_activity(**given, **VALUES | {"title": "一"})
        with pytest.raises(Stale):
            actions.change_activity(**given, **VALUES | {"title": "二"})
        assert refused(actions.remove_activity, activity=activity, reason=" ", by=officer).field == "reason"


def test_photos_and_figures_go_with_the_branch(log, branch, officer, places, scope_of):
    log(photos=[photo()])
    with system_scope("test") as scope:
        change_branch(scope=scope, branch=branch, org=places["浔阳区"], hosts=[], by=officer, today=TODAY, **FIELDS | {"name": branch.name})
        for model in (Activity, Participation, StoredFile):
            assert set(model.objects.values_list("org_path", flat=True)) == {places["浔阳区"].path}
    with entered(scope_of("浔阳区教育局")):
        assert not Activity.objects.exists()


def test_who_left_stays_on_the_record(log, people, officer, client):
    row = log(present=[people[0].pk])
    with system_scope("test"):
        leave(member=people[0], reason="transferred", on=TODAY, by=officer, today=TODAY)
    client.force_login(officer)
    form = client.get(reverse("branches:activity_edit", args=[row.pk])).content.decode()
    assert "甲" in form
    assert Attendance.objects.count() == 0, "out of scope nothing is seen"
    with system_scope("test"):
        assert Attendance.objects.count() == 1


RULES = {key: Rule(Decimal(4 if key == "life_volunteer" else 1)) for _, _, key in DEMANDS}


def rows_of(held, today, founded_on=None, **kinds):
    return {row.kind: row for row in year_of(year=2026, held=held, rules=RULES, today=today, founded_on=founded_on, kinds=kinds)}


def test_periods_end_on_their_last_day_and_not_before():
    states = [rows_of({}, day)["theme"].cells[0].state for day in (date(2026, 1, 31), date(2026, 2, 1))]
    assert states == [OPEN, SHORT]
    meeting = rows_of({("meeting", 3): 1}, date(2026, 7, 1))["meeting"]
    assert [(cell.state, cell.last.month, cell.last.day) for cell in meeting.cells] == [(OK, 3, 31), (SHORT, 6, 30), (OPEN, 9, 30), ("ahead", 12, 31)]
    assert rows_of({("meeting", 2): 1}, date(2026, 2, 3))["meeting"].cells[0].state == OK
    assert rows_of({}, date(2028, 3, 1))["theme"].cells[1].last == date(2026, 2, 28)


def test_nothing_is_asked_of_the_time_before_the_branch():
    cells = rows_of({}, date(2026, 5, 1), founded_on=date(2026, 3, 20))["theme"].cells
    assert [cell.state for cell in cells[:5]] == [NONE, NONE, SHORT, SHORT, OPEN]


def test_a_branch_without_committee_or_groups_owes_neither():
    assert {"committee", "group"} <= set(rows_of({}, TODAY))
    assert not {"committee", "group"} & set(rows_of({}, TODAY, committee=False, group=False))


def test_in_words():
    rows = rows_of({("volunteer", 3): 2, ("theme", 2): 1, ("lecture", 8): 1}, date(2027, 1, 1), committee=False, group=False)
    said = [sentence for sentence, _ in shortfalls(list(rows.values()))]
    assert said[0] == "一、二、三、四季度没有登记党员大会（应每季度 1 次）。"
    assert said[1] == "1、3、4、5、6、7、8、9、10、11、12 月没有登记主题党日（应每月 1 次）。"
    assert said[2] == "上半年没有登记党课（应每半年 1 次）。"
    assert said[-1] == "志愿服务全年不足（应每年 4 次）。"
    assert in_words([rows["talk"].cells[0]]) == "全年"


def test_the_list_says_what_a_year_lacks_once_something_was_logged(log, branch, officer, people, client):
    with system_scope("test") as scope:
        found = {one.key: one for one in lines(type(branch).objects.visible_to(scope), TODAY)[0].findings}
        assert found["life_none"].level == "warning"
    log()
    with system_scope("test") as scope:
        found = [one for one in lines(type(branch).objects.visible_to(scope), TODAY)[0].findings if one.key.startswith("life")]
    assert [one.key for one in found] == ["life_short"] * len(found)
    assert found[1].sentence.startswith("1、2、3、4、5、6、7、8、9、10 月没有登记主题党日")
    client.force_login(officer)
    assert "组织生活缺项" in client.get(reverse("branches:list") + "?look=life").content.decode()


def test_a_committee_of_several_owes_its_meetings_and_they_call_its_members(branch, people, officer, log):
    assert "committee" not in table(branch)
    with system_scope("test"):
        holders = [Holder("secretary", people[0].cadre_id), Holder("other", people[1].cadre_id)]
        save_committee(branch=branch, holders=holders, by=officer, today=TODAY, starts_on=date(2026, 2, 1))
    assert table(branch)["committee"].cells[2].state == SHORT
    assert log(kind="committee").expected == 2
    assert table(branch)["committee"].cells[10].state == OK


def test_taken_back_it_no_longer_counts(log, branch, officer):
    row = log()
    assert table(branch)["theme"].cells[10].held == 1
    with system_scope("test"):
        actions.remove_activity(activity=Activity.objects.get(pk=row.activity_id), reason="日期错", by=officer)
    assert table(branch)["theme"].cells[10].held == 0


def test_the_rate_is_of_what_all_are_called_to(log, branch, people):
    log(present=[people[0].pk, people[1].pk])
    log(kind="talk", present=[people[0].pk])
    log(kind="meeting", present=[people[0].pk])
    with system_scope("test"):
        assert selectors.attendance_rate([branch.pk], 2026) == {branch.pk: 50}
        assert {one.cadre.name: there for one, there, _ in selectors.attended_by(branch, 2026)} == {"甲": 3, "乙": 1, "丙": 0}


def test_numbers_come_from_the_rules(branch):
    with system_scope("test"):
        assert rules_in_force(TODAY)["life_volunteer"].value == 4
        assert rules_in_force(TODAY)["life_theme"].basis == "regulation"


def test_the_secretary_logs_from_the_page(client, person, branch, people):
    client.force_login(person("浔阳区教育局", Role.BRANCH_SECRETARY, username="secretary"))
    page = client.get(reverse("branches:life", args=[branch.pk])).content.decode()
    assert "这一年还没有登记" in page
    add = reverse("branches:activity_add", args=[branch.pk])
    empty = client.post(add, {})
    assert empty.status_code == 422
    form = {"once": uuid.uuid4(), "kind": "lecture", "held_on": "2026-11-20", "title": "书记讲党课"}
    form |= {"by_secretary": "on", "present": [people[0].pk], "photos": photo()}
    saved = client.post(add, form, follow=True)
    assert "已登记：党课，实到 1 人。" in saved.content.decode()
    with system_scope("test"):
        row = Participation.objects.get()
        assert row.by_secretary
        stored = StoredFile.objects.get()
    assert b"".join(client.get(reverse("files:download", args=[stored.key])).streaming_content)
    edit = client.post(reverse("branches:activity_edit", args=[row.pk]), {"kind": "lecture", "held_on": "2026-11-20", "title": "改题", "version": 1}, follow=True)
    assert "已修改" in edit.content.decode()
    gone = client.post(reverse("branches:activity_remove", args=[row.pk]), {"reason": "记重了", "version": 2}, follow=True)
    assert "已撤回" in gone.content.decode()
    assert "记重了" in client.get(reverse("branches:activity", args=[row.pk])).content.decode()
    assert client.get(reverse("branches:activities") + "?year=2026&kind=lecture&month=13&branch=x&look=unnamed").status_code == 200
    client.force_login(person("浔阳区", Role.LEADER, username="leader"))
    assert client.post(add, form | {"once": uuid.uuid4()}).status_code == 403
