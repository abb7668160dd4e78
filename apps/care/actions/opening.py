"""Turn of the year: what goes from a person's last plan into the new one."""

from datetime import date

from django.db import connection
from django.db.models import BooleanField, CharField, DateField, DateTimeField, F, IntegerField, OuterRef, PositiveSmallIntegerField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from apps.care.models import ClassDecision, ItemState, PlanItem, PlanState, ServicePlan
from apps.care.models.plan import CARRIED
from apps.care.reminders.occurrences import PER_ITEM
from apps.care.selectors.suggestions import class_only, rules_in_force, suggestion_of, with_suggestion
from apps.core.scope import system_scope

INSERT_COLUMNS = (
    "cadre_id", "org_id", "org_path", "away", "year", "state", "starts_on", "version", "created_at", "created_by_id",
    "attention_class", "worker_id", "wishes", "class_decided",
)  # fmt: skip
CHUNK = 1000
TODOS_GO_ALONG = f"""
UPDATE care_todo t SET item_id = g.new, subject_id = g.new * {PER_ITEM} + t.subject_id %% {PER_ITEM}, version = t.version + 1
FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) g(old, new) WHERE t.item_id = g.old AND t.state = 'open'
"""
"""What is open of a carried item belongs to the item of the new plan."""
PARTS_GO_ALONG = """
UPDATE care_itempart t SET item_id = g.new FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) g(old, new) WHERE t.item_id = g.old
"""


FOLLOWS = """
UPDATE care_serviceplan d SET attention_class = CASE WHEN c.class_decided THEN c.attention_class ELSE d.attention_class END, class_decided = c.class_decided,
  worker_id = c.worker_id, wishes = c.wishes, away = c.away, community = c.community, lunar_birthday = c.lunar_birthday,
  moved_to = c.moved_to, moved_on = c.moved_on, moved_note = c.moved_note
FROM care_serviceplan c WHERE d.id = ANY(%(drafts)s) AND c.cadre_id = d.cadre_id AND c.state = 'active'
"""
"""What was decided about the person since the draft was made holds in the new year too."""


TOLD_GOES_ALONG = """
UPDATE care_reminder r SET plan_id = n.id FROM care_serviceplan n JOIN care_serviceplan o ON o.cadre_id = n.cadre_id AND o.year < n.year
WHERE n.id = ANY(%(plans)s) AND r.plan_id = o.id AND r.due_on = CASE WHEN r.rule = 'contact' THEN n.contact_due_on ELSE n.visit_due_on END
  AND (r.rule = 'contact' OR (r.rule = 'away') = n.away)
"""
"""What has been told of a duty that goes on was told: it isn't told again because the plan is another."""


def new_plans(people: QuerySet, *, year: int, by, today: date) -> tuple[str, tuple]:
    """SELECT (with parameters) that yields one row of ``INSERT_COLUMNS`` for each of ``people``: drafts where the year hasn't come yet."""
    last = ServicePlan.objects.filter(cadre=OuterRef("pk"), year__lt=year).order_by("-year")
    decided = last.filter(class_decided=True)
    rows = class_only(people.order_by("org_path", "pk"), today).annotate(
        plan_year=Value(year, output_field=PositiveSmallIntegerField()),
        plan_state=Value(str(PlanState.DRAFT if year > today.year else PlanState.ACTIVE), output_field=CharField()),
        plan_start=Greatest(Value(date(year, 1, 1), output_field=DateField()), Value(today, output_field=DateField())),
        plan_version=Value(1, output_field=IntegerField()),
        plan_made=Value(timezone.now(), output_field=DateTimeField()),
        plan_by=Value(getattr(by, "pk", None), output_field=IntegerField()),
        plan_class=Coalesce(Subquery(decided.values("attention_class")[:1]), F("suggested_class"), output_field=CharField()),
        plan_worker=Subquery(last.values("worker")[:1]),
        plan_wishes=Coalesce(Subquery(last.values("wishes")[:1]), Value(""), output_field=CharField()),
        plan_decided=Coalesce(Subquery(decided.values("class_decided")[:1]), Value(False), output_field=BooleanField()),
    )
    names = "pk org_id org_path resettled plan_year plan_state plan_start plan_version plan_made plan_by plan_class plan_worker plan_wishes plan_decided"
    return rows.values_list(*names.split()).query.sql_with_params()


def follow_present(drafts: list[int]) -> None:
    """Class, person responsible, wishes and the like of the plans now in force go into these drafts."""
    with connection.cursor() as cursor:
        cursor.execute(FOLLOWS, {"drafts": drafts})


def carry_ledger(plan_ids: list[int]) -> None:
    """Reminders of duties that these plans, their due days settled, now owe in place of earlier ones."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD_GOES_ALONG, {"plans": plan_ids})


def carry_decisions(plan_ids: list[int], *, by, today: date) -> int:
    """For plans that took a decided class over: the decision row that says so, with what the record suggests now. Returns how many."""
    rules, made = rules_in_force(today), 0
    for start in range(0, len(plan_ids), CHUNK):
        plans = ServicePlan.objects.filter(pk__in=plan_ids[start : start + CHUNK], class_decided=True)
        rows = []
        for plan in with_suggestion(plans, today, "cadre__", rules):
            found = suggestion_of(plan, rules)
            rows.append(
                ClassDecision(
                    plan=plan, org_id=plan.org_id, org_path=plan.org_path, before=plan.attention_class, after=plan.attention_class,
                    suggested=found.attention_class, reasons=found.reasons, note=CARRIED, by=by,
                )
            )  # fmt: skip
        made += len(ClassDecision.objects.bulk_create(rows))
    return made


def carry_items(plan_ids: list[int], *, year: int, by) -> int:
    """Copy open items of these people's earlier plans into the new ones. The old ones are dropped when the old plan closes."""
    target = dict(ServicePlan.objects.filter(pk__in=plan_ids).values_list("cadre", "pk"))
    still = PlanItem.objects.filter(plan__cadre__plans__in=plan_ids, plan__year__lt=year, plan__state=PlanState.ACTIVE, state=ItemState.OPEN)
    rows, before = [], []
    for item in still.select_related("plan"):
        before.append(item.pk)
        item.plan_id, item.pk = target[item.plan.cadre_id], None
        item._state.adding = True
        rows.append(item)
    made = PlanItem.objects.bulk_create(rows, batch_size=CHUNK)
    if made:
        with connection.cursor() as cursor:
            cursor.execute(TODOS_GO_ALONG, {"old": before, "new": [item.pk for item in made]})
        with system_scope("parts go along"), connection.cursor() as cursor:
            cursor.execute(PARTS_GO_ALONG, {"old": before, "new": [item.pk for item in made]})
    return len(made)
