"""The sheets the registry takes in; found by ``apps.files`` at start."""

from apps.accounts.permissions import Right
from apps.cadres.sheets.changes import Changes
from apps.cadres.sheets.relatives import Relatives
from apps.cadres.sheets.roster import Roster
from apps.cadres.sheets.survivors import Survivors
from apps.cadres.sheets.treatments import Treatments
from apps.files.registry import ROW_OFFERS, RowOffer
from apps.files.sheetkinds import register

for kind in (Roster, Relatives, Survivors, Treatments, Changes):
    register(kind())
ROW_OFFERS.add("other_unit", RowOffer(("roster",), Right.CADRE_EDIT, "申请调入", "cadres:transfer_rows"))
