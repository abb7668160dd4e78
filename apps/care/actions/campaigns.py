"""Making a campaign, changing it while it is a draft, starting, taking new people in, ending."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least

from apps.accounts.models import Organization
from apps.activity import audit
from apps.care.actions.todos import close_todos
from apps.care.models import Campaign, CampaignState, Share, ToDo
from apps.care.reminders import open_campaign
from apps.care.selectors import campaigns as selectors
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope

FIELDS = ("title", "occasion", "concerns", "meet", "starts_on", "ends_on", "note", "whom", "share", "helpers")
ENDED = "集中走访结束"


@dataclass(frozen=True)
class Started:
    """``opened`` to-dos; ``again``: somebody had started it before."""

    opened: int
    again: bool


def _check(values: dict, scope: Scope, org: Organization, today: date) -> None:
    if not values["title"].strip():
        raise Refused("请写明名称，如：重阳走访。", code="title_required", field="title")
    if values["ends_on"] < values["starts_on"]:
        raise Refused("截止日期早于开始日期。", code="date_order", field="ends_on")
    if values["ends_on"] < today:
        raise Refused("截止日期已经过了，请改到今天或以后。", code="over_already", field="ends_on")
    if values["share"] == Share.CHOSEN and not values["helpers"]:
        raise Refused("请选出由谁分担，或改为平均分给当地工作人员。", code="helpers_required", field="helpers")
    if not scope.covers(org.path):
        raise Refused("只能在自己的管理范围内组织。", code="outside", field="org")


@transaction.atomic
def make_campaign(*, scope: Scope, org: Organization, by, today: date, **values) -> Campaign:
    """A draft for ``org``; ``values`` are ``FIELDS``. Raises ``Refused`` (fields ``title``, ``ends_on``, ``helpers``, ``org``)."""
    _check(values, scope, org, today)
    made = Campaign.objects.create(org=org, created_by=by, **values)
    audit.record("campaign.made", made, by=by)
    return made


def held(campaign: Campaign, *states: str, version: int | None = None) -> Campaign:
    """The campaign under a row lock, if it is in one of these states. Raises ``Refused``, ``Stale``."""
    found = Campaign.objects.select_for_update(of=("self",)).select_related("org").get(pk=campaign.pk)
    if found.state not in states:
        raise Refused(f"“{found.title}”{found.get_state_display()}，现在不能这样做。", code="campaign_state", status=409)
    if version is not None and found.version != version:
        raise Stale()
    return found


@transaction.atomic
def change_campaign(*, scope: Scope, campaign: Campaign, by, today: date, version: int | None = None, **values) -> Campaign:
    """Change ``FIELDS`` (and ``org``) of a draft. Other people concerned: what was divided by hand stays for those still among them. Raises ``Refused``, ``Stale``."""
    found = held(campaign, CampaignState.DRAFT, version=version)
    org = values.pop("org", found.org)
    _check({name: getattr(found, name) for name in FIELDS} | values, scope, org, today)
    for name, value in values.items():
        setattr(found, name, value)
    found.org, found.version = org, found.version + 1
    found.save()
    audit.record("campaign.changed", found, by=by)
    return found


@transaction.atomic
def start_campaign(*, campaign: Campaign, by, today: date, now: datetime) -> Started:
    """Open its to-dos. Pressed again, or by two people at once, it opens nothing more. Raises ``Refused`` (ended; nobody concerned)."""
    found = held(campaign, CampaignState.DRAFT, CampaignState.RUNNING)
    if found.state == CampaignState.RUNNING:
        return Started(0, True)
    if found.ends_on < today:
        raise Refused("截止日期已经过了，请先修改。", code="over_already", status=409)
    opened = open_campaign(found, today=today)
    if not opened:
        raise Refused("没有符合条件的人，请先放宽对象条件。", code="nobody", status=409)
    found.state, found.started_at, found.started_by, found.by_hand, found.version = CampaignState.RUNNING, now, by, {}, found.version + 1
    found.save(update_fields=["state", "started_at", "started_by", "by_hand", "version"])
    audit.record("campaign.started", found, by=by, data={"people": opened})
    return Started(opened, False)


@transaction.atomic
def take_in(*, campaign: Campaign, by, today: date) -> int:
    """To-dos for whoever fits and has none yet: new arrivals. Returns how many. Raises ``Refused`` unless it runs."""
    found = held(campaign, CampaignState.RUNNING)
    opened = open_campaign(found, today=today)
    if opened:
        audit.record("campaign.taken_in", found, by=by, data={"people": opened})
    return opened


@transaction.atomic
def extend_campaign(*, scope: Scope, campaign: Campaign, ends_on: date, note: str, by, today: date, version: int | None = None) -> int:
    """Another last day while it runs, with the reason: open to-dos follow, but for those put off one by one. Returns how many. Raises ``Refused``, ``Stale``."""
    found = held(campaign, CampaignState.RUNNING, version=version)
    if ends_on < max(found.starts_on, today):
        raise Refused("新的截止日期不能早于今天和开始日期。", code="date_order", field="ends_on")
    if ends_on == found.ends_on:
        raise Refused("截止日期没有变。", code="unchanged", field="ends_on")
    if not note.strip():
        raise Refused("请写明改期原因，如：连日大雪，路不通。", code="note_required", field="note")
    was, found.ends_on, found.version = found.ends_on, ends_on, found.version + 1
    found.save(update_fields=["ends_on", "version"])
    waiting = ToDo.objects.filter(pk__in=selectors.todos(scope, found).filter(state="open", due_on=was).values("pk"))
    moved = waiting.update(due_on=ends_on, opens_on=Least("opens_on", Value(ends_on)), moved_note=note.strip(), version=F("version") + 1)
    audit.record("campaign.changed", found, by=by, note=note.strip(), data={"was": str(was), "now": str(ends_on), "people": moved})
    return moved


@transaction.atomic
def end_campaign(*, scope: Scope, campaign: Campaign, reason: str, by, now: datetime, version: int | None = None) -> int:
    """Close what is still open, with the reason; a draft is laid aside. Returns how many were closed. Raises ``Refused`` (field ``reason``), ``Stale``."""
    found = held(campaign, CampaignState.DRAFT, CampaignState.RUNNING, version=version)
    waiting = selectors.filtered(scope, found, {"state": "open"}, now.date())
    if not reason.strip() and (waiting.exists() or found.state == CampaignState.DRAFT):
        raise Refused("还有没走访的人，请写明为什么现在结束。" if found.state == CampaignState.RUNNING else "请写明为什么不办了。", code="reason_required", field="reason")
    closed = close_todos(todos=waiting.select_related(None).order_by(), note=f"{ENDED}：{reason.strip()}"[:300], by=by)
    found.state, found.ended_at, found.ended_by, found.end_reason, found.version = CampaignState.ENDED, now, by, reason.strip(), found.version + 1
    found.save(update_fields=["state", "ended_at", "ended_by", "end_reason", "version"])
    audit.record("campaign.ended", found, by=by, note=reason.strip(), data={"closed": closed})
    return closed
