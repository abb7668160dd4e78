from apps.files.models.batch import WRITTEN, BatchState, Decision, ImportBatch, ImportRow, RowState, Undone
from apps.files.models.memory import ASIDE, IGNORED, ColumnMemory
from apps.files.models.report import ReportRun, RunState
from apps.files.models.stored import StoredFile

__all__ = [
    "ASIDE", "IGNORED", "WRITTEN", "BatchState", "ColumnMemory", "Decision", "ImportBatch", "ImportRow", "ReportRun", "RowState", "RunState", "StoredFile", "Undone",
]  # fmt: skip
