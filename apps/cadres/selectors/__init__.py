"""Every read of the registry; the scope is the first argument wherever rows belong to a place."""

from apps.cadres.selectors.codes import CodeBook, code_rows, codebook
from apps.cadres.selectors.duplicates import Pair, alike, duplicates, found_for_merging, merge, merges, moved_words
from apps.cadres.selectors.history import side_notes
from apps.cadres.selectors.people import COUNTED, ORDERS, Filters, Listing, filtered, listing
from apps.cadres.selectors.person import cadre, documents, readings, relatives, status_changes, survivors, treatments
from apps.cadres.selectors.search import by_id_number, matching
from apps.cadres.selectors.transfers import Elsewhere, of_batch, person_asked_for, registered, sent, to_answer, transfer, transfers, who_answers

__all__ = [
    "COUNTED",
    "ORDERS",
    "CodeBook",
    "Elsewhere",
    "Filters",
    "Listing",
    "Pair",
    "alike",
    "by_id_number",
    "cadre",
    "code_rows",
    "codebook",
    "documents",
    "duplicates",
    "filtered",
    "found_for_merging",
    "listing",
    "matching",
    "merge",
    "merges",
    "moved_words",
    "of_batch",
    "person_asked_for",
    "readings",
    "registered",
    "relatives",
    "sent",
    "side_notes",
    "status_changes",
    "survivors",
    "to_answer",
    "transfer",
    "transfers",
    "treatments",
    "who_answers",
]
