"""A stage may tell a role beside the person responsible: both hear it once, whoever is both once too."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import Membership
from apps.accounts.permissions import Role
from apps.care import standards
from apps.care.models import Reminder, ServicePlan, StageRule
from apps.care.reminders import RULES, open_reminders, send_digests, settle
from apps.care.reminders.ledger import RHYTHM
from apps.core.scope import system_scope
from tests.factories import duties as make

DUE = date(2026, 1, 31)
TOLD = import_module("apps.care.migrations.0022_told_beside").TOLD


@pytest.fixture
def plan(places, person):
    with system_scope("test"):
        make.rules()
        StageRule.objects.filter(stage="overdue").update(also_to=Role.COUNTY_OFFICER)
        StageRule.objects.filter(stage="escalated").update(goes_to=Role.LEADER)
        worker, _, _ = person(username="worker"), person("浔阳区", Role.COUNTY_OFFICER, username="head"), person("浔阳区", Role.LEADER, username="leader")
        return make.plan(make.cadre(places["浔阳区教育局"]), date(2026, 1, 1), worker=worker)


def told(day: date) -> dict[str, set[str]]:
    """Stage → who was told on ``day``, after running it twice."""
    with system_scope("test"):
        settle(today=day)
        for _ in range(2):
            open_reminders(today=day)
            send_digests(today=day, now=timezone.now())
        rows = Reminder.objects.filter(rule="contact", opened_on=day, digest__isnull=False)
        found: dict[str, set[str]] = {}
        for row in rows.select_related("user"):
            assert row.user.username not in found.setdefault(row.stage, set())
            found[row.stage].add(row.user.username)
        return found


def test_worker_then_worker_and_head_then_leader(plan, settings):
    settings.REMIND_ON_DAYS_OFF = True
    assert told(DUE - timedelta(days=7)) == {"upcoming": {"worker"}}
    assert told(DUE + timedelta(days=1)) == {"overdue": {"worker", "head"}}
    assert told(DUE + timedelta(days=15)) == {"escalated": {"leader"}}


def test_who_is_both_hears_it_once_and_the_finished_nobody(plan, settings):
    settings.REMIND_ON_DAYS_OFF = True
    with system_scope("test"):
        Membership.objects.filter(user__username="head").delete()
        Membership.objects.filter(user__username="worker").update(role=Role.COUNTY_OFFICER)
    assert told(DUE + timedelta(days=1)) == {"overdue": {"worker"}}
    with system_scope("test"):
        Reminder.objects.all().delete()
        make.visit(plan.cadre, DUE + timedelta(days=1), worker=plan.worker)
    assert told(DUE + timedelta(days=2)) == {}


def test_a_stage_somebody_has_changed_stays_as_it_is(db):
    with system_scope("test"), connection.cursor() as cursor:
        standards.load()
        StageRule.objects.update(also_to="")
        cursor.execute(TOLD)
        assert StageRule.objects.get(stage="overdue").also_to == Role.COUNTY_OFFICER
        StageRule.objects.filter(stage="overdue").update(offset_days=3, also_to="")
        cursor.execute(TOLD)
        assert StageRule.objects.get(stage="overdue").also_to == ""


@pytest.mark.parametrize("away", [True, False])
def test_the_statement_owes_what_the_rules_say(plan, away):
    """``RHYTHM`` is written out for speed; it must be the table ``RULES`` in another form."""
    day = DUE + timedelta(days=400)
    with system_scope("test"), connection.cursor() as cursor:
        ServicePlan.objects.update(away=away)
        settle(today=DUE)
        cursor.execute(f"SELECT rule, due_on FROM ({RHYTHM}) r", {"newest": day})
        told = sorted(cursor.fetchall())
        rules = [rule for rule in RULES.values() if ServicePlan.objects.filter(rule.binds).exists()]
        plan.refresh_from_db()
        assert told == sorted((rule.key, getattr(plan, rule.due)) for rule in rules)
        assert len(told) == 2
