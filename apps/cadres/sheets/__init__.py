"""The sheets the registry takes in; found by ``apps.files`` at start."""

from apps.cadres.sheets.changes import Changes
from apps.cadres.sheets.relatives import Relatives
from apps.cadres.sheets.roster import Roster
from apps.cadres.sheets.survivors import Survivors
from apps.cadres.sheets.treatments import Treatments
from apps.files.sheetkinds import register

for kind in (Roster, Relatives, Survivors, Treatments, Changes):
    register(kind())
