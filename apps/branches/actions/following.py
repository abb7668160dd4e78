"""What becomes of memberships when something happens in a person's life."""

from datetime import date

from django.db import transaction

from apps.activity import audit
from apps.branches.models import Branch, CommitteeMember, LeftReason, PartyMember, Post
from apps.cadres.models import Cadre


@transaction.atomic
def end_memberships(*, cadre: Cadre, reason: str, on: date, by, only: list[int] | None = None) -> int:
    """All present memberships of a person (or those of some branches), and the posts that go with them, end. Returns how many."""
    rows = PartyMember.objects.filter(cadre=cadre, left_on=None)
    posts = CommitteeMember.objects.filter(cadre=cadre, left_on=None)
    if only is not None:
        rows, posts = rows.filter(branch__in=only), posts.filter(committee__branch__in=only)
    found = list(rows)
    rows.filter(joined_on__gt=on).update(joined_on=on)
    posts.update(left_on=on)
    ended = rows.update(left_on=on, left_reason=reason)
    for one in found:
        audit.record("branch.left", one, by=by, note=LeftReason(reason).label, title=str(cadre))
    return ended


@transaction.atomic
def resume_memberships(*, cadre: Cadre, by) -> int:
    """A death registered by mistake is taken back: memberships and posts it had ended go on, except a post that
    somebody else holds by now."""
    if PartyMember.objects.filter(cadre=cadre, left_on=None).exists():
        return 0
    rows = PartyMember.objects.filter(cadre=cadre, left_reason=LeftReason.DECEASED, branch__dissolved_on=None)
    for one in rows:
        _resume_posts(cadre, one)
        audit.record("branch.joined", one, by=by, note="误登去世，已恢复", title=str(cadre))
    return rows.update(left_on=None, left_reason="")


def _resume_posts(cadre: Cadre, member: PartyMember) -> None:
    for held in CommitteeMember.objects.filter(cadre=cadre, committee__branch=member.branch_id, left_on=member.left_on):
        if held.post == Post.OTHER or not CommitteeMember.objects.filter(committee=held.committee_id, post=held.post, left_on=None).exists():
            CommitteeMember.objects.filter(pk=held.pk).update(left_on=None)


@transaction.atomic
def move_memberships(*, cadre: Cadre, on: date, by) -> None:
    """Memberships go with the person; those of branches that aren't above the new place end."""
    rows = PartyMember.objects.filter(cadre=cadre)
    keys = list(rows.filter(left_on=None).values_list("branch", flat=True))
    above = {pk for pk, path in Branch.objects.filter(pk__in=keys).values_list("pk", "org_path") if cadre.org_path.startswith(path)}
    if gone := [pk for pk in keys if pk not in above]:
        end_memberships(cadre=cadre, reason=LeftReason.TRANSFERRED, on=on, by=by, only=gone)
    rows.update(org=cadre.org, org_path=cadre.org_path)
    CommitteeMember.objects.filter(cadre=cadre).update(org=cadre.org, org_path=cadre.org_path)
