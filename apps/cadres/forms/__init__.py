"""Forms of the registry."""

from apps.cadres.forms.changes import StatusChangeForm
from apps.cadres.forms.codes import CodeForm, NewCodeForm
from apps.cadres.forms.family import DocumentForm, RelativeForm, SurvivorForm, TreatmentForm
from apps.cadres.forms.listing import FilterForm, RevealForm
from apps.cadres.forms.person import CadreForm
from apps.cadres.forms.transfers import AnswerForm, TransferForm, TransferRowsForm

__all__ = [
    "AnswerForm",
    "CadreForm",
    "CodeForm",
    "DocumentForm",
    "FilterForm",
    "NewCodeForm",
    "RelativeForm",
    "RevealForm",
    "StatusChangeForm",
    "SurvivorForm",
    "TransferForm",
    "TransferRowsForm",
    "TreatmentForm",
]
