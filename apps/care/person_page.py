"""What care shows on a person's page: what is to be done now, the plan, the visits, and its lines of the timeline."""

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from apps.accounts.permissions import Right
from apps.cadres.models import Standing
from apps.cadres.registries import PANELS, TABLE_TITLES, TIMELINE, Panel, TimelineEntry
from apps.care.selectors import aid, codes, doctors, hospital, plans, rules, surveys, todos, visits
from apps.care.selectors.codes import AID_TABLE, OCCASION_TABLE, WAY_TABLE
from apps.care.selectors.suggestions import suggestion_of
from apps.care.standards import CODE_TABLE_TITLES, STAGES

AHEAD = timedelta(days=-min(days for _, days, *_ in STAGES))
SHOWN = 50
SHOWN_STAYS = 5
TIMELINE_VISITS = 200
AID_SHOWN = 5


def to_do(request, cadre) -> dict:
    """Duties of the plan that are late or near, and open items."""
    plan = plans.plan_of(request.scope, cadre.pk)
    soon = request.today + AHEAD
    duties = []
    if plan and plan.visit_due_on and plan.visit_due_on <= soon:
        duties.append({"word": "易地安置走访" if plan.away else "上门走访", "due_on": plan.visit_due_on, "last": plan.last_visit_on, "last_word": "上次见面", "way": ""})
    if plan and plan.contact_due_on and plan.contact_due_on <= soon:
        duties.append({"word": "电话联系", "due_on": plan.contact_due_on, "last": plan.last_contact_on, "last_word": "上次联系", "way": "phone"})
    open_todos = list(todos.todos_of(request.scope, cadre.pk).filter(state="open", opens_on__lte=request.today).order_by("due_on", "pk"))
    return {
        "plan": plan, "duties": sorted(duties, key=lambda duty: duty["due_on"]), "items": plans.open_items(request.scope, cadre.pk, without_todo=True),
        "todos": open_todos, "asking": surveys.asking(request.scope, [todo.pk for todo in open_todos]), "may_log": Right.CARE_VISIT in request.rights,
        "can_log": Right.CARE_VISIT in request.rights and cadre.standing == Standing.ACTIVE, "alive": cadre.standing == Standing.ACTIVE,
        "can_plan": Right.CARE_PLAN in request.rights, "year": request.today.year,
    }  # fmt: skip


def plan_tab(request, cadre) -> dict:
    """The newest plan with its items, class and suggestion; earlier years as links."""
    years = list(plans.plans_of(request.scope, cadre.pk))
    may = Right.CARE_PLAN in request.rights
    context = {"years": years, "names": codes.names(), "can_plan": may and cadre.standing == Standing.ACTIVE, "year": request.today.year, "plan": None}
    context["can_item"] = bool(request.rights & {Right.CARE_VISIT, Right.CARE_PLAN})
    if years:
        plan, asked = plans.plan_with_suggestion(request.scope, years[0].pk, request.today)
        suggestion = suggestion_of(plan, asked)
        items = plans.items(plan)
        context |= {
            "dates": todos.of_items([item.pk for item in items]),
            "plan": plan, "suggestion": suggestion, "items": items, "decisions": plans.decisions_of(request.scope, cadre.pk),
            "frequency": rules.frequencies(request.today).get(plan.attention_class), "can_plan": may and plan.state == "active",
            "differs": plan.class_decided and suggestion.attention_class != plan.attention_class,
        }  # fmt: skip
    return context


def doctor_panel(request, cadre) -> dict:
    """The doctor's term that runs or comes, with the earlier ones."""
    terms = list(doctors.contracts_of(request.scope, cadre.pk))
    alive = cadre.standing == Standing.ACTIVE
    return {"terms": terms, "last": terms[0] if terms else None, "may": alive and bool(request.rights & {Right.CARE_VISIT, Right.CARE_PLAN})}


def visits_tab(request, cadre) -> dict:
    found = visits.visits_of(request.scope, cadre.pk)
    return {
        "visits": found[:SHOWN], "total": found.count(), "shown": SHOWN, "names": codes.names(),
        "can_log": Right.CARE_VISIT in request.rights and cadre.standing != Standing.MOVED, "gone": cadre.standing == Standing.DECEASED,
    }  # fmt: skip


def hospital_panel(request, cadre) -> dict:
    """Stays, the running one with whether anybody has been there."""
    rows, grades = list(hospital.stays_of(request.scope, cadre.pk)[:SHOWN_STAYS]), dict(codes.values_of("self_care"))
    for n, row in enumerate(rows):
        row.here = n == 0 and row.left_on is None and cadre.standing == Standing.ACTIVE
        row.days, row.grade = hospital.days(row.effective_on, request.today), grades.get(row.left_grade, "")
    return {"stays": rows, "can_log": Right.CARE_VISIT in request.rights}


