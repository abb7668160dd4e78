"""问需: answers kept once, two people at one sheet, needs taken once, results as counted by hand, records that move along."""

import threading
import uuid
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.cadres.actions.changes import register_status_change
from apps.care import standards
from apps.care.actions import questions as asking
from apps.care.actions.campaigns import end_campaign, make_campaign, start_campaign
from apps.care.actions.surveys import answer_survey, take_need
from apps.care.merge_relations import move_answers, restore_answers
from apps.care.models import NeedTaken, PlanItem, SurveyAnswer, ToDo, Visit
from apps.care.selectors import surveys as selectors
from apps.core.refusal import Refused, Stale
from apps.core.scope import entered
from tests.factories import duties as make

TODAY, LAST = date(2026, 10, 8), date(2026, 10, 20)
whole = pytest.mark.usefixtures("whole")


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="worker", display_name="甲")


@pytest.fixture
def other(person):
    return person("浔阳区", Role.WORKER, username="other", display_name="乙")


@pytest.fixture
def opened(places, worker, scope_of):
    """``opened()`` within a scope: a running campaign of 浔阳区 with the default questions and three people; returns (campaign, questions by first words)."""

    def make_it(meet=True):
        standards.load()
        for n in range(3):
            make.cadre(places["浔阳区教育局"], f"老人{n}", born_on=date(1936, 1, n + 1))
        values = {"title": "问需敲门", "occasion": "daily", "concerns": "cadre", "meet": meet, "starts_on": TODAY, "ends_on": LAST, "note": ""}
        found = make_campaign(scope=scope_of("浔阳区"), org=places["浔阳区"], by=worker, today=TODAY, whom={}, share="workers", helpers=[], **values)
        asking.use_set(campaign=found, key="needs", by=worker)
        start_campaign(campaign=found, by=worker, today=TODAY, now=timezone.now())
        found.refresh_from_db()
        return found, {row.text[:4]: row for row in selectors.questions(found)}

    return make_it


def answer(todo, by, given, **more):
    facts = {"manner": "door", "answered_on": TODAY, "once": uuid.uuid4()} | more
    return answer_survey(todo=todo, answers=given, by=by, today=TODAY, **facts)


@pytest.fixture
def sheet(opened, worker):
    campaign, rows = opened()
    todo = ToDo.objects.select_related("cadre__org", "survivor").earliest("pk")
    given = {rows["近来身体"].key: "一般", rows["要不要装"].key: "yes", rows["生活上要"].key: ["保洁", "助餐"], rows["家里常住"].key: 2, rows["对我们的"].key: " 多来坐坐 "}
    return campaign, rows, todo, given


