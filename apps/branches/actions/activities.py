"""组织生活: logged once where it was held, counted by every branch that took part; who was there; corrected; taken back with the reason."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.activity import audit
from apps.branches.actions.branches import held as held_branch
from apps.branches.models import Activity, ActivityKind, Attendance, Branch, Participation, PartyMember
from apps.branches.selectors.activities import called_to, neighbours
from apps.branches.standards import ACTIVITY_PHOTO
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused, Stale
from apps.core.scope import system_scope
from apps.files.storage import accept_photo, save

FIELDS = ("kind", "held_on", "title", "place", "speaker", "by_secretary", "group", "hours", "guests", "minutes")
COPIED = ("kind", "held_on", "title", "place", "by_secretary")
"""What partners of a joint activity know of it."""
MOST_PHOTOS = 9
MOST_PARTNERS = 20


@transaction.atomic
def log_activity(
    *, branch: Branch, once: UUID, by, today: date, present: Iterable[int] = (), at_home: Iterable[int] = (), expected: int | None = None,
    partners: Iterable[int] = (), photos: Iterable = (), **values,
) -> Participation:  # fmt: skip
    """Log an activity ``branch`` held; the same ``once`` again gives the first one back. ``values`` are ``FIELDS``; ``present`` and ``at_home`` are keys of its
    members; ``partners`` keys of branches of the same county that took part. Raises ``Refused`` (fields of the form)."""
    if known := _known(once, branch):
        return known
    found = held_branch(branch)
    _check(found, values, today)
    accepted = _accepted(photos)
    made = Activity(branch=found, org=found.org, once=once, created_by=by, **values)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        if known := _known(once, branch):
            return known
        raise
    row = Participation(activity=made, branch=found, org=found.org, host_name=found.name, **{name: getattr(made, name) for name in COPIED})
    _attend(row, present, at_home, expected, made.group)
    invited = _invite(made, partners)
    _keep(made, accepted, by)
    audit.record("activity.logged", made, by=by, title=str(found), data={"kind": made.kind, "day": str(made.held_on), "present": row.present, "partners": invited})
    return row


def _known(once: UUID, branch: Branch) -> Participation | None:
    found = Participation.objects.filter(activity__once=once, host=True).first()
    if found and found.branch_id != branch.pk:
        raise Refused("这张表单已经用过，请重新打开再填。", code="once_used")
    return found


def _check(branch: Branch, values: dict, today: date) -> None:
    if values["kind"] not in ActivityKind.values:
        raise Refused("请选类别。", code="kind", field="kind")
    if not values["title"].strip():
        raise Refused("请写主题，如：学习全会精神。", code="title_required", field="title")
    if values["held_on"] > today:
        raise Refused("日期不能晚于今天；还没开的活动，开过再记。", code="date_future", field="held_on")
    if branch.founded_on and values["held_on"] < branch.founded_on:
        raise Refused(f"党支部 {branch.founded_on:%Y-%m-%d} 才成立。", code="before_founded", field="held_on")
    if values.get("by_secretary") and values["kind"] != ActivityKind.LECTURE:
        values["by_secretary"] = False


def _accepted(photos: Iterable) -> list:
    chosen = list(photos)
    if len(chosen) > MOST_PHOTOS:
        raise Refused(f"一次最多传 {MOST_PHOTOS} 张照片。", code="photo_count", field="photos")
    try:
        return [accept_photo(photo) for photo in chosen]
    except Refused as refused:
        raise Refused(refused.sentence, code=refused.code, field="photos") from None


def _keep(made: Activity, accepted: list, by) -> None:
    for photo in accepted:
        save(photo.content, name=photo.name, content_type=photo.content_type, label=ACTIVITY_PHOTO, org=made.org, by=by, subject_id=made.pk)


def _attend(row: Participation, present: Iterable[int], at_home: Iterable[int], expected: int | None, group: str) -> None:
    """Who was there; ``expected`` as given, else as many as were called. Raises ``Refused`` (fields ``present``, ``expected``)."""
    there, home = set(present), set(at_home) - set(present)
    known = set(PartyMember.objects.filter(branch=row.branch_id, pk__in=there | home).values_list("pk", flat=True))
    if there | home != known:
        raise Refused("到会的应是本支部的党员，请刷新后再勾。", code="not_a_member", field="present")
    called = called_to(row.branch_id, row.kind, row.held_on, group)
    row.expected = called if expected is None else expected
    row.present = len(there)
    if row.expected is not None and row.present > row.expected:
        if expected is not None:
            raise Refused(f"勾了 {row.present} 人到会，多于应到的 {expected} 人。", code="present_over_expected", field="expected")
        row.expected = row.present
    with as_sentences(Participation):
        row.save()
    Attendance.objects.filter(participation=row).exclude(member__in=there | home).delete()
    old = {one.member_id: one for one in Attendance.objects.filter(participation=row)}
    for pk in there | home:
        if pk in old and old[pk].at_home != (pk in home):
            Attendance.objects.filter(pk=old[pk].pk).update(at_home=pk in home)
    Attendance.objects.bulk_create([Attendance(participation=row, org=row.org, org_path=row.org_path, member_id=pk, at_home=pk in home) for pk in (there | home) - set(old)])


def _invite(made: Activity, partners: Iterable[int]) -> int:
    """Branches of the same county that took part get it on their books, their people still to be named. Those that did so already stay."""
    wanted = set(partners) - {made.branch_id}
    if len(wanted) > MOST_PARTNERS:
        raise Refused(f"一次最多选 {MOST_PARTNERS} 个党支部。", code="many_partners", field="partners")
    if wanted - {one.pk for one in neighbours(made.branch)}:
        raise Refused("一起开展的应是同一县区的党支部。", code="not_a_neighbour", field="partners")
    with system_scope("joint activity"):
        rows = Participation.objects.filter(activity=made, host=False)
        rows.exclude(branch__in=wanted).filter(present=None).delete()
        rows.update(**{name: getattr(made, name) for name in COPIED})
        known = set(rows.values_list("branch", flat=True))
        for one in Branch.objects.filter(pk__in=wanted - known).select_related("org"):
            copied = {name: getattr(made, name) for name in COPIED}
            Participation.objects.create(activity=made, branch=one, org=one.org, host=False, host_name=made.branch.name, **copied)
    return len(wanted)


def _held(activity: Activity, version: int | None) -> Activity:
    found = Activity.objects.select_for_update(of=("self",)).select_related("branch__org", "org").get(pk=activity.pk)
    if version is not None and found.version != version:
        raise Stale()
    if found.removed_why:
        raise Refused("这次活动已撤回，不能再改。", code="activity_removed", status=409)
    return found


@transaction.atomic
def change_activity(
    *, activity: Activity, by, today: date, version: int | None = None, present: Iterable[int] = (), at_home: Iterable[int] = (), expected: int | None = None,
    partners: Iterable[int] = (), photos: Iterable = (), **values,
) -> Participation:  # fmt: skip
    """Correct what was logged, as ``log_activity`` takes it; photos are added. A partner that has named its people stays. Raises ``Refused``, ``Stale``."""
    found = _held(activity, version)
    held_branch(found.branch)
    _check(found.branch, values, today)
    accepted = _accepted(photos)
    was = {name: str(getattr(found, name)) for name, value in values.items() if getattr(found, name) != value and name != "minutes"}
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    found.save()
    row = Participation.objects.select_for_update().get(activity=found, host=True)
    for name in COPIED:
        setattr(row, name, getattr(found, name))
    row.version += 1
    _attend(row, present, at_home, expected, found.group)
    _invite(found, partners)
    _keep(found, accepted, by)
    audit.record("activity.changed", found, by=by, title=str(found.branch), data={"was": was, "present": row.present})
    return row


@transaction.atomic
def name_present(*, row: Participation, present: Iterable[int], at_home: Iterable[int] = (), expected: int | None = None, by, version: int | None = None) -> Participation:
    """A partner of a joint activity names its own people. Raises ``Refused``, ``Stale``."""
    found = Participation.objects.select_for_update(of=("self",)).select_related("org", "branch").get(pk=row.pk)
    if version is not None and found.version != version:
        raise Stale()
    if found.removed:
        raise Refused("这次活动已由主办支部撤回。", code="activity_removed", status=409)
    found.version += 1
    _attend(found, present, at_home, expected, "")
    audit.record("activity.attended", found, by=by, title=str(found.branch), data={"present": found.present})
    return found


@transaction.atomic
def remove_activity(*, activity: Activity, reason: str, by, version: int | None = None) -> Activity:
    """Logged by mistake: kept with the reason, counted nowhere, at no partner either. Raises ``Refused`` (field ``reason``), ``Stale``."""
    found = _held(activity, version)
    if not reason.strip():
        raise Refused("请写明哪里登记错了。", code="reason_required", field="reason")
    found.removed_why, found.version = reason.strip(), found.version + 1
    found.save(update_fields=["removed_why", "version"])
    with system_scope("joint activity"):
        Participation.objects.filter(activity=found).update(removed=True)
    audit.record("activity.removed", found, by=by, note=found.removed_why, title=str(found.branch))
    return found
