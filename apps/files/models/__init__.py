from apps.files.models.batch import BatchState, ImportBatch, ImportRow, RowState
from apps.files.models.report import ReportRun, RunState
from apps.files.models.stored import StoredFile

__all__ = ["BatchState", "ImportBatch", "ImportRow", "ReportRun", "RowState", "RunState", "StoredFile"]
