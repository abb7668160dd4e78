"""Official documents (.docx) after GB/T 9704-2012."""

from apps.core.documents.gongwen import Gongwen
from apps.core.documents.text import document_number, official_date

__all__ = ["Gongwen", "document_number", "official_date"]
