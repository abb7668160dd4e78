"""Setting up, changing and dissolving branches; areas."""

from datetime import date

from django.db import transaction

from apps.accounts.models import Organization
from apps.activity import audit
from apps.branches.models import (
    BRANCH_PLACED,
    UNDER_WAY,
    Activity,
    Application,
    Area,
    Ballot,
    BallotState,
    Branch,
    BranchHost,
    CommitteeMember,
    LeftReason,
    PartyMember,
    Rectification,
)  # fmt: skip
from apps.branches.standards import ACTIVITY_PHOTO, EVIDENCE, RECTIFY_PROOF
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope
from apps.files.models import StoredFile

FIELDS = ("kind", "name", "code", "superior", "area", "founded_on", "approval_no", "meeting_place", "fixed_day", "adviser")


def held(branch: Branch, version: int | None = None) -> Branch:
    """The branch under a row lock. Raises ``Stale``, and ``Refused`` once it is dissolved."""
    found = Branch.objects.select_for_update(of=("self",)).select_related("org").get(pk=branch.pk)
    if found.dissolved_on:
        raise Refused("这个党支部已经撤销，只供查阅。", code="dissolved", status=409)
    if version is not None and found.version != version:
        raise Stale()
    return found


def _check(scope: Scope, org: Organization, values: dict, today: date) -> None:
    if not scope.covers(org.path):
        raise Refused("这个单位不在您的管理范围内。", code="outside", field="org")
    if not values["name"].strip():
        raise Refused("请填写党支部名称。", code="name_required", field="name")
    if values.get("founded_on") and values["founded_on"] > today:
        raise Refused("成立时间不能晚于今天。", code="date_future", field="founded_on")


@transaction.atomic
def set_up_branch(*, scope: Scope, org: Organization, hosts: list[Organization], by, today: date, **values) -> Branch:
    """A branch managed by ``org``; ``values`` are ``FIELDS``. What the rules say against it is shown, not refused. Raises ``Refused``."""
    _check(scope, org, values, today)
    made = Branch(org=org, created_by=by, **values)
    with as_sentences(Branch):
        made.save()
    _host(made, hosts)
    audit.record("branch.made", made, by=by)
    return made


@transaction.atomic
def change_branch(*, scope: Scope, branch: Branch, org: Organization, hosts: list[Organization], by, today: date, version: int | None = None, **values) -> Branch:
    """Raises ``Refused`` (fields ``org``, ``kind``, ``name``, ``founded_on``), ``Stale``."""
    found = held(branch, version)
    _check(scope, org, values, today)
    present = PartyMember.objects.filter(branch=found, left_on=None)
    held_before, moved = found.holds, org.pk != found.org_id
    if moved and present.exclude(org_path__startswith=org.path).exists():
        raise Refused("有党员不在这个单位管理范围内，请先转出他们。", code="members_outside", field="org")
    for name, value in values.items():
        setattr(found, name, value)
    if found.holds != held_before and present.exists():
        raise Refused("组织关系是否在本支部会因此改变，请先转出全部党员。", code="kind_with_members", field="kind")
    found.org, found.version = org, found.version + 1
    with as_sentences(Branch):
        found.save()
    if moved:
        _take_along(found)
    _host(found, hosts)
    audit.record("branch.changed", found, by=by, data={"fields": sorted(values)})
    return found


def _take_along(branch: Branch) -> None:
    """Rows that lie where the branch lies go with it; ``BRANCH_PLACED`` names them."""
    place = {"org": branch.org, "org_path": branch.org.path}
    CommitteeMember.objects.filter(committee__branch=branch, cadre=None).update(**place)
    for model, way in BRANCH_PLACED:
        model.objects.filter(**{way: branch}).update(**place)
    for label, model in ((ACTIVITY_PHOTO, Activity), (RECTIFY_PROOF, Rectification), (EVIDENCE, Application)):
        StoredFile.objects.filter(label=label, subject_id__in=model.objects.filter(branch=branch).values("pk")).update(**place)


def _host(branch: Branch, units: list[Organization]) -> None:
    BranchHost.objects.filter(branch=branch).exclude(unit__in=units).delete()
    BranchHost.objects.filter(branch=branch).update(org=branch.org, org_path=branch.org.path)
    known = set(BranchHost.objects.filter(branch=branch).values_list("unit", flat=True))
    BranchHost.objects.bulk_create([BranchHost(branch=branch, unit=unit, org=branch.org, org_path=branch.org.path) for unit in units if unit.pk not in known])


@transaction.atomic
def dissolve_branch(*, branch: Branch, reason: str, on: date, by, today: date, version: int | None = None) -> Branch:
    """Raises ``Refused`` (fields ``reason``, ``on``) while memberships lie here; who takes part beside his own branch simply leaves. ``Stale``."""
    found = held(branch, version)
    if not reason.strip():
        raise Refused("请写明撤销原因和批准文号。", code="reason_required", field="reason")
    if on > today or found.founded_on and on < found.founded_on:
        raise Refused("撤销时间应在成立之后、今天之前。", code="date_order", field="on")
    present = PartyMember.objects.filter(branch=found, left_on=None)
    if found.holds and (count := present.count()):
        raise Refused(f"还有 {count} 名党员的组织关系在这里，请先转出。", code="has_members", status=409)
    if Ballot.objects.filter(branch=found, state=BallotState.OPEN).exists():
        raise Refused("群众评议还没有结束，请先结束或作废。", code="ballot_open", status=409)
    if count := Rectification.objects.filter(branch=found, state__in=("open", "reported")).count():
        raise Refused(f"还有 {count} 项整改没有销号，请先销号或撤销。", code="rectification_open", status=409)
    if Application.objects.filter(branch=found, state__in=UNDER_WAY).exists():
        raise Refused("示范党支部申报还在办理，或已经命名：请先撤回或摘牌。", code="application_open", status=409)
    present.filter(joined_on__gt=on).update(joined_on=None)
    present.update(left_on=on, left_reason=LeftReason.DISSOLVED)
    CommitteeMember.objects.filter(committee__branch=found, left_on=None).update(left_on=on)
    found.dissolved_on, found.dissolved_why, found.version = on, reason.strip(), found.version + 1
    found.save(update_fields=["dissolved_on", "dissolved_why", "version"])
    audit.record("branch.dissolved", found, by=by, note=reason.strip())
    return found


@transaction.atomic
def save_area(*, scope: Scope, org: Organization, by, area: Area | None = None, version: int | None = None, **values) -> Area:
    """Make or change 片区. Raises ``Refused`` (fields ``org``, ``name``), ``Stale``."""
    if not scope.covers(org.path):
        raise Refused("这个单位不在您的管理范围内。", code="outside", field="org")
    found = Area.objects.select_for_update().get(pk=area.pk) if area else Area(version=0)
    if area and version is not None and found.version != version:
        raise Stale()
    for name, value in values.items():
        setattr(found, name, value)
    found.org, found.version = org, found.version + 1
    with as_sentences(Area):
        found.save()
    audit.record("area.changed", found, by=by)
    return found
