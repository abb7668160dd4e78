from apps.brands.models.brand import (
    ENDED,
    HOLDING,
    REPORTING,
    TEXTS,
    UNDER_WAY,
    Award,
    Brand,
    BrandState,
    BrandStep,
    Goal,
    GroupMeeting,
    PlannedStep,
    Rung,
    Spread,
    ThemeLine,
)
from apps.brands.models.practice import TAKEN, FitFor, Practice, PracticeList, Question, StudyNote, StudyPhase, StudyPlan, StudyState
from apps.brands.models.report import HANDED_IN, LINES, GoalFigure, Mark, QuarterReport, ReportState, ReportStep
from apps.brands.models.review import Entry, Judge, JudgeScore, Part, ReviewCode, ReviewRound, ReviewSlip, RoundState

__all__ = [
    "ENDED", "HANDED_IN", "HOLDING", "LINES",
    "REPORTING", "TAKEN", "TEXTS", "UNDER_WAY", "Award", "Brand", "BrandState", "BrandStep", "Entry", "FitFor", "Goal", "GoalFigure", "GroupMeeting", "Judge",
    "JudgeScore", "Mark", "Part", "PlannedStep", "Practice", "PracticeList", "QuarterReport", "Question", "ReportState", "ReportStep", "ReviewCode", "ReviewRound", "ReviewSlip",
    "RoundState", "Rung", "Spread", "StudyNote", "StudyPhase", "StudyPlan", "StudyState", "ThemeLine",
]  # fmt: skip
