"""The sheets the registry takes in; found by ``apps.files`` at start."""

from apps.cadres.sheets.relatives import Relatives
from apps.cadres.sheets.roster import Roster
from apps.files.sheetkinds import register

register(Roster())
register(Relatives())
