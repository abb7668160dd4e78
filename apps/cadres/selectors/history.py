"""Who changed which field of a person, when, from what to what: read from the rows the database itself writes at every change."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps

from apps.accounts.models import Organization, User
from apps.cadres.fields import EDITABLE, MASKED_BESIDE
from apps.cadres.models import Cadre
from apps.cadres.values import as_words, same, value_of
from apps.core.scope import Scope

SHOWN = (*(MASKED_BESIDE.get(name, name) for name in EDITABLE), "extra", "standing", "deceased_on", "attention_class", "org_path")
TITLES = {"extra": "附注", "org_path": "管理单位", "residence_region": "居住县（市、区）"}
_BATCH = re.compile(r".*/imports/\d+/")
FIELD_OF = {masked: name for name, masked in MASKED_BESIDE.items()}


@dataclass(frozen=True)
class FieldChange:
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Edit:
    """One saving: when, by whom ("" when unknown), what; ``opening`` marks the first."""

    at: datetime
    by: str
    changes: tuple[FieldChange, ...]
    opening: bool = False


def _events(cadre: Cadre):
    return apps.get_model("cadres", "CadreEvent").objects.filter(pgh_obj_id=cadre.pk).order_by("pgh_id")


def title_of(name: str) -> str:
    """Chinese name of a field, the mask standing for what it masks."""
    if name in TITLES:
        return TITLES[name]
    return str(Cadre._meta.get_field(FIELD_OF.get(name, name)).verbose_name)


def _differing(before, after) -> list[str]:
    return [name for name in SHOWN if not same(value_of(before, name), value_of(after, name))]


def changed_since(scope: Scope, cadre: Cadre, version: int) -> list[str]:
    """Fields whose present value differs from the one at ``version``; [] when that version isn't known."""
    then = _events(cadre).filter(version=version).last()
    if then is None:
        return []
    return [FIELD_OF.get(name, name) for name in _differing(then, cadre) if FIELD_OF.get(name, name) in EDITABLE]


def edits(scope: Scope, cadre: Cadre, book, *, limit: int = 200) -> list[Edit]:
    """Savings of a person's record, newest first, those that changed nothing a person reads left out. Three queries."""
    rows = list(_events(cadre).select_related("pgh_context"))[-limit - 1 :]
    keys = {row.pgh_context.metadata.get("user") for row in rows if row.pgh_context}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=[key for key in keys if key])}
    places = _places({row.org_path for row in rows})
    found, earlier = [], None
    for row in rows:
        who = names.get(row.pgh_context.metadata.get("user"), "") if row.pgh_context else ""
        if earlier is None:
            found.append(Edit(row.pgh_created_at, who, (), opening=row.pgh_label == "insert"))
        elif differing := _differing(earlier, row):
            changes = [FieldChange(title_of(name), _words(earlier, name, book, places), _words(row, name, book, places)) for name in differing if name != "extra"]
            found.append(Edit(row.pgh_created_at, who, (*changes, *_notes_changed(earlier.extra, row.extra))))
        earlier = row
    return found[::-1]


def _notes_changed(before: dict, after: dict) -> list[FieldChange]:
    labels = [label for label in {**before, **after} if before.get(label) != after.get(label)]
    return [FieldChange(f"附注：{label}", before.get(label, ""), after.get(label, "")) for label in labels]


@dataclass(frozen=True)
class SideNote:
    """A side note and where its present text came from: when, by whom, and the import it came with ("" when it was typed)."""

    label: str
    text: str
    at: datetime | None
    by: str
    batch_url: str


def side_notes(scope: Scope, cadre: Cadre) -> list[SideNote]:
    """In the order of the record. Two queries; none for people without any."""
    if not cadre.extra:
        return []
    rows = list(_events(cadre).select_related("pgh_context").only("extra", "pgh_created_at", "pgh_context__metadata"))
    written: dict[str, object] = {}
    earlier: dict = {}
    for row in rows:
        written |= {label: row for label, text in row.extra.items() if earlier.get(label) != text}
        earlier = row.extra
    facts = {label: (row.pgh_context.metadata if row.pgh_context else {}) for label, row in written.items()}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=[one["user"] for one in facts.values() if one.get("user")])}
    return [
        SideNote(label, text, written[label].pgh_created_at if label in written else None, names.get(facts.get(label, {}).get("user"), ""), _import_url(facts.get(label, {})))
        for label, text in cadre.extra.items()
    ]


def _import_url(metadata: dict) -> str:
    url = metadata.get("url") or ""
    return url if _BATCH.fullmatch(url) else ""


def _words(row, name: str, book, places: dict[str, str]) -> str:
    if name == "org_path":
        return places.get(row.org_path, row.org_path)
    return as_words(name, value_of(row, name), book)


def _places(paths: set[str]) -> dict[str, str]:
    return dict(Organization.objects.filter(path__in=paths).values_list("path", "name"))
