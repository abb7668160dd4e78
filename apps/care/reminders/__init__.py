"""What falls due, defined once: the work list, the ledger, the figures and the reports ask here and nowhere else."""

from apps.care.reminders.campaigns import open_campaign, planned_part, split
from apps.care.reminders.deputies import absences_on, readdress, stands_in_for
from apps.care.reminders.digests import is_quiet, send_digests
from apps.care.reminders.duties import NOBODY, ONCE, Counts, Duty, Page, counts, duties_due, frequencies, horizon, owed, owed_todos, page_of_duties
from apps.care.reminders.ledger import open_reminders
from apps.care.reminders.occasions import open_occasions
from apps.care.reminders.occurrences import next_date, subject_of
from apps.care.reminders.rules import RULES, DutyRule, settle, settle_after_rule_change

__all__ = [
    "NOBODY",
    "RULES",
    "ONCE",
    "Counts",
    "Duty",
    "DutyRule",
    "Page",
    "absences_on",
    "counts",
    "duties_due",
    "frequencies",
    "horizon",
    "open_campaign",
    "is_quiet",
    "open_reminders",
    "open_occasions",
    "next_date",
    "owed",
    "owed_todos",
    "page_of_duties",
    "planned_part",
    "readdress",
    "send_digests",
    "settle",
    "subject_of",
    "settle_after_rule_change",
    "split",
    "stands_in_for",
]
