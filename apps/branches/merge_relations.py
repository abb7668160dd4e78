"""Memberships and posts when two records are merged: a person is in one branch, whichever record said so."""

from django.db.models import Q

from apps.branches.models import Branch, CommitteeMember, LeftReason, PartyMember
from apps.cadres.registries import MERGE_RELATIONS, MergeRelation, rows_of


def _place(cadre) -> dict:
    return {"org": cadre.org_id, "org_path": cadre.org_path}


def move_members(kept, absorbed, *, by, today) -> dict:
    """Rows go over; of present ones that the kept record rules out (already in a branch, or outside its place) the membership ends."""
    mine = PartyMember.objects.filter(cadre=kept, left_on=None)
    has_main, own = mine.filter(main=True).exists(), set(mine.values_list("branch", flat=True))
    rows = list(PartyMember.objects.filter(cadre=absorbed).values_list("pk", "branch", "main", "left_on"))
    places = dict(Branch.objects.filter(pk__in=[row[1] for row in rows]).values_list("pk", "org_path"))

    def ends(branch, main, left) -> bool:
        return left is None and (branch in own or main and has_main or not kept.org_path.startswith(places.get(branch, "-")))

    ended = [pk for pk, *row in rows if ends(*row)]
    over = [row[0] for row in rows]
    closing = PartyMember.objects.filter(pk__in=ended)
    closing.filter(Q(joined_on__gt=today)).update(joined_on=None)
    closing.update(left_on=today, left_reason=LeftReason.MERGED)
    PartyMember.objects.filter(pk__in=over).update(cadre=kept, **_place(kept))
    return {"over": over, "ended": ended} if over else {}


def restore_members(kept, absorbed, moved: dict, *, by, today) -> list[str]:
    back = PartyMember.objects.filter(pk__in=moved["over"], cadre=kept).update(cadre=absorbed, **_place(absorbed))
    PartyMember.objects.filter(pk__in=moved["ended"], cadre=absorbed, left_reason=LeftReason.MERGED).update(left_on=None, left_reason="")
    gone = len(moved["over"]) - back
    return [f"党支部：{gone} 条没有移回。"] if gone else []


MERGE_RELATIONS.add("party members", MergeRelation("党支部", ("branches.PartyMember.cadre",), move_members, restore_members))
MERGE_RELATIONS.add("branch posts", rows_of(CommitteeMember, "cadre", "支委职务", unique=("committee", "post")))