@TIMELINE.register("care")
def timeline(scope, cadre) -> Iterable[TimelineEntry]:
    """Visits that stand, decided classes, closed items."""
    names = codes.names()
    for visit in visits.visits_of(scope, cadre.pk).filter(voided_at=None)[:TIMELINE_VISITS]:
        yield TimelineEntry(visit.visited_on, _sentence(visit, names), reverse("care:visit", args=[visit.pk]), _detail(visit))
    for one in plans.decisions_of(scope, cadre.pk):
        if one.before != one.after:
            sentence = f"类别由「{one.get_before_display()}」改为「{one.get_after_display()}」" if one.before else f"类别定为「{one.get_after_display()}」"
            yield TimelineEntry(timezone.localdate(one.at), sentence, reverse("care:plan", args=[one.plan_id]), f"{one.by}确定" + (f"：{one.note}" if one.note else ""))
    for item in plans.closed_items(scope, cadre.pk):
        yield TimelineEntry(timezone.localdate(item.closed_at), f"{item.get_state_display()}：{item.need}", reverse("care:plan", args=[item.plan_id]), item.result)


@TIMELINE.register("surveys")
def survey_timeline(scope, cadre) -> Iterable[TimelineEntry]:
    """Surveys answered, and the needs voiced."""
    for one in surveys.answers_of(scope, cadre.pk):
        voiced = "；".join(said for row in one.campaign.questions.all() if (said := surveys.need_of(row, one.answers)))
        whom = f"，问的是遗属{one.survivor.name}" if one.survivor else ""
        sentence = f"问需（{one.get_manner_display()}）：{one.campaign.title}{whom}"
        yield TimelineEntry(one.answered_on, sentence, reverse("care:answer", args=[one.pk]), f"提出：{voiced}" if voiced else f"没有提出需求，{one.by}")


@TIMELINE.register("aid")
def aid_timeline(scope, cadre) -> Iterable[TimelineEntry]:
    """What was granted and paid."""
    kinds = codes.names()[AID_TABLE]
    for case in aid.cases_of(scope, cadre.pk).filter(amount_granted__isnull=False):
        paid = f"，{case.paid_on:%Y-%m-%d} 发放" if case.paid_on else ""
        sentence = f"困难帮扶（{kinds.get(case.kind, case.kind)}）批准 {case.amount_granted:,.2f} 元{paid}"
        yield TimelineEntry(case.approved_on, sentence, reverse("care:aid_case", args=[case.pk]), f"遗属{case.survivor.name}" if case.survivor else "")


def aid_panel(request, cadre) -> dict:
    """The latest applications, and whether one may apply."""
    may = Right.AID_APPLY in request.rights and cadre.standing in (Standing.ACTIVE, Standing.DECEASED)
    return {"cases": aid.cases_of(request.scope, cadre.pk)[:AID_SHOWN], "aid_kinds": codes.names()[AID_TABLE], "can_apply": may}


def _sentence(visit, names: dict) -> str:
    occasion, way = names[OCCASION_TABLE].get(visit.occasion, visit.occasion), names[WAY_TABLE].get(visit.way, visit.way)
    whom = f"遗属{visit.survivor.name}" if visit.survivor else "本人" if visit.in_person else ""
    met = f"，见到{whom}" if visit.in_person else f"（{whom}）" if whom else ""
    return f"{occasion}，{way}{met}。{visit.situation}"


def _detail(visit) -> str:
    photos = len(visit.photos.all())
    return "；".join(part for part in (f"需求：{visit.need}" if visit.need else "", f"照片 {photos} 张" if photos else "", f"{visit.worker}") if part)


PANELS.add("care.to_do", Panel("眼下要做的", "overview", "care/_person_to_do.html", to_do, order=10))
PANELS.add("care.hospital", Panel("住院", "overview", "care/_person_hospital.html", hospital_panel, order=20))
PANELS.add("care.plan", Panel("一人一策", "plan", "care/_person_plan.html", plan_tab, order=10))
PANELS.add("care.doctor", Panel("家庭医生签约", "plan", "care/_person_doctor.html", doctor_panel, order=20))
PANELS.add("care.visits", Panel("走访", "visits", "care/_person_visits.html", visits_tab, order=10))
PANELS.add("care.aid", Panel("困难帮扶", "overview", "care/_person_aid.html", aid_panel, order=220))
for table, title in CODE_TABLE_TITLES.items():
    TABLE_TITLES.add(table, title)
