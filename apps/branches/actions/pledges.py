"""公开承诺: made, changed, followed quarter by quarter, kept or not; commented from above; shown without a login."""

import secrets
from datetime import date, datetime

from django.db import transaction

from apps.activity import audit
from apps.branches.actions.branches import held as held_branch
from apps.branches.models import Branch, CommentForm, PartyMember, Pledge, PledgeComment, PledgePage, PledgeProgress, PledgeState
from apps.core.calendar import quarter_of
from apps.core.refusal import Refused, Stale

FIELDS = ("text", "measure", "responsible", "due_on", "name_shown")


def held(pledge: Pledge, version: int | None = None, *, closed: bool = False) -> Pledge:
    """The pledge under a row lock; ``closed`` also takes one that is. Raises ``Refused``, ``Stale``."""
    found = Pledge.objects.select_for_update(of=("self",)).select_related("org", "branch", "member__cadre").get(pk=pledge.pk)
    if version is not None and found.version != version:
        raise Stale()
    if not closed and found.state != PledgeState.OPEN:
        raise Refused(f"这项承诺{found.get_state_display()}，不能再改。", code="pledge_closed", status=409)
    return found


def _check(values: dict, year: int, today: date) -> None:
    if not values["text"].strip():
        raise Refused("请写承诺事项，一项写一件事。", code="text_required", field="text")
    if not date(year, 1, 1) <= values["due_on"] <= date(year, 12, 31):
        raise Refused(f"完成时限应在 {year} 年内。", code="date_year", field="due_on")


@transaction.atomic
def make_pledge(*, branch: Branch, year: int, by, today: date, member: PartyMember | None = None, **values) -> Pledge:
    """A pledge of the branch, or of one of its present members. ``values`` are ``FIELDS``. Raises ``Refused`` (fields ``year``, ``member``, ``text``, ``due_on``)."""
    found = held_branch(branch)
    if year not in (today.year, today.year + 1):
        raise Refused(f"只能登记 {today.year} 年和 {today.year + 1} 年的承诺。", code="year_out_of_range", field="year")
    if member and (member.branch_id != found.pk or member.left_on):
        raise Refused("承诺党员应是本支部现在的党员。", code="not_a_member", field="member")
    _check(values, year, today)
    if values["due_on"] < today:
        raise Refused("完成时限已经过了。", code="date_past", field="due_on")
    made = Pledge.objects.create(branch=found, org=found.org, member=member, year=year, created_by=by, **values)
    audit.record("pledge.made", made, by=by, title=str(found))
    return made


@transaction.atomic
def change_pledge(*, pledge: Pledge, by, today: date, version: int | None = None, **values) -> Pledge:
    """Change ``FIELDS`` of one still open. Raises ``Refused``, ``Stale``."""
    found = held(pledge, version)
    _check(values, found.year, today)
    was = {name: str(getattr(found, name)) for name, value in values.items() if getattr(found, name) != value}
    if not was:
        return found
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    found.save()
    audit.record("pledge.changed", found, by=by, title=str(found.branch), data={"was": was})
    return found


@transaction.atomic
def log_progress(*, pledge: Pledge, quarter: int, text: str, by, today: date, now: datetime) -> PledgeProgress:
    """What was done in a quarter of the pledge's year, up to the running one; written again, it replaces what stood there. Raises ``Refused``."""
    found = held(pledge)
    if not text.strip():
        raise Refused("请写这个季度做了什么。", code="text_required", field="text")
    running = quarter_of(today)
    if quarter not in (1, 2, 3, 4) or (found.year, quarter) > (running.year, running.q):
        raise Refused("这个季度还没有到。", code="quarter_ahead", field="quarter")
    given = {"text": text.strip(), "by": by, "at": now, "org": found.org, "org_path": found.org.path}
    row, made = PledgeProgress.objects.update_or_create(pledge=found, quarter=quarter, defaults=given)
    audit.record("pledge.progress", found, by=by, title=str(found.branch), data={"quarter": quarter, "again": not made})
    return row


