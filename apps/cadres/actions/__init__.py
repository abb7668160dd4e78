"""Every write of the registry."""

from apps.cadres.actions.changes import register_status_change
from apps.cadres.actions.closed import note_print, note_view, reveal
from apps.cadres.actions.codes import add_code, change_code, retire_code
from apps.cadres.actions.documents import add_document, remove_document
from apps.cadres.actions.family import remove_relative, remove_treatment, save_relative, save_survivor, save_treatment
from apps.cadres.actions.merging import better, differing, merge_cadres, reason_against_merging, say_distinct, unmerge_cadres, what_stays
from apps.cadres.actions.notes import change_notes
from apps.cadres.actions.people import ChangedMeanwhile, change_cadre, register_cadre
from apps.cadres.actions.transfers import ask_for_rows, ask_transfer, confirm_transfer, refuse_transfer, settle_transfers, withdraw_transfer

__all__ = [
    "ChangedMeanwhile",
    "add_code",
    "add_document",
    "ask_for_rows",
    "ask_transfer",
    "better",
    "change_cadre",
    "change_code",
    "change_notes",
    "confirm_transfer",
    "differing",
    "merge_cadres",
    "note_print",
    "note_view",
    "register_cadre",
    "reason_against_merging",
    "refuse_transfer",
    "register_status_change",
    "remove_document",
    "remove_relative",
    "remove_treatment",
    "retire_code",
    "reveal",
    "save_relative",
    "save_survivor",
    "save_treatment",
    "say_distinct",
    "settle_transfers",
    "unmerge_cadres",
    "what_stays",
    "withdraw_transfer",
]
