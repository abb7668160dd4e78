"""Dividing the people of a campaign by hand: to somebody else, out with a reason, in again. Of a draft it is noted, of a running one the to-dos change."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.accounts.permissions import Right
from apps.accounts.selectors import memberships_of, rights_of
from apps.activity import audit
from apps.cadres.models import Cadre, Standing, Survivor
from apps.care.actions.campaigns import held
from apps.care.actions.todos import close_todos
from apps.care.models import Campaign, CampaignState, Reminder, ToDo, ToDoState
from apps.care.selectors import campaigns as selectors
from apps.core.refusal import Refused
from apps.core.scope import Scope

EXCLUDED = "不列入："
"""How the result of an excluded to-do begins; what ended for another reason isn't taken in again by hand."""


@transaction.atomic
def hand_over(*, scope: Scope, campaign: Campaign, keys: Iterable[int], worker, by, today: date) -> int:
    """Give these people to ``worker`` (None: to nobody in particular); returns how many changed hands.

    ``keys`` are people (or survivors) of a draft, to-dos of a running campaign. Raises ``Refused`` where the worker couldn't see somebody.
    """
    found, keys = held(campaign, CampaignState.DRAFT, CampaignState.RUNNING), _some(keys)
    reach = _reach(worker, today) if worker else ("/",)
    if found.state == CampaignState.DRAFT:
        people = _people(scope, found, keys)
        _mind_reach(worker, reach, people)
        keys = list(people.values_list("pk", flat=True))
        _note(found, "moved", {key: worker.pk if worker else None for key in keys})
        moved = len(keys)
    else:
        rows = selectors.todos(scope, found).filter(pk__in=keys, state=ToDoState.OPEN)
        _mind_reach(worker, reach, rows)
        rows = rows.exclude(worker=worker) if worker else rows.exclude(worker=None)
        keys = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        Reminder.objects.filter(todo__in=keys, user=F("todo__worker"), digest=None, settled_at=None).update(settled_at=timezone.now())
        moved = ToDo.objects.filter(pk__in=keys).update(worker=worker, version=F("version") + 1)
    if moved:
        audit.record("campaign.handed_over", found, by=by, data={"people": moved, "worker": getattr(worker, "pk", None)})
    return moved


def _some(keys: Iterable[int]) -> list[int]:
    if not (found := sorted(set(keys))):
        raise Refused("请先勾选要调整的人。", code="nobody_chosen")
    return found


def _reach(worker, today: date) -> tuple[str, ...]:
    return tuple(one.org.path for one in memberships_of(worker, today) if Right.CARE_VISIT in rights_of(one))


def _mind_reach(worker, reach: tuple[str, ...], rows: QuerySet) -> None:
    strange = [path for path in rows.order_by().values_list("org_path", flat=True) if not path.startswith(reach)] if reach else list(rows[:1])
    if strange:
        raise Refused(f"{worker}的工作范围不含其中 {len(strange)} 人的单位，请分开选，或交给当地的人。", code="out_of_reach", status=409)


def _people(scope: Scope, found: Campaign, keys: list[int]) -> QuerySet:
    return (Survivor if found.concerns == "survivor" else Cadre).objects.visible_to(scope).filter(pk__in=keys)


def _note(found: Campaign, what: str, more: dict, less: Iterable[int] = ()) -> None:
    """What is decided by hand, kept in the draft."""
    kept = dict(found.by_hand)
    gone = {str(key) for key in less}
    kept[what] = {key: value for key, value in (kept.get(what, {}) | {str(key): value for key, value in more.items()}).items() if key not in gone}
    found.by_hand = kept
    found.save(update_fields=["by_hand"])


@transaction.atomic
def exclude(*, scope: Scope, campaign: Campaign, keys: Iterable[int], reason: str, by) -> int:
    """Not to be visited after all, with the reason; returns how many. Raises ``Refused`` (field ``reason``)."""
    if not reason.strip():
        raise Refused("请写明为什么不走访，如：本人在外地过冬。", code="reason_required", field="reason")
    found, keys = held(campaign, CampaignState.DRAFT, CampaignState.RUNNING), _some(keys)
    note = f"{EXCLUDED}{reason.strip()}"[:300]
    if found.state == CampaignState.DRAFT:
        keys = list(_people(scope, found, keys).values_list("pk", flat=True))
        _note(found, "excluded", dict.fromkeys(keys, note))
        out = len(keys)
    else:
        out = close_todos(todos=selectors.todos(scope, found).filter(pk__in=keys), note=note, by=by)
    if out:
        audit.record("campaign.excluded", found, by=by, note=reason.strip(), data={"people": out})
    return out


@transaction.atomic
def readmit(*, scope: Scope, campaign: Campaign, keys: Iterable[int], by) -> int:
    """Take back what ``exclude`` did; returns for how many. Who has died or left meanwhile stays out."""
    found, keys = held(campaign, CampaignState.DRAFT, CampaignState.RUNNING), _some(keys)
    if found.state == CampaignState.DRAFT:
        known = {int(key) for key in found.by_hand.get("excluded", {})} & set(keys)
        _note(found, "excluded", {}, less=known)
        back = len(known)
    else:
        standing = Standing.DECEASED if found.concerns == "survivor" else Standing.ACTIVE
        rows = selectors.todos(scope, found).filter(pk__in=keys, state=ToDoState.CLOSED, result__startswith=EXCLUDED, cadre__standing=standing)
        again = ToDo.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
        back = again.update(state=ToDoState.OPEN, result="", done_by=None, version=F("version") + 1)
    if back:
        audit.record("campaign.readmitted", found, by=by, data={"people": back})
    return back
