from apps.files.models.batch import WRITTEN, BatchState, Decision, ImportBatch, ImportRow, RowState, Undone
from apps.files.models.export import UNDER_WAY, ExportChoice, ExportRun, ExportState
from apps.files.models.memory import ASIDE, IGNORED, ColumnMemory
from apps.files.models.report import ReportRun, RunState
from apps.files.models.stored import StoredFile

__all__ = [
    "ASIDE", "IGNORED", "UNDER_WAY", "WRITTEN", "BatchState", "ColumnMemory", "Decision", "ExportChoice", "ExportRun", "ExportState", "ImportBatch", "ImportRow",
    "ReportRun", "RowState", "RunState", "StoredFile", "Undone",
]  # fmt: skip
