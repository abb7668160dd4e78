from apps.cadres.models.cadre import AttentionClass, Cadre, Precision, RetireKind, Standing
from apps.cadres.models.change import ChangeKind, StatusChange
from apps.cadres.models.codes import Code
from apps.cadres.models.family import Relative, Survivor
from apps.cadres.models.merge import DistinctPair, MergeRecord
from apps.cadres.models.transfer import TransferRequest, TransferState
from apps.cadres.models.treatment import Treatment

__all__ = [
    "AttentionClass",
    "Cadre",
    "ChangeKind",
    "Code",
    "DistinctPair",
    "MergeRecord",
    "Precision",
    "Relative",
    "RetireKind",
    "Standing",
    "StatusChange",
    "Survivor",
    "TransferRequest",
    "TransferState",
    "Treatment",
]
