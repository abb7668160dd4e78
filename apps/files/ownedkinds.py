"""Kinds of sheets whose rows speak of people already on the register: their relatives, treatments, visits, or what happened to them."""

from collections.abc import Iterable, Mapping

from apps.accounts.models import Organization
from apps.files.importing.asking import Flag
from apps.files.sheetkinds import Owner, SheetKind


class OwnedKind(SheetKind):
    """Rows are records that belong to a person (``owner``), who is named by ID number or by name, birth month and unit.

    ``natural`` tells which record of that person a row is about: column → an SQL expression over ``{}``, the column as text, asked of row
    and record alike. Of ``loose`` columns a blank on either side agrees with anything. ``keeps_existing``: a record that is there is never
    changed, only noted.
    """

    shape = "owned"
    owner: Owner
    key_field = "id_number"
    name_field = "person"
    unit_field = "person_unit"
    places_rows = False
    natural: Mapping[str, str] = {}
    loose: frozenset[str] = frozenset()
    keeps_existing = False

    def owner_problems(self, batch_id: int, org: Organization, only: Iterable[int] | None = None) -> list[Flag]:
        """What speaks against rows because of the person they belong to: asked once it is known who that is, and again when they are written."""
        return []

    def natural_columns(self) -> Mapping[str, str]:
        """``natural``, for kinds whose expressions depend on code tables."""
        return self.natural
