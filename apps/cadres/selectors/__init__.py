"""Every read of the registry; the scope is the first argument wherever rows belong to a place."""

from apps.cadres.selectors.codes import CodeBook, code_rows, codebook
from apps.cadres.selectors.history import side_notes
from apps.cadres.selectors.people import COUNTED, ORDERS, Filters, Listing, filtered, listing
from apps.cadres.selectors.person import cadre, documents, readings, relatives, status_changes, survivors, treatments
from apps.cadres.selectors.search import by_id_number, matching

__all__ = [
    "COUNTED",
    "ORDERS",
    "CodeBook",
    "Filters",
    "Listing",
    "by_id_number",
    "cadre",
    "code_rows",
    "codebook",
    "documents",
    "filtered",
    "listing",
    "matching",
    "readings",
    "relatives",
    "side_notes",
    "status_changes",
    "survivors",
    "treatments",
]
