"""Forms of the import."""

from apps.files.forms.columns import ColumnsForm
from apps.files.forms.listing import BatchFilter
from apps.files.forms.upload import UploadForm, sheet_kinds

__all__ = ["BatchFilter", "ColumnsForm", "UploadForm", "sheet_kinds"]
