"""Logging a visit: once, honestly dated, with what it brings about."""

import threading
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.activity.models import AuditEvent
from apps.cadres.models import Standing, Survivor
from apps.care import standards
from apps.care.actions.plans import open_plans
from apps.care.actions.visits import edit_visit, log_visit, void_visit
from apps.care.models import PlanItem, ServicePlan, Visit
from apps.core.refusal import Refused, Stale
from apps.core.scope import entered
from tests.factories import duties as make

TODAY = date(2026, 11, 22)
HERE = "浔阳区"


@pytest.fixture
def officer(person):
    return person()


def log(who, by, **given):
    values = {"visited_on": TODAY, "occasion": "daily", "way": "home", "situation": "精神尚可。", "once": uuid.uuid4(), "today": TODAY} | given
    return log_visit(cadre=who, by=by, **values)


@pytest.mark.usefixtures("whole")
class TestLogging:
    @pytest.fixture
    def who(self, places, officer, scope_of):
        standards.load()
        who = make.cadre(places[HERE], born_on=date(1940, 5, 1))
        open_plans(scope=scope_of(HERE), year=2026, by=officer, today=date(2026, 1, 1))
        return who

    @pytest.fixture
    def plan(self, who):
        return lambda: ServicePlan.objects.get(cadre=who)

    def test_it_settles_what_was_due(self, who, officer, plan):
        assert plan().visit_due_on == date(2026, 6, 30)
        visit = log(who, officer)
        assert (visit.worker, visit.in_person, visit.org_path) == (officer, True, who.org_path)
        assert (plan().last_visit_on, plan().visit_due_on, plan().contact_due_on) == (TODAY, TODAY + timedelta(180), TODAY + timedelta(90))
        assert AuditEvent.objects.get(verb="visit.logged").actor_id == officer.pk

    @pytest.mark.parametrize("way", ["phone", "video", "entrusted"])
    def test_a_call_is_a_contact_and_never_a_meeting(self, who, officer, plan, way):
        assert not log(who, officer, way=way, in_person=True).in_person
        assert (plan().last_contact_on, plan().last_visit_on) == (TODAY, None)

    def test_nobody_at_home_is_no_meeting(self, who, officer, plan):
        log(who, officer, in_person=False)
        assert plan().last_visit_on is None

    def test_the_same_key_again_gives_the_first_one_back(self, who, officer):
        once = uuid.uuid4()
        first = log(who, officer, once=once, need="修灯")
        assert log(who, officer, once=once, need="修灯", situation="第二次") == first
        assert (Visit.objects.count(), PlanItem.objects.count()) == (1, 1)

    def test_a_key_used_for_somebody_else_is_refused(self, who, officer, places):
        once = uuid.uuid4()
        log(who, officer, once=once)
        with pytest.raises(Refused, match="已经用过"):
            log(make.cadre(places[HERE], "别人"), officer, once=once)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"visited_on": TODAY + timedelta(days=1)}, "visited_on"),
            ({"visited_on": date(1940, 4, 30), "late_reason": "补"}, "visited_on"),
            ({"situation": "  "}, "situation"),
            ({"visited_on": TODAY - timedelta(days=8)}, "late_reason"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(self, who, officer, given, field):
        with pytest.raises(Refused) as refused:
            log(who, officer, **given)
        assert refused.value.field == field
        assert not Visit.objects.exists()

    def test_a_week_late_needs_no_reason_longer_does(self, who, officer):
        log(who, officer, visited_on=TODAY - timedelta(days=7))
        assert log(who, officer, visited_on=TODAY - timedelta(days=8), late_reason="出差").late_reason == "出差"

    def test_a_need_becomes_an_item_with_owner_and_term(self, who, officer, plan):
        visit = log(who, officer, need=" 卫生间要装扶手 ", next_step="联系社区", item={"category": "living", "due_on": TODAY + timedelta(days=10)})
        item = plan().items.get()
        assert (item.need, item.measure, item.category, item.worker, item.visit) == ("卫生间要装扶手", "联系社区", "living", officer, visit)
        assert item.due_on == TODAY + timedelta(days=10)

    def test_without_a_named_term_thirty_days(self, who, officer, plan):
        log(who, officer, need="修灯")
        assert plan().items.get().due_on == TODAY + timedelta(days=30)

    def test_a_need_of_somebody_without_a_plan_opens_one(self, places, officer):
        standards.load()
        who = make.cadre(places[HERE], "新来的")
        log(who, officer, need="修灯")
        assert ServicePlan.objects.get(cadre=who).items.get().need == "修灯"

    def test_what_was_promised_is_ticked_off(self, who, officer, plan):
        log(who, officer, need="修灯")
        log(who, officer, done=list(plan().items.all()))
        item = plan().items.get()
        assert (item.state, item.result) == ("done", "2026-11-22 走访时办结")

    def test_other_people_s_promises_stay_open(self, who, officer, places, plan):
        log(who, officer, need="修灯")
        log(make.cadre(places[HERE], "别人"), officer, done=list(plan().items.all()))
        assert plan().items.get().state == "open"

    def test_somebody_who_moved_away_is_not_logged(self, who, officer):
        who.standing = Standing.MOVED
        who.save()
        with pytest.raises(Refused, match="已转出"):
            log(who, officer)


@pytest.mark.usefixtures("whole")
class TestAfterDeath:
    @pytest.fixture
    def dead(self, places):
        standards.load()
        return make.cadre(places[HERE], standing=Standing.DECEASED, deceased_on=date(2026, 11, 10))

    @pytest.fixture
    def widow(self, dead):
        return Survivor.objects.create(cadre=dead, org=dead.org, name="李秀英")

    def test_only_the_survivor_is_visited(self, dead, officer):
        with pytest.raises(Refused, match="遗属") as refused:
            log(dead, officer)
        assert refused.value.field == "survivor"

    def test_a_visit_to_the_survivor_counts_as_that(self, dead, widow, officer):
        assert log(dead, officer, survivor=widow, occasion="survivor").survivor == widow

    def test_a_visit_before_the_death_may_still_be_logged(self, dead, officer):
        assert log(dead, officer, visited_on=date(2026, 11, 9), late_reason="病重期间忙于陪护").pk

    def test_the_survivor_of_somebody_else_or_of_the_living_is_refused(self, dead, widow, officer, places):
        other = make.cadre(places[HERE], "健在者")
        with pytest.raises(Refused, match="不属于"):
            log(other, officer, survivor=widow)


@pytest.mark.usefixtures("whole")
class TestCorrecting:
    @pytest.fixture
    def visit(self, places, officer, scope_of):
        standards.load()
        who = make.cadre(places[HERE])
        open_plans(scope=scope_of(HERE), year=2026, by=officer, today=date(2026, 1, 1))
        return self.logged(who, officer)

    def logged(self, who, officer, on=None, **given):
        """Logged "now": editing looks at the real day of logging."""
        visit = log(who, officer, **given)
        return Visit.objects.get(pk=visit.pk)

    def day(self, visit):
        return timezone.localdate(visit.logged_at)

    def test_one_s_own_within_the_term_and_the_due_day_follows(self, visit, officer):
        today = max(self.day(visit), TODAY)
        edited = edit_visit(visit=visit, by=officer, today=today, version=1, way="phone", situation=" 改为电话 ")
        assert (edited.way, edited.in_person, edited.situation, edited.version) == ("phone", False, "改为电话", 2)
        assert ServicePlan.objects.get(cadre=visit.cadre).last_visit_on is None

    def test_an_old_version_is_refused(self, visit, officer):
        edit_visit(visit=visit, by=officer, today=self.day(visit), version=1, situation="甲")
        with pytest.raises(Stale):
            edit_visit(visit=visit, by=officer, today=self.day(visit), version=1, situation="乙")

    def test_not_somebody_else_s_and_not_after_a_week(self, visit, officer, person):
        with pytest.raises(Refused, match="只能由走访人"):
            edit_visit(visit=visit, by=person(username="other"), today=self.day(visit), situation="改")
        with pytest.raises(Refused, match="不能再改"):
            edit_visit(visit=visit, by=officer, today=self.day(visit) + timedelta(days=8), situation="改")

    def test_a_voided_visit_counts_for_nothing_and_stays(self, visit, officer):
        with pytest.raises(Refused) as refused:
            void_visit(visit=visit, reason=" ", by=officer, today=TODAY)
        assert refused.value.field == "reason"
        void_visit(visit=visit, reason="记错了人", by=officer, today=TODAY, version=1)
        plan = ServicePlan.objects.get(cadre=visit.cadre)
        assert (plan.last_visit_on, plan.last_contact_on, plan.visit_due_on) == (None, None, date(2026, 6, 30))
        visit.refresh_from_db()
        assert (visit.voided_by, visit.void_reason) == (officer, "记错了人")
        with pytest.raises(Refused, match="已经作废"):
            void_visit(visit=visit, reason="再来", by=officer, today=TODAY)
        with pytest.raises(Refused, match="已作废"):
            edit_visit(visit=visit, by=officer, today=self.day(visit), situation="改")


@pytest.mark.django_db(transaction=True)
def test_pressed_six_times_at_once_saves_once(places, officer, scope_of):
    with entered(scope_of(HERE)):
        standards.load()
        who = make.cadre(places[HERE])
        open_plans(scope=scope_of(HERE), year=2026, by=officer, today=TODAY)
    once, barrier, answers, failures = uuid.uuid4(), threading.Barrier(6), [], []

    def press():
        try:
            barrier.wait()
            with entered(scope_of(HERE)):
                answers.append(log(who, officer, once=once, need="修灯").pk)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(answers)) == 1
    with entered(scope_of(HERE)):
        assert (Visit.objects.count(), PlanItem.objects.count(), AuditEvent.objects.filter(verb="visit.logged").count()) == (1, 1, 1)
