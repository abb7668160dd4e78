"""党支部表, 支部党员表 and 支委会名册. Each row is done as the page does it."""

from apps.branches.sheets.branches import BranchSheet
from apps.branches.sheets.committees import CommitteeSheet
from apps.branches.sheets.members import MemberSheet

__all__ = ["BranchSheet", "CommitteeSheet", "MemberSheet"]