@whole
class TestAnswering:
    def test_what_was_answered_is_kept_and_what_nobody_asked_is_not(self, sheet, worker):
        _, rows, todo, given = sheet
        saved = answer(todo, worker, given)
        assert saved.answers == given | {rows["对我们的"].key: "多来坐坐"}
        assert (saved.manner, saved.by, saved.version) == ("door", worker, 1)

    def test_with_a_sentence_the_visit_is_logged_and_settles_the_task(self, sheet, worker):
        _, _, todo, given = sheet
        answer(todo, worker, given, situation="在家，精神好")
        todo.refresh_from_db()
        assert (todo.state, Visit.objects.get().way) == ("done", "home")

    def test_by_telephone_it_is_noted_and_no_meeting(self, sheet, worker):
        _, _, todo, given = sheet
        saved = answer(todo, worker, given, manner="phone", situation="电话里问的")
        todo.refresh_from_db()
        assert (saved.manner, Visit.objects.get().way, todo.state) == ("phone", "phone", "open")

    def test_where_a_call_is_enough_it_settles_the_task(self, opened, worker):
        _, rows = opened(meet=False)
        todo = ToDo.objects.select_related("cadre__org").earliest("pk")
        answer(todo, worker, {rows["近来身体"].key: "好"}, manner="phone", situation="电话里问的")
        todo.refresh_from_db()
        assert todo.state == "done"

    @pytest.mark.parametrize(("words", "value"), [("近来身体", None), ("近来身体", "很好"), ("要不要装", "maybe"), ("生活上要", ["保洁", "买菜"]), ("家里常住", -1)])
    def test_what_is_wrong_is_said_at_the_question(self, sheet, worker, words, value):
        _, rows, todo, given = sheet
        with pytest.raises(Refused) as refused:
            answer(todo, worker, given | {rows[words].key: value})
        assert refused.value.field == rows[words].key
        assert not SurveyAnswer.objects.exists()

    def test_days_outside_the_campaign_are_refused(self, sheet, worker):
        _, _, todo, given = sheet
        for day in (date(2026, 10, 7), date(2026, 10, 9)):
            with pytest.raises(Refused) as refused:
                answer(todo, worker, given, answered_on=day)
            assert refused.value.field == "answered_on"

    def test_sent_twice_it_is_kept_once(self, sheet, worker):
        _, _, todo, given = sheet
        once = uuid.uuid4()
        assert answer(todo, worker, given, once=once, situation="在家") == answer(todo, worker, given, once=once, situation="在家")
        assert (SurveyAnswer.objects.count(), Visit.objects.count()) == (1, 1)

    def test_two_people_at_one_sheet_the_second_is_told_who(self, sheet, worker, other):
        _, rows, todo, given = sheet
        saved = answer(todo, worker, given)
        with pytest.raises(Stale, match="甲在 .* 已经填过老人0的问需表，没有覆盖"):
            answer(todo, other, {rows["近来身体"].key: "不太好"})
        changed = answer(todo, other, {rows["近来身体"].key: "不太好"}, version=saved.version)
        assert (changed.by, changed.version, changed.answers) == (other, 2, {rows["近来身体"].key: "不太好"})

    def test_not_after_the_end_nor_for_whoever_was_left_out(self, sheet, worker, scope_of):
        campaign, _, todo, given = sheet
        end_campaign(scope=scope_of("浔阳区"), campaign=campaign, reason="到期", by=worker, now=timezone.now())
        with pytest.raises(Refused, match="已结束"):
            answer(todo, worker, given)

    def test_questions_stay_as_they_are_once_somebody_has_answered(self, sheet, worker):
        campaign, rows, todo, given = sheet
        asking.move_up(question=rows["家里常住"], by=worker)
        answer(todo, worker, given)
        for act in (lambda: asking.remove_question(question=rows["家里常住"], by=worker), lambda: asking.use_set(campaign=campaign, key="heat", by=worker)):
            with pytest.raises(Refused, match="已经有人填过"):
                act()


@whole
class TestNeeds:
    def test_each_need_becomes_one_thing_never_two(self, sheet, worker, other):
        _, rows, todo, given = sheet
        saved = answer(todo, worker, given)
        bell, chores = rows["要不要装"], rows["生活上要"]
        assert [need.words for need in selectors.needs(saved, list(rows.values()))] == ["生活照料：保洁、助餐", "安装一键呼叫"]
        item = take_need(answer=saved, question=bell, into="item", by=worker, today=TODAY).item
        assert (item.need, item.category, item.worker, item.due_on, item.plan.cadre) == ("安装一键呼叫", "emergency", worker, date(2026, 11, 7), todo.cadre)
        made = take_need(answer=saved, question=chores, into="todo", worker=other, due_on=date(2026, 10, 30), by=worker, today=TODAY).todo
        assert (made.title, made.worker, made.due_on, made.source) == ("生活照料：保洁、助餐", other, date(2026, 10, 30), "item")
        for question, into in ((bell, "item"), (bell, "todo"), (chores, "item")):
            with pytest.raises(Refused, match="甲已经转办过"):
                take_need(answer=saved, question=question, into=into, by=other, today=TODAY)
        assert (PlanItem.objects.count(), NeedTaken.objects.count()) == (1, 2)

    def test_no_need_no_matter(self, sheet, worker):
        _, rows, todo, given = sheet
        saved = answer(todo, worker, given | {rows["要不要装"].key: "no"})
        for words in ("要不要装", "有没有困", "家里常住"):
            with pytest.raises(Refused, match="没有提出需求"):
                take_need(answer=saved, question=rows[words], into="item", by=worker, today=TODAY)

    def test_of_somebody_who_has_died_no_item_is_made(self, sheet, worker, scope_of):
        _, rows, todo, given = sheet
        saved = answer(todo, worker, given)
        register_status_change(cadre=todo.cadre, kind="deceased", effective_on=TODAY, by=worker, scope=scope_of("浔阳区"), today=TODAY)
        with pytest.raises(Refused, match="请转为待办"):
            take_need(answer=saved, question=rows["要不要装"], into="item", by=worker, today=TODAY)

    def test_a_transfer_takes_answers_and_needs_along(self, sheet, worker, person, places, scope_of):
        _, rows, todo, given = sheet
        saved = answer(todo, worker, given)
        take_need(answer=saved, question=rows["要不要装"], into="item", by=worker, today=TODAY)
        city = person("九江市", Role.WORKER, username="city")
        facts = {"by": city, "scope": scope_of("九江市"), "today": TODAY}
        register_status_change(cadre=todo.cadre, kind="moved_out", effective_on=TODAY, org=places["濂溪区卫生局"], **facts)
        path = places["濂溪区卫生局"].path
        assert (SurveyAnswer.objects.get().org_path, NeedTaken.objects.get().org_path) == (path, path)


