"""Who belongs to a branch: joining, changing, leaving."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from apps.activity import audit
from apps.branches.actions.branches import held
from apps.branches.models import Branch, CommitteeMember, LeftReason, PartyMember
from apps.branches.standards import PARTY_MEMBERS
from apps.cadres.constraints import as_sentences
from apps.cadres.models import Cadre, Standing
from apps.core.refusal import Refused, Stale
from apps.core.scope import Scope

FIELDS = ("standing", "group", "health", "joined_on", "floating_from", "floating_to", "floating_contact", "contacted_on", "dues_base", "dues_rate", "note")


@dataclass(frozen=True)
class Joined:
    """Who was taken in, and one sentence for each who wasn't."""

    members: list[PartyMember]
    refused: list[str]


def reason_against(branch: Branch, cadre: Cadre) -> str:
    """Why this person can't join; "" when he can. That he is in another branch says the database."""
    if cadre.standing != Standing.ACTIVE:
        return f"{cadre.name}{cadre.get_standing_display()}。"
    if cadre.political_status not in PARTY_MEMBERS:
        return f"{cadre.name}的档案里政治面貌不是中共党员或预备党员，请先核对。"
    if not cadre.org_path.startswith(branch.org_path):
        return f"{cadre.name}的管理单位不在“{branch}”的管理单位之下。"
    return ""


def _join(branch: Branch, cadre: Cadre, values: dict) -> PartyMember:
    if reason := reason_against(branch, cadre):
        raise Refused(reason, code="not_a_candidate")
    made = PartyMember(branch=branch, cadre=cadre, org=cadre.org, main=branch.holds, **({"standing": PARTY_MEMBERS[cadre.political_status]} | values))
    try:
        with as_sentences(PartyMember):
            made.save()
    except Refused as problem:
        raise Refused(f"{cadre.name}：{problem.sentence}", code=problem.code, field=problem.field) from problem
    return made


@transaction.atomic
def join(*, scope: Scope, branch: Branch, cadre: Cadre, by, today: date, **values) -> PartyMember:
    """One person; ``values`` are ``FIELDS``. Raises ``Refused``."""
    found = held(branch)
    person = Cadre.objects.visible_to(scope).select_for_update(of=("self",)).select_related("org").get(pk=cadre.pk)
    _check(values, today)
    made = _join(found, person, {"joined_on": today} | values)
    audit.record("branch.joined", made, by=by, note=str(found), title=str(person))
    return made


@transaction.atomic
def join_many(*, scope: Scope, branch: Branch, cadres: Iterable[int], by, today: date) -> Joined:
    """Those chosen on a list; who can't join doesn't keep the others out. The first ones of a branch were in it before it was entered here: since when isn't
    known. Raises ``Refused`` when nobody was chosen."""
    found, made, refused = held(branch), [], []
    joined_on = today if PartyMember.objects.filter(branch=found).exists() else None
    people = list(Cadre.objects.visible_to(scope).select_for_update(of=("self",)).select_related("org").filter(pk__in=list(cadres)).order_by("pk"))
    if not people:
        raise Refused("请先勾选要转入的人。", code="nobody")
    for person in people:
        try:
            made.append(_join(found, person, {"joined_on": joined_on}))
            audit.record("branch.joined", made[-1], by=by, note=str(found), title=str(person))
        except Refused as problem:
            refused.append(problem.sentence)
    return Joined(made, refused)


def _check(values: dict, today: date) -> None:
    if values.get("joined_on") and values["joined_on"] > today:
        raise Refused("转入时间不能晚于今天。", code="date_future", field="joined_on")
    if values.get("floating_from") and values["floating_from"] > today:
        raise Refused("外出时间不能晚于今天。", code="date_future", field="floating_from")
    if values.get("contacted_on") and values["contacted_on"] > today:
        raise Refused("最近联系不能晚于今天。", code="date_future", field="contacted_on")
    if values.get("floating_to") and not values.get("floating_from"):
        raise Refused("写了外出去向，请同时填写从哪天起外出。", code="floating_since", field="floating_from")


def _present(member: PartyMember, version: int | None) -> PartyMember:
    found = PartyMember.objects.select_for_update(of=("self",)).select_related("cadre", "org").get(pk=member.pk)
    if found.left_on:
        raise Refused("已经离开这个党支部，不能再改。", code="left", status=409)
    if version is not None and found.version != version:
        raise Stale()
    return found


@transaction.atomic
def change_member(*, member: PartyMember, by, today: date, version: int | None = None, **values) -> PartyMember:
    """Change ``FIELDS``. Raises ``Refused``, ``Stale``."""
    found = _present(member, version)
    _check({name: getattr(found, name) for name in FIELDS} | values, today)
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    with as_sentences(PartyMember):
        found.save()
    audit.record("branch.member", found, by=by, data={"fields": sorted(values)}, title=str(found.cadre))
    return found


@transaction.atomic
def leave(*, member: PartyMember, reason: str, on: date, by, today: date, version: int | None = None) -> PartyMember:
    """The membership ends; posts in the committee end with it. Raises ``Refused`` (fields ``on``, ``reason``), ``Stale``."""
    found = _present(member, version)
    if reason not in LeftReason.values:
        raise Refused("请选离开原因。", code="reason_required", field="reason")
    if on > today or found.joined_on and on < found.joined_on:
        raise Refused("离开时间应在转入之后、今天之前。", code="date_order", field="on")
    found.left_on, found.left_reason, found.version = on, reason, found.version + 1
    found.save(update_fields=["left_on", "left_reason", "version"])
    CommitteeMember.objects.filter(committee__branch=found.branch_id, cadre=found.cadre_id, left_on=None).update(left_on=on)
    audit.record("branch.left", found, by=by, note=found.get_left_reason_display(), title=str(found.cadre))
    return found
