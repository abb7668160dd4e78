from apps.branches.models.branch import HOLDING, Area, Branch, BranchHost, BranchKind
from apps.branches.models.committee import Committee, CommitteeMember, Post
from apps.branches.models.member import HealthClass, LeftReason, MemberStanding, PartyMember
from apps.branches.models.rules import BranchRule

__all__ = [
    "HOLDING", "Area", "Branch", "BranchHost", "BranchKind", "BranchRule", "Committee", "CommitteeMember", "HealthClass", "LeftReason", "MemberStanding",
    "PartyMember", "Post",
]  # fmt: skip
