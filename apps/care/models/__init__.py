from apps.cadres.models import AttentionClass
from apps.care.models.aid import AidBudget, AidStandard, Applicant, CaseState, CaseStep, HardshipCase, PayWay
from apps.care.models.campaigns import Campaign, CampaignState, Share
from apps.care.models.doctor import DoctorContract
from apps.care.models.edition import EditionState, PlanEdition
from apps.care.models.handover import Absence, Handover, HandoverState
from apps.care.models.hospital import HospitalStay
from apps.care.models.part import ItemPart, PartState, Side
from apps.care.models.plan import ClassDecision, Frequency, ItemState, PlanItem, PlanState, ServicePlan
from apps.care.models.reminder import DailyRun, Digest, Reminder, Stage
from apps.care.models.rules import ClassThreshold, FrequencyRule, OccasionRule, StageRule, SuggestionRule, Trigger
from apps.care.models.sample import VisitSample
from apps.care.models.survey import ASKING_FOR_NEEDS, Manner, NeedTaken, QuestionKind, SurveyAnswer, SurveyQuestion
from apps.care.models.todo import WITHOUT_A_VISIT, Source, ToDo, ToDoState
from apps.care.models.visit import Visit, VisitPhoto

__all__ = [
    "ASKING_FOR_NEEDS", "Absence", "AidBudget", "AidStandard", "Applicant", "AttentionClass", "Campaign", "CampaignState", "CaseState", "CaseStep",
    "ClassDecision", "ClassThreshold", "DailyRun", "Digest", "DoctorContract", "EditionState", "Frequency", "FrequencyRule", "Handover", "HandoverState", "HardshipCase",
    "HospitalStay", "ItemPart", "ItemState", "Manner", "NeedTaken", "OccasionRule", "PartState", "PayWay",
    "PlanEdition", "PlanItem", "PlanState", "QuestionKind", "Reminder", "ServicePlan", "Share", "Side", "Source", "Stage", "StageRule", "SuggestionRule", "SurveyAnswer",
    "SurveyQuestion", "ToDo", "ToDoState", "Trigger", "Visit", "VisitPhoto", "VisitSample", "WITHOUT_A_VISIT",
]  # fmt: skip
