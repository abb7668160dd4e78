"""A term of a branch's committee with who holds which post."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from apps.activity import audit
from apps.branches.actions.branches import held
from apps.branches.checking import years_on
from apps.branches.models import Branch, BranchHost, Committee, CommitteeMember, PartyMember, Post
from apps.branches.selectors.rules import rules_in_force
from apps.cadres.constraints import as_sentences
from apps.core.refusal import Refused, Stale

FIELDS = ("starts_on", "ends_on", "elected_on", "approval_no", "eligible", "present", "seats", "candidates")


@dataclass(frozen=True)
class Holder:
    """Who holds a post: a person on the register, by key, or a name."""

    post: str
    cadre: int | None = None
    name: str = ""


def _check(values: dict, today: date) -> None:
    if values["starts_on"] > today:
        raise Refused("任期起始日不能晚于今天。", code="date_future", field="starts_on")
    if values["ends_on"] <= values["starts_on"]:
        raise Refused("任期止应晚于任期起。", code="date_order", field="ends_on")
    if values.get("present") is not None and values.get("eligible") is not None and values["present"] > values["eligible"]:
        raise Refused("实到人数多于应到人数。", code="present_over_eligible", field="present")


def present_term(branch: Branch) -> Committee | None:
    """The term that began last."""
    return Committee.objects.filter(branch=branch, removed_why="").order_by("-starts_on").first()


def _fits(term: Committee, was: date | None) -> None:
    """A former term entered later ends before the next one begins; one whose beginning is corrected (it ``was``) keeps its place among the others."""
    others = Committee.objects.filter(branch=term.branch, removed_why="").exclude(pk=term.pk).order_by("starts_on")
    if was and (crossed := others.filter(starts_on__gt=min(was, term.starts_on), starts_on__lte=max(was, term.starts_on)).first()):
        raise Refused(f"任期起越过了 {crossed.starts_on:%Y-%m-%d} 起的一届，请核对；登记错了届次的，请撤销这一届再重新登记。", code="terms_crossed", field="starts_on")
    following = others.filter(starts_on__gt=term.starts_on).first()
    if following and was is None and term.ends_on >= following.starts_on:
        raise Refused(f"与 {following.starts_on:%Y-%m-%d} 起的一届重叠：往届请把任期止写到那一天之前；新一届的任期起应晚于它。", code="terms_overlap", field="starts_on")


def usual_end(branch: Branch, starts_on: date, today: date) -> date:
    """The last day of a usual term, by the rules in force: three years, five in a village or community."""
    community = BranchHost.objects.filter(branch=branch, unit__level="community").exists()
    return years_on(starts_on, int(rules_in_force(today)["term_years_community" if community else "term_years"].value))


@transaction.atomic
def save_committee(
    *, branch: Branch, holders: list[Holder], by, today: date, committee: Committee | None = None, version: int | None = None, after: int | None = None, **values
) -> Committee:  # fmt: skip
    """Enter a term, or correct one. ``values`` are ``FIELDS``; without an end the usual one. ``after``: the present term (0: none) as the form knew it when entering
    another. Raises ``Refused`` (nobody named; a person who isn't a member; dates; a former term that overlaps), ``Stale``."""
    found = held(branch)
    if not holders:
        raise Refused("请至少写明一位：没有支委会的党支部写书记。", code="nobody", field="secretary")
    if committee is None and after is not None and after != getattr(present_term(found), "pk", 0):
        raise Stale("刚刚有人登记了另一届，请刷新核对后再登记。")
    term = Committee.objects.select_for_update().get(pk=committee.pk, branch=found) if committee else Committee(branch=found, version=0)
    if committee and version is not None and term.version != version:
        raise Stale()
    values["ends_on"] = values.get("ends_on") or usual_end(found, values["starts_on"], today)
    _check(values, today)
    was = term.starts_on if committee else None
    for name, value in values.items():
        setattr(term, name, value)
    _fits(term, was)
    term.org, term.version = found.org, term.version + 1
    with as_sentences(Committee):
        term.save()
    _appoint(term, holders)
    audit.record("branch.committee", term, by=by, title=str(found), data={"posts": len(holders)})
    return term


@transaction.atomic
def seat(*, branch: Branch, holder: Holder, starts_on: date, by, today: date, ends_on: date | None = None, **values) -> Committee:
    """Put ``holder`` into the term that began on ``starts_on``, beside those who sit in it; entered where there is none yet. ``values`` are of ``FIELDS``; given ones
    alone are changed. Raises ``Refused`` (as ``save_committee``; a post held by somebody else)."""
    term = Committee.objects.filter(branch=branch, starts_on=starts_on, removed_why="").first()
    said = {name: value for name, value in values.items() if value not in (None, "")} | ({"ends_on": ends_on} if ends_on else {})
    if term is None:
        return save_committee(branch=branch, holders=[holder], by=by, today=today, starts_on=starts_on, **said)
    sitting = [Holder(*row) for row in CommitteeMember.objects.filter(committee=term, left_on=None).values_list("post", "cadre", "name")]
    if holder.post != Post.OTHER and any(one.post == holder.post and one != holder for one in sitting):
        raise Refused(f"这一届的{Post(holder.post).label}已登记为别人。", code="post_taken", field=holder.post)
    kept = {name: getattr(term, name) for name in FIELDS}
    return save_committee(branch=branch, committee=term, holders=[*sitting, holder], by=by, today=today, **kept | said)


def _appoint(term: Committee, holders: list[Holder]) -> None:
    """Those named hold the posts; who left meanwhile stays on record."""
    people = {one.cadre_id: one for one in PartyMember.objects.filter(branch=term.branch_id, left_on=None).select_related("cadre__org")}
    if any(one.cadre and one.cadre not in people for one in holders):
        raise Refused("支委应是本支部现在的党员。", code="not_a_member", field="secretary")
    wanted = {(one.post, one.cadre, one.name) for one in holders}
    present = {(one.post, one.cadre_id, one.name): one for one in CommitteeMember.objects.filter(committee=term, left_on=None)}
    CommitteeMember.objects.filter(pk__in=[row.pk for key, row in present.items() if key not in wanted]).delete()
    for post, cadre, name in sorted(wanted - set(present), key=lambda key: (list(Post).index(Post(key[0])), str(key))):
        CommitteeMember.objects.create(committee=term, post=post, cadre_id=cadre, name=name, org=people[cadre].cadre.org if cadre else term.org)


@transaction.atomic
def remove_committee(*, committee: Committee, reason: str, by, version: int | None = None) -> Committee:
    """Take back a term that was entered by mistake: it counts nowhere any more, and the one before it sits again. Raises ``Refused`` (field ``reason``), ``Stale``."""
    held(committee.branch)
    term = Committee.objects.select_for_update().get(pk=committee.pk)
    if version is not None and term.version != version or term.removed_why:
        raise Stale()
    if not reason.strip():
        raise Refused("请写明哪里登记错了。", code="reason_required", field="reason")
    posts = CommitteeMember.objects.filter(committee=term)
    data = {"from": str(term.starts_on), "to": str(term.ends_on), "posts": sorted(posts.values_list("post", flat=True))}
    posts.delete()
    term.removed_why, term.version = reason.strip(), term.version + 1
    term.save(update_fields=["removed_why", "version"])
    audit.record("branch.committee_removed", term, by=by, note=reason.strip(), title=str(committee.branch), data=data)
    return term
