"""A brand: written, commented on, taken step by step, and where it is at work."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse

from apps.accounts.models import Organization, User
from apps.accounts.permissions import Right
from apps.accounts.selectors import nearest_with
from apps.activity import audit, notify
from apps.brands.models import TEXTS, Award, Brand, BrandState, BrandStep, Goal, GroupMeeting, PlannedStep, Spread
from apps.brands.selectors.brands import lacking, pictures
from apps.brands.standards import BRAND_FILE, PUBLICITY_DAYS
from apps.brands.workflow import BRAND, from_above
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused, Stale
from apps.core.workdays import working_days
from apps.core.workflow import lock, take
from apps.files.models import StoredFile
from apps.files.storage import accept_documents, accept_photo, discard, save

WRITABLE = (BrandState.DRAFT, BrandState.RETURNED, BrandState.BUILDING)
COMMENTABLE = (BrandState.APPLIED, BrandState.HEARING)
NEEDED = ("name", "line", "meaning", "problem", "carrier")
MOST_FILES, MOST_GOALS, MOST_MONTHS = 30, 12, 36


@dataclass(frozen=True)
class GoalRow:
    """``goal``: key of one there is already, None for a new one."""

    name: str
    unit: str
    start: Decimal
    target: Decimal
    goal: int | None = None


@dataclass(frozen=True)
class MonthRow:
    """``month``: any day of it; ``step``: key of one there is already."""

    month: date
    text: str
    step: int | None = None


def _locked(brand: Brand, version: int | None) -> Brand:
    return lock(Brand.objects.select_related("org", "applied_by", "logo"), brand.pk, version)


@transaction.atomic
def write_brand(
    *, org: Organization, values: dict, goals: Iterable[GoalRow], months: Iterable[MonthRow], by, now: datetime, brand: Brand | None = None, logo=None, files: Iterable = (),
    version: int | None = None,
) -> Brand:  # fmt: skip
    """Begin a brand of ``org``, or change one that may still be written. ``values``: columns of ``TEXTS``; ``logo``: an uploaded picture. What isn't in ``goals`` and
    ``months`` any more goes. Raises ``Refused`` (fields: the column, ``logo``, ``files``, ``goals``, ``months``), ``Stale``."""
    held = _locked(brand, version) if brand else Brand(org=org, version=0)
    if held.state not in WRITABLE:
        raise Refused(f"这个品牌现在是“{held.get_state_display()}”，不能再改。", code="brand_closed", status=409)
    if not str(values.get("name", "")).strip():
        raise Refused("请写品牌名称，四到八个字好记。", code="name_required", field="name")
    if values.get("starts_on") and values.get("ends_on") and values["ends_on"] <= values["starts_on"]:
        raise Refused("创建止应晚于创建起。", code="date_order", field="ends_on")
    for name in TEXTS:
        value = values.get(name)
        setattr(held, name, value.strip() if isinstance(value, str) else value)
    picture = _picture(logo)
    papers = accept_documents(files, most=MOST_FILES, field="files")
    held.version += 1
    with as_sentences(Brand):
        held.save()
    if picture:
        held.logo = save(picture.content, name=picture.name, content_type=picture.content_type, label=BRAND_FILE, org=held.org, by=by, subject_id=held.pk)
        held.save(update_fields=["logo"])
    if papers and pictures(held).count() + len(papers) > MOST_FILES:
        raise Refused(f"一个品牌最多 {MOST_FILES} 份文件。", code="file_count", field="files")
    for one in papers:
        save(one.content, name=one.name, content_type=one.content_type, label=BRAND_FILE, org=held.org, by=by, subject_id=held.pk)
    _set_goals(held, list(goals))
    _set_months(held, list(months))
    if brand is None:
        _write(held, step="open", before="", note="", by=by, at=now)
    else:
        audit.record("brand.changed", held, by=by, title=str(held))
    return held


@transaction.atomic
def remove_file(*, brand: Brand, stored: StoredFile, by) -> None:
    """Take a picture or paper off a brand that may still be written; the logo too. Raises ``Refused``."""
    held = _locked(brand, None)
    if held.state not in WRITABLE:
        raise Refused(f"这个品牌现在是“{held.get_state_display()}”，不能再改。", code="brand_closed", status=409)
    if held.logo_id == stored.pk:
        held.logo = None
    held.version += 1
    held.save()
    audit.record("brand.changed", held, by=by, note="删除文件", title=str(held), data={"file": stored.name, "sha256": stored.sha256})
    discard(stored)


def _picture(upload):
    if not upload:
        return None
    try:
        return accept_photo(upload)
    except Refused as problem:
        raise Refused(problem.sentence, code=problem.code, field="logo") from None


def _set_goals(held: Brand, rows: list[GoalRow]) -> None:
    if len(rows) > MOST_GOALS:
        raise Refused(f"目标最多 {MOST_GOALS} 个，少而实。", code="many_goals", field="goals")
    if len({row.name for row in rows}) < len(rows):
        raise Refused("有两个目标一样。", code="same_goal", field="goals")
    if wrong := next((row for row in rows if row.start == row.target or min(row.start, row.target) < 0), None):
        raise Refused(f"目标“{wrong.name}”的目标值应与起点不同，且不能是负数。", code="goal_value", field="goals")
    known = {one.pk: one for one in Goal.objects.select_for_update().filter(brand=held)}
    kept = {row.goal for row in rows if row.goal}
    try:
        for pk in set(known) - kept:
            known[pk].delete()
    except ProtectedError:
        raise Refused("有的目标已经报过进展，不能删去；可以改目标值。", code="goal_reported", field="goals") from None
    for order, row in enumerate(rows, 1):
        one = known.get(row.goal) or Goal(brand=held, org=held.org)
        one.order, one.name, one.unit, one.start, one.target = order, row.name, row.unit, row.start, row.target
        with as_sentences(Goal):
            one.save()


def _set_months(held: Brand, rows: list[MonthRow]) -> None:
    if len(rows) > MOST_MONTHS:
        raise Refused(f"进度安排最多 {MOST_MONTHS} 条。", code="many_months", field="months")
    known = {one.pk: one for one in PlannedStep.objects.select_for_update().filter(brand=held)}
    PlannedStep.objects.filter(brand=held).exclude(pk__in=[row.step for row in rows if row.step]).delete()
    for row in rows:
        one = known.get(row.step) or PlannedStep(brand=held, org=held.org)
        one.month, one.text = row.month.replace(day=1), row.text
        one.save()


@transaction.atomic
def comment_brand(*, brand: Brand, comments: dict[str, str], by, today: date, version: int | None = None) -> Brand:
    """What the reviewer says at the columns, before returning it or taking it further. Raises ``Refused``, ``Stale``."""
    held = _locked(brand, version)
    if held.state not in COMMENTABLE:
        raise Refused(f"这个品牌现在是“{held.get_state_display()}”，不能写评审意见。", code="brand_state", status=409)
    if sentence := from_above(held.org.path, by, today):
        raise Refused(sentence, code="not_above", status=409)
    held.comments = {name: text.strip()[:200] for name, text in comments.items() if name in TEXTS and text.strip()}
    held.version += 1
    held.save(update_fields=["comments", "version"])
    audit.record("brand.commented", held, by=by, title=str(held), data={"fields": sorted(held.comments)})
    return held


@transaction.atomic
def take_step(*, brand: Brand, step: str, by, today: date, now: datetime, note: str = "", version: int | None = None, **given) -> Brand:
    """Move a brand by one of ``workflow.STEPS``. ``given``: ``document_no`` and ``award`` (name). Raises ``Refused``, ``Stale``."""
    held = _locked(brand, version)
    take(BRAND, held, step, by=by, today=today, now=now, note=note, effect=EFFECTS.get(step), write=_write, **given)
    _tell(held, step, note, by, today, now)
    return held


def _write(held: Brand, *, step: str, before: str, note: str, by, at: datetime) -> None:
    BrandStep.objects.create(case=held, org=held.org, step=step, before=before, after=held.state, note=note, by=by, at=at)
    audit.record("brand.step", held, by=by, note=note[:100], title=str(held), data={"step": step, "from": before, "to": held.state})


def above(org: Organization, today: date, right: Right) -> list[User]:
    """Those with the right in the nearest place above ``org`` where anybody has it."""
    return nearest_with(org.parent, today, right) if org.parent_id else []


def _tell(held: Brand, step: str, note: str, by, today: date, now: datetime) -> None:
    waiting = {"apply": Right.BRAND_REVIEW, "ask": Right.BRAND_REVIEW, "shortlist": Right.BRAND_NAME, "propose": Right.BRAND_REVIEW}
    people = above(held.org, today, waiting[step]) if step in waiting else []
    if step not in ("apply", "ask", "withdraw") and held.applied_by:
        people = [*people, held.applied_by]
    title, url = f"一县一品“{held.name}”{held.get_state_display()}", reverse("brands:brand", args=[held.pk])
    notify.tell([user for user in people if user.pk != by.pk], title=title, body=note, url=url, key=f"brand:{held.pk}:{held.version}", now=now)


def _apply(held: Brand, *, by, today: date) -> None:
    missing = [held._meta.get_field(name).verbose_name for name in NEEDED if not getattr(held, name)]
    if not Goal.objects.filter(brand=held).exists():
        missing.append("目标")
    if missing:
        raise Refused(f"还没有写：{'、'.join(str(one) for one in missing)}。", code="not_complete", field="note")
    held.applied_by, held.comments = by, {}


def _approve(held: Brand, *, by, today: date) -> None:
    held.approved_by, held.approved_on, held.comments = by, today, {}
    held.starts_on = held.starts_on or today


def _ask(held: Brand, *, by, today: date) -> None:
    if missing := lacking(held):
        raise Refused(f"五有还缺：{'、'.join(missing)}。", code="five_have", field="note")


def _publish(held: Brand, *, by, today: date) -> None:
    held.public_from, held.public_to = today, working_days().add(today, PUBLICITY_DAYS)


def _name(held: Brand, *, by, today: date, document_no: str = "", award: str = "") -> None:
    if not document_no.strip():
        raise Refused("请写命名文号。", code="document_required", field="document_no")
    if award not in Award.values:
        raise Refused("请选等次。", code="award_required", field="award")
    held.named_by, held.named_on, held.document_no, held.award = by, today, document_no.strip(), award


def _again(held: Brand, *, by, today: date) -> None:
    held.reviewed_again_on = today


def _end(held: Brand, *, by, today: date) -> None:
    held.ended_on = today


EFFECTS: dict[str, Callable] = {
    "apply": _apply, "approve": _approve, "ask": _ask, "publish": _publish, "name": _name, "keep": _again, "rectify": _again, "restore": _again, "remove": _end, "stop": _end,
}  # fmt: skip


def _own(brand: Brand) -> Brand:
    held = _locked(brand, None)
    if held.state in (BrandState.REMOVED, BrandState.STOPPED):
        raise Refused(f"这个品牌{held.get_state_display()}，不能再登记。", code="brand_ended", status=409)
    return held


def _touched(held: Brand) -> None:
    """Something was logged: the county isn't idle."""
    held.save(update_fields=["changed_at"])


