"""Forms of care, one file per page family."""

from apps.care.forms.lists import PlanFilter, VisitFilter, workers
from apps.care.forms.plans import AssignForm, CloseItemForm, DecideForm, DoctorForm, ItemForm, PlanForm
from apps.care.forms.rules import FrequencyForm, SignalForm, StageForm, SuggestionForm, ThresholdForm
from apps.care.forms.visits import EditVisitForm, VisitForm, VoidForm

__all__ = [
    "AssignForm",
    "CloseItemForm",
    "DecideForm",
    "DoctorForm",
    "EditVisitForm",
    "FrequencyForm",
    "ItemForm",
    "PlanFilter",
    "PlanForm",
    "SignalForm",
    "StageForm",
    "SuggestionForm",
    "ThresholdForm",
    "VisitFilter",
    "VisitForm",
    "VoidForm",
    "workers",
]
