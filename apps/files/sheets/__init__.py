"""Sheets of the tables of ``accounts``. That app lies below this one and can't know of imports, so its sheets stand here, in the lowest app
that may speak of both; they act through its own actions and bear its own rights, not those of business data."""

from apps.files.sheetkinds import register
from apps.files.sheets.organisations import Organisations
from apps.files.sheets.users import Users

for kind in (Organisations, Users):
    register(kind())