@transaction.atomic
def add_place(*, brand: Brand, rung: str, place: str, since: date, people: int, evidence: str, by, today: date) -> Spread:
    """A place where the brand is at work. Another county comes after the own one. Raises ``Refused`` (fields ``place``, ``since``, ``evidence``)."""
    held = _own(brand)
    if since > today:
        raise Refused("起始日期不能晚于今天。", code="date_future", field="since")
    if not evidence.strip():
        raise Refused("请写依据：文件、活动或照片在哪里。", code="evidence_required", field="evidence")
    made = Spread(brand=held, org=held.org, rung=rung, place=place.strip(), since=since, people=people, evidence=evidence.strip())
    with as_sentences(Spread):
        made.save()
    _touched(held)
    audit.record("brand.place", made, by=by, title=f"{held}：{made}", data={"rung": rung})
    return made


@transaction.atomic
def end_place(*, place: Spread, on: date, why: str, by, today: date) -> Spread:
    """It isn't at work there any more. Raises ``Refused`` (fields ``on``, ``why``), ``Stale``."""
    held = Spread.objects.select_for_update(of=("self",)).select_related("brand", "org").get(pk=place.pk)
    if held.ended_on:
        raise Stale()
    if not held.since <= on <= today:
        raise Refused("停止日期应在起始之后、今天及以前。", code="date_order", field="on")
    if not why.strip():
        raise Refused("请写停止原因。", code="why_required", field="why")
    held.ended_on, held.ended_why = on, why.strip()
    held.save(update_fields=["ended_on", "ended_why"])
    audit.record("brand.place_ended", held, by=by, title=f"{held.brand}：{held}", note=held.ended_why)
    return held


@transaction.atomic
def add_meeting(*, brand: Brand, held_on: date, subject: str, decisions: str, by, today: date) -> GroupMeeting:
    """领导小组 met. Raises ``Refused`` (field ``held_on``)."""
    held = _own(brand)
    if held_on > today:
        raise Refused("会议日期不能晚于今天。", code="date_future", field="held_on")
    made = GroupMeeting.objects.create(brand=held, org=held.org, held_on=held_on, subject=subject.strip(), decisions=decisions.strip())
    _touched(held)
    audit.record("brand.meeting", made, by=by, title=f"{held}：{made}")
    return made


@transaction.atomic
def tick_step(*, step: PlannedStep, by, today: date) -> PlannedStep:
    """What was planned for a month is done; once more takes it back."""
    held = PlannedStep.objects.select_for_update(of=("self",)).select_related("brand", "org").get(pk=step.pk)
    _own(held.brand)
    held.done_on = None if held.done_on else today
    held.save(update_fields=["done_on"])
    audit.record("brand.planned", held, by=by, title=f"{held.brand}：{held}", data={"done": bool(held.done_on)})
    return held
