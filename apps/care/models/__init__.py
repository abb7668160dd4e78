from apps.cadres.models import AttentionClass
from apps.care.models.plan import ClassDecision, ItemState, PlanItem, PlanState, ServicePlan
from apps.care.models.reminder import Digest, Reminder, Stage
from apps.care.models.rules import FrequencyRule, StageRule, SuggestionRule
from apps.care.models.visit import Visit, VisitPhoto

__all__ = [
    "AttentionClass",
    "ClassDecision",
    "Digest",
    "FrequencyRule",
    "ItemState",
    "PlanItem",
    "PlanState",
    "Reminder",
    "ServicePlan",
    "Stage",
    "StageRule",
    "SuggestionRule",
    "Visit",
    "VisitPhoto",
]
