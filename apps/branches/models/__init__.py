from apps.branches.models.activity import FOR_ALL, Activity, ActivityKind, Attendance, Participation
from apps.branches.models.application import ENDED, UNDER_WAY, Application, ApplicationState, ApplicationStep, ItemPaper, ItemScore, Objection
from apps.branches.models.ballot import Ballot, BallotAnswer, BallotCode, BallotState, Grade, VoterGroup
from apps.branches.models.branch import HOLDING, Area, Branch, BranchHost, BranchKind
from apps.branches.models.committee import Committee, CommitteeMember, Post
from apps.branches.models.dues import DuesPayment
from apps.branches.models.election import ElectionPaper, ElectionStep
from apps.branches.models.exemplar import Exemplar
from apps.branches.models.member import HealthClass, LeftReason, MemberStanding, PartyMember
from apps.branches.models.pledge import CommentForm, Pledge, PledgeComment, PledgePage, PledgeProgress, PledgeState
from apps.branches.models.rules import BranchRule
from apps.branches.models.sheet import QuarterSheet, QuarterSheetStep, SheetLayout, SheetState
from apps.branches.models.standard import NamingMode, Standard, StandardItem, StandardState
from apps.branches.models.standing import Standing, StandingMark
from apps.branches.models.supervision import (
    Draw,
    DrawPurpose,
    Inspection,
    InspectionKind,
    InspectionState,
    Matter,
    Rectification,
    RectificationStep,
    RectifySource,
    RectifyState,
)  # fmt: skip

BRANCH_PLACED = (
    (BranchHost, "branch"), (Committee, "branch"), (Pledge, "branch"), (PledgeProgress, "pledge__branch"), (PledgeComment, "branch"), (PledgePage, "branch"),
    (Ballot, "branch"), (Activity, "branch"), (Participation, "branch"), (Attendance, "participation__branch"), (BallotCode, "ballot__branch"), (BallotAnswer, "ballot__branch"),
    (Inspection, "branch"), (Rectification, "branch"), (RectificationStep, "case__branch"), (QuarterSheet, "branch"),
    (QuarterSheetStep, "case__branch"), (Application, "branch"), (ItemScore, "application__branch"), (ApplicationStep, "case__branch"), (Objection, "application__branch"),
    (DuesPayment, "member__branch"), (Exemplar, "branch"), (Standing, "branch"), (ItemPaper, "score__application__branch"), (ElectionPaper, "term__branch"),
)  # fmt: skip
"""Tables whose rows lie where their branch lies, and the way there: when it changes its managing unit, they follow. Rows about people lie where the person does."""
PERSON_PLACED = (CommitteeMember, PartyMember)

__all__ = [
    "BRANCH_PLACED", "ENDED", "FOR_ALL", "HOLDING", "PERSON_PLACED", "UNDER_WAY", "Activity", "ActivityKind", "Application", "ApplicationState", "ApplicationStep",
    "Area", "Attendance", "Ballot", "BallotAnswer", "BallotCode", "BallotState", "Branch", "BranchHost", "BranchKind", "BranchRule", "CommentForm", "Committee",
    "CommitteeMember", "Draw", "DrawPurpose", "DuesPayment", "ElectionPaper", "ElectionStep", "Exemplar", "Grade", "HealthClass", "Inspection",
    "InspectionKind", "InspectionState", "ItemPaper", "ItemScore",
    "LeftReason", "Matter", "MemberStanding", "NamingMode", "Objection", "Participation", "PartyMember", "Pledge", "PledgeComment", "PledgePage", "PledgeProgress", "PledgeState",
    "Post", "QuarterSheet", "QuarterSheetStep", "Rectification", "RectificationStep", "RectifySource", "RectifyState", "SheetLayout", "SheetState", "Standard", "StandardItem",
    "StandardState", "Standing", "StandingMark", "VoterGroup",
]  # fmt: skip
