"""Opening plans: everybody once, last year's decisions carried over, two at once."""

import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from apps.activity.models import AuditEvent
from apps.cadres.actions.changes import register_status_change
from apps.cadres.models import Standing
from apps.care import standards
from apps.care.actions.classes import decide_class
from apps.care.actions.items import add_item
from apps.care.actions.plans import assign_worker, begin_year, open_plans
from apps.care.models import ClassDecision, PlanState, Reminder, ServicePlan
from apps.care.tasks import run_day
from apps.core.refusal import Refused
from apps.core.scope import entered
from tests.factories import duties as make

TODAY = date(2026, 11, 22)


@pytest.fixture
def officer(person):
    return person()


@pytest.fixture
def open_for(scope_of, officer):
    return lambda year=2026, today=TODAY, **kwargs: open_plans(scope=scope_of("浔阳区"), year=year, by=officer, today=today, **kwargs)


@pytest.mark.usefixtures("whole")
class TestOpening:
    @pytest.fixture(autouse=True)
    def rules(self, db):
        standards.load()

    def test_everybody_on_the_register_gets_one_with_the_suggested_class_undecided(self, places, open_for):
        ill = make.cadre(places["浔阳区教育局"], "病者", self_care="dependent", resettled=True)
        well = make.cadre(places["浔阳区"], "健者")
        make.cadre(places["濂溪区卫生局"], "邻县")
        make.cadre(places["浔阳区"], "已转出", standing=Standing.MOVED)
        make.cadre(places["浔阳区"], "已故", standing=Standing.DECEASED, deceased_on=TODAY)
        opened = open_for()
        assert (opened.opened, opened.carried, opened.items) == (2, 0, 0)
        plans = {plan.cadre_id: plan for plan in ServicePlan.objects.all()}
        assert set(plans) == {ill.pk, well.pk}
        assert (plans[ill.pk].attention_class, plans[ill.pk].class_decided, plans[ill.pk].away) == ("key", False, True)
        assert plans[well.pk].attention_class == "routine"
        assert plans[ill.pk].org_path == places["浔阳区教育局"].path

    def test_due_days_stand_at_once(self, places, open_for):
        make.cadre(places["浔阳区"], self_care="dependent")
        open_for()
        plan = ServicePlan.objects.get()
        assert (plan.contact_due_on, plan.visit_due_on) == (date(2026, 11, 29), date(2026, 12, 22))

    def test_again_adds_nothing_and_leaves_what_is_there(self, places, open_for):
        make.cadre(places["浔阳区"])
        open_for()
        before = ServicePlan.objects.values().get()
        assert open_for().opened == 0
        assert ServicePlan.objects.values().get() == before

    def test_one_person_alone_can_be_opened(self, places, open_for):
        chosen, _ = make.cadre(places["浔阳区"], "甲"), make.cadre(places["浔阳区"], "乙")
        opened = open_for(cadres=[chosen.pk])
        assert ServicePlan.objects.get(pk=opened.plan_ids[0]).cadre == chosen
        assert ServicePlan.objects.count() == 1

    def test_the_neighbour_s_people_are_out_of_reach_even_when_named(self, places, open_for):
        strange = make.cadre(places["濂溪区卫生局"])
        assert open_for(cadres=[strange.pk]).opened == 0

    @pytest.mark.parametrize("year", [2025, 2028])
    def test_no_other_year_than_this_and_the_next(self, open_for, year):
        with pytest.raises(Refused, match="2026 年和 2027 年"):
            open_for(year=year)

    def test_it_is_on_the_trail(self, places, open_for, officer):
        make.cadre(places["浔阳区"])
        open_for()
        event = AuditEvent.objects.get(verb="plan.opened")
        assert (event.actor_id, event.data["opened"]) == (officer.pk, 1)