@whole
def test_results_are_as_counted_by_hand_and_each_has_its_list(sheet, worker, scope_of):
    campaign, rows, _, given = sheet
    scope, listed = scope_of("浔阳区"), list(rows.values())
    todos = list(ToDo.objects.select_related("cadre__org").order_by("pk"))
    first = answer(todos[0], worker, given)
    answer(todos[1], worker, {rows["近来身体"].key: "好", rows["要不要装"].key: "yes", rows["家里常住"].key: 4})
    take_need(answer=first, question=rows["要不要装"], into="todo", by=worker, today=TODAY)
    found = selectors.results(scope, campaign, listed)
    by_words = {result.question.text[:4]: result for result in found.results}
    assert (found.asked, found.answered, found.waiting) == (3, 2, 2)
    assert [(choice.label, choice.count) for choice in by_words["近来身体"].choices] == [("好", 1), ("一般", 1), ("不太好", 0)]
    assert (by_words["要不要装"].need, by_words["要不要装"].waiting) == (2, 1)
    assert by_words["家里常住"].mean == 3
    assert [text for _, text in by_words["对我们的"].texts] == ["多来坐坐"]
    (unit,) = found.units
    assert (unit.label, unit.answered) == ("浔阳区教育局", 2)
    for asked, count in unit.counts:
        assert selectors.filtered(scope, campaign, listed, {"question": asked.key} | ({"value": "yes"} if asked.kind == "yes_no" else {})).count() == count
    for result in found.results:
        for choice in result.choices:
            assert selectors.filtered(scope, campaign, listed, {"question": result.question.key, "value": choice.value}).count() == choice.count
    assert selectors.filtered(scope, campaign, listed, {"waiting": True}).count() == 2
    assert selectors.results(scope_of("濂溪区"), campaign, listed).answered == 0


@whole
def test_of_two_merged_records_one_answer_stays_and_the_way_back_is_open(sheet, worker):
    _, rows, _, given = sheet
    first, second, third = ToDo.objects.select_related("cadre__org").order_by("pk")
    answer(first, worker, given)
    moving = answer(second, worker, given)
    take_need(answer=moving, question=rows["要不要装"], into="todo", by=worker, today=TODAY)
    how = {"by": worker, "today": TODAY}
    assert move_answers(first.cadre, second.cadre, **how) == {}
    moved = move_answers(third.cadre, second.cadre, **how)
    assert SurveyAnswer.objects.get(pk=moving.pk).cadre == third.cadre
    assert restore_answers(third.cadre, second.cadre, moved, **how) == []
    assert SurveyAnswer.objects.get(pk=moving.pk).cadre == second.cadre


@pytest.mark.django_db(transaction=True)
def test_two_people_save_at_the_same_moment_and_one_need_is_pressed_by_four(opened, worker, other, scope_of):
    with entered(scope_of("浔阳区")):
        _, rows = opened()
        todo = ToDo.objects.select_related("cadre__org").earliest("pk")
    given = {rows["近来身体"].key: "好", rows["要不要装"].key: "yes"}

    def race(acts):
        barrier, results = threading.Barrier(len(acts)), []

        def run(act):
            try:
                barrier.wait()
                with entered(scope_of("浔阳区")):
                    results.append(act())
            except Refused as refused:
                results.append(refused.sentence)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    kept = race([lambda: answer(todo, worker, given), lambda: answer(todo, other, given)])
    assert sorted(isinstance(one, str) and "已经填过" in one for one in kept) == [False, True]
    saved = next(one for one in kept if isinstance(one, SurveyAnswer))
    pressed = race([lambda: take_need(answer=saved, question=rows["要不要装"], into="item", by=worker, today=TODAY) for _ in range(4)])
    assert sum(isinstance(one, str) and "已经转办过" in one for one in pressed) == 3
    with entered(scope_of("浔阳区")):
        assert (SurveyAnswer.objects.count(), PlanItem.objects.count()) == (1, 1)