@transaction.atomic
def close_pledge(*, pledge: Pledge, state: str, result: str, by, today: date, version: int | None = None) -> Pledge:
    """Kept, partly, not kept, or taken off; the last three with the reason. Raises ``Refused`` (fields ``state``, ``result``), ``Stale``."""
    if state not in PledgeState.values or state == PledgeState.OPEN:
        raise Refused("请选结果。", code="state", field="state")
    if state != PledgeState.KEPT and not result.strip():
        raise Refused("没有全部兑现的，请写明原因。", code="reason_required", field="result")
    found = held(pledge, version)
    found.state, found.result, found.closed_on, found.version = state, result.strip(), today, found.version + 1
    found.save(update_fields=["state", "result", "closed_on", "version"])
    audit.record("pledge.closed", found, by=by, note=result.strip(), title=str(found.branch), data={"state": state})
    return found


@transaction.atomic
def reopen_pledge(*, pledge: Pledge, by, version: int | None = None) -> Pledge:
    """A result entered by mistake is taken back. Raises ``Refused``, ``Stale``."""
    found = held(pledge, version, closed=True)
    if found.state == PledgeState.OPEN:
        raise Refused("这项承诺还在进行中。", code="pledge_open", status=409)
    was, found.state, found.result, found.closed_on, found.version = found.state, PledgeState.OPEN, "", None, found.version + 1
    found.save(update_fields=["state", "result", "closed_on", "version"])
    audit.record("pledge.reopened", found, by=by, title=str(found.branch), data={"was": was})
    return found


@transaction.atomic
def comment_pledges(
    *, branch: Branch, year: int, on: date, form: str, commentator: str, good: str, wanting: str, by, today: date, now: datetime
) -> PledgeComment:  # fmt: skip
    """领导点评, written down by whoever may comment. Raises ``Refused`` (fields ``on``, ``form``, ``commentator``, ``good``)."""
    found = held_branch(branch)
    if on > today or on.year not in (year, year + 1):
        raise Refused("点评日期不能晚于今天，也不能早于承诺年度。", code="date", field="on")
    if form not in CommentForm.values:
        raise Refused("请选点评方式。", code="form", field="form")
    if not commentator.strip():
        raise Refused("请写点评人的姓名和职务。", code="commentator_required", field="commentator")
    if not (good.strip() or wanting.strip()):
        raise Refused("请写点评内容：肯定的，或不足与要求。", code="text_required", field="good")
    if not Pledge.objects.filter(branch=found, year=year).exclude(state=PledgeState.DROPPED).exists():
        raise Refused(f"这个党支部 {year} 年还没有登记承诺，先请支部登记。", code="nothing_to_comment", status=409)
    made = PledgeComment.objects.create(
        branch=found, org=found.org, year=year, on=on, form=form, commentator=commentator.strip(), good=good.strip(), wanting=wanting.strip(), by=by, at=now
    )
    audit.record("pledge.commented", found, by=by, title=str(found), data={"year": year})
    return made


@transaction.atomic
def publish_pledges(*, branch: Branch, year: int, by) -> PledgePage:
    """Put the branch's pledges of a year on a page without login; pressed again, the same page. Raises ``Refused``."""
    found = held_branch(branch)
    if page := PledgePage.objects.filter(branch=found, year=year).first():
        return page
    if not Pledge.objects.filter(branch=found, year=year).exclude(state=PledgeState.DROPPED).exists():
        raise Refused(f"{year} 年还没有承诺，没有可公开的内容。", code="nothing_to_show", status=409)
    made = PledgePage.objects.create(branch=found, org=found.org, year=year, key=secrets.token_urlsafe(24))
    audit.record("pledge.published", found, by=by, title=str(found), data={"year": year})
    return made


@transaction.atomic
def take_down_pledges(*, branch: Branch, year: int, by) -> int:
    """The public page goes; its address never works again. Returns 1, or 0 when there was none."""
    found = held_branch(branch)
    gone = PledgePage.objects.filter(branch=found, year=year).delete()[0]
    if gone:
        audit.record("pledge.taken_down", found, by=by, title=str(found), data={"year": year})
    return gone