@pytest.mark.usefixtures("whole")
class TestTurnOfTheYear:
    @pytest.fixture
    def last_year(self, places, open_for, officer, scope_of):
        """One decided against the suggestion with an open and a done item, one never decided."""
        standards.load()
        make.cadre(places["浔阳区"], "定过类")
        make.cadre(places["浔阳区"], "没定类")
        decided, undecided = open_for().plan_ids
        plan = ServicePlan.objects.get(pk=decided)
        plan.worker = officer
        plan.wishes = "上午方便"
        plan.save()
        decide_class(scope=scope_of("浔阳区"), plan=plan, attention_class="key", note="家里突遭变故", by=officer, today=TODAY)
        add_item(plan=plan, category="errand", need="换优待证", by=officer, due_on=date(2027, 1, 5))
        return plan, ServicePlan.objects.get(pk=undecided)

    def test_class_worker_wishes_and_open_items_go_along(self, last_year, open_for, officer):
        old, _ = last_year
        assert open_for(year=2027).opened == 2
        assert begin_year(today=date(2027, 1, 1)) == 2
        new = ServicePlan.objects.get(cadre=old.cadre_id, year=2027)
        assert (new.attention_class, new.class_decided, new.worker, new.wishes) == ("key", True, officer, "上午方便")
        assert new.starts_on == date(2027, 1, 1)
        item = new.items.get()
        assert (item.need, item.state, item.due_on) == ("换优待证", "open", date(2027, 1, 5))
        decision = new.decisions.get()
        assert (decision.before, decision.after, decision.suggested, decision.note) == ("key", "key", "routine", "沿用上年度类别")

    def test_whoever_was_undecided_is_suggested_anew(self, last_year, open_for):
        _, old = last_year
        old.cadre.living = "alone"
        old.cadre.save()
        open_for(year=2027)
        begin_year(today=date(2027, 1, 1))
        new = ServicePlan.objects.get(cadre=old.cadre_id, year=2027)
        assert (new.attention_class, new.class_decided) == ("key", False)
        assert not ClassDecision.objects.filter(plan=new).exists()

    def test_the_old_plan_is_closed_and_owes_nothing(self, last_year, open_for):
        old, _ = last_year
        Reminder.objects.create(plan=old, org=old.org, rule="contact", due_on=TODAY, stage="upcoming", opened_on=TODAY)
        open_for(year=2027)
        begin_year(today=date(2027, 1, 1))
        old.refresh_from_db()
        assert (old.state, old.contact_due_on, old.visit_due_on) == (PlanState.CLOSED, None, None)
        assert (old.items.get().state, old.items.get().result) == ("dropped", "转入 2027 年方案")
        assert old.reminders.get().settled_at

    def test_until_then_this_year_s_plan_goes_on(self, last_year, open_for):
        old, _ = last_year
        owed = ServicePlan.objects.values_list("contact_due_on", "visit_due_on").get(pk=old.pk)
        assert open_for(year=2027).opened == 2
        assert open_for(year=2027).opened == 0
        assert begin_year(today=date(2026, 12, 31)) == 0
        old.refresh_from_db()
        assert (old.state, old.contact_due_on, old.visit_due_on) == (PlanState.ACTIVE, *owed)
        draft = ServicePlan.objects.get(cadre=old.cadre_id, year=2027)
        assert (draft.state, draft.visit_due_on, draft.items.count()) == (PlanState.DRAFT, None, 0)

    def test_what_was_decided_meanwhile_holds_in_the_new_year(self, last_year, open_for, officer, scope_of, person):
        old, _ = last_year
        open_for(year=2027)
        draft = ServicePlan.objects.get(cadre=old.cadre_id, year=2027)
        add_item(plan=draft, category="study", need="送学", by=officer)
        decide_class(scope=scope_of("浔阳区"), plan=old, attention_class="regular", note="好转", by=officer, today=TODAY)
        other = person(username="other")
        assign_worker(scope=scope_of("浔阳区"), plan_ids=[old.pk], worker=other, by=officer)
        with pytest.raises(Refused, match="草案"):
            decide_class(scope=scope_of("浔阳区"), plan=draft, attention_class="key", note="x", by=officer, today=TODAY)
        assert begin_year(today=date(2027, 1, 9)) == 2
        assert begin_year(today=date(2027, 1, 9)) == 0
        draft.refresh_from_db()
        assert (draft.state, draft.attention_class, draft.worker) == (PlanState.ACTIVE, "regular", other)
        assert sorted(draft.items.values_list("need", flat=True)) == ["换优待证", "送学"]
        assert draft.visit_due_on
        old.refresh_from_db()
        assert old.state == PlanState.CLOSED

    def test_what_was_told_is_not_told_again_because_the_plan_is_another(self, last_year, open_for, places, settings):
        settings.REMIND_ON_DAYS_OFF = True
        make.rules()
        run_day(date(2026, 12, 30), now=timezone.now())
        told = set(Reminder.objects.filter(digest__isnull=False).values_list("rule", "due_on", "stage", "user"))
        waiting = Reminder.objects.filter(digest=None, settled_at=None).count()
        assert told
        open_for(year=2027)
        run_day(date(2027, 1, 1), now=timezone.now())
        rows = Reminder.objects.filter(opened_on=date(2027, 1, 1))
        assert not told & set(rows.values_list("rule", "due_on", "stage", "user"))
        assert set(Reminder.objects.filter(digest__isnull=False, plan__isnull=False).values_list("plan__year", flat=True)) == {2027}
        assert Reminder.objects.filter(digest=None, settled_at=None).exclude(opened_on=date(2027, 1, 1)).count() == waiting

    def test_part_by_part_until_all_have_begun(self, last_year, open_for):
        open_for(year=2027)
        assert [begin_year(today=date(2027, 1, 1), most=1) for _ in range(3)] == [1, 1, 0]

    def test_a_draft_that_cannot_begin_keeps_no_reminder_from_opening(self, last_year, open_for, officer, settings):
        settings.REMIND_ON_DAYS_OFF = True
        make.rules()
        open_for(year=2027)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE")
            cursor.execute("ALTER TABLE care_serviceplan ADD CONSTRAINT nobody_begins CHECK (NOT (year = 2027 AND state = 'active'))")
            cursor.execute("SET ROLE portal_root")
        with pytest.raises(IntegrityError):
            run_day(date(2027, 3, 1), now=timezone.now())
        assert Reminder.objects.filter(opened_on=date(2027, 3, 1), plan__year=2026).exists()
        assert ServicePlan.objects.filter(year=2026, state=PlanState.ACTIVE).count() == 2

    def test_a_death_ends_the_draft_too_and_one_taken_back_wakes_both(self, last_year, open_for, officer, scope_of):
        old, _ = last_year
        open_for(year=2027)
        change = {"cadre": old.cadre, "by": officer, "scope": scope_of("浔阳区"), "today": TODAY, "effective_on": TODAY}
        register_status_change(kind="deceased", **change)
        states = ServicePlan.objects.filter(cadre=old.cadre_id).order_by("year").values_list("state", flat=True)
        assert list(states) == [PlanState.CLOSED, PlanState.CLOSED]
        assert begin_year(today=date(2027, 1, 1)) == 1
        old.cadre.refresh_from_db()
        register_status_change(kind="restored", **change | {"cadre": old.cadre})
        assert list(states.all()) == [PlanState.ACTIVE, PlanState.DRAFT]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_open_one_plan_each(places, officer, scope_of):
    with entered(scope_of("浔阳区")):
        standards.load()
        for n in range(20):
            make.cadre(places["浔阳区"], f"测试{n}")
    barrier, made = threading.Barrier(4), []

    def press():
        try:
            barrier.wait()
            with entered(scope_of("浔阳区")):
                made.append(open_plans(scope=scope_of("浔阳区"), year=2026, by=officer, today=TODAY).opened)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 20
    with entered(scope_of("浔阳区")):
        assert ServicePlan.objects.count() == 20
