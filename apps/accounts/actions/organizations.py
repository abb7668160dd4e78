"""Writes about the organisation tree."""

from dataclasses import dataclass, field
from datetime import date

from django.apps import apps
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from apps.accounts.models import Level, Organization, User
from apps.core import trail
from apps.core.models import Scoped
from apps.core.refusal import Refused
from apps.core.scope import system_scope, upper_bound

REGIONS = (Level.COUNTRY, Level.PROVINCE, Level.CITY, Level.COUNTY)
PATH_ROOM = 160


def segment(org: Organization) -> str:
    """What an organisation adds to its parent's path: the significant digits of a GB/T 2260 code, else ``u`` and its key."""
    if org.level == Level.PROVINCE and org.code:
        return org.code[:2]
    if org.level == Level.CITY and org.code:
        return org.code[:4]
    if org.level in (Level.COUNTY, Level.TOWNSHIP) and org.code:
        return org.code
    return f"u{org.pk}"


@transaction.atomic
def create_organization(*, parent: Organization, name: str, level: str, short_name: str = "", by: User | None, valid_from=None) -> Organization:
    """Hang a unit, bureau, township or community below ``parent``. Regions come with the yearly code table instead (``load_regions``)."""
    if level in REGIONS:
        raise Refused("省、市、县由行政区划表导入，不在这里新建。", field="level")
    if Organization.objects.filter(parent=parent, name=name, valid_to=None).exists():
        raise Refused(f"「{parent}」下已有「{name}」。", code="name_taken", field="name")
    org = Organization(parent=parent, name=name, short_name=short_name, level=level, valid_from=valid_from, path=f"{parent.path}new/")
    org.save()
    org.path = f"{parent.path}{segment(org)}/"
    if len(org.path) > PATH_ROOM:
        raise Refused("层级太深，不能再往下建。", field="parent")
    org.save(update_fields=["path"])
    trail.record("organization.created", org, by=by)
    return org


@transaction.atomic
def change_organization(*, org: Organization, name: str, short_name: str, by: User) -> Organization:
    before = org.name
    org.name, org.short_name = name, short_name
    org.save(update_fields=["name", "short_name"])
    trail.record("organization.changed", org, by=by, data={"before": before, "after": name})
    return org


@transaction.atomic
def close_organization(*, org: Organization, on: date, by: User) -> Organization:
    """Take a unit out of use from a day on. Refuses while open units hang below or people are managed there."""
    if org.level in REGIONS:
        raise Refused("行政区划随区划表变更，不在这里停用。")
    if Organization.objects.filter(parent=org, valid_to=None).exists():
        raise Refused("下面还有在用的单位，请先处理它们。", code="has_children")
    if held := _people_in(org):
        raise Refused(f"这里还有 {held} 条业务记录，请先调整到其他单位。", code="in_use")
    org.valid_to = on
    org.save(update_fields=["valid_to"])
    trail.record("organization.changed", org, by=by, note=f"自 {on} 起停用")
    return org


def scoped_models() -> list[type[Scoped]]:
    """Every model whose rows belong to a place and may move with it (the audit's rows stay where they were written)."""
    return [model for model in apps.get_models() if _has_path(model) and model._meta.label not in ("activity.AuditEvent", "accounts.Organization")]


def _has_path(model) -> bool:
    return any(column.name == "org_path" for column in model._meta.local_fields) and model._meta.managed


def _people_in(org: Organization) -> int:
    with system_scope("close organisation: is anything left"):
        owned = [model for model in scoped_models() if issubclass(model, Scoped) and any(f.name == "org" for f in model._meta.local_fields)]
        return sum(model.objects.filter(org=org).count() for model in owned)


@transaction.atomic
def move_organization(*, org: Organization, parent: Organization, by: User) -> Organization:
    """Hang an organisation elsewhere; every row below follows with its ``org_path``. Refuses a place below itself."""
    if org.level in REGIONS:
        raise Refused("行政区划随区划表变更，不在这里调整隶属。")
    if parent.path.startswith(org.path):
        raise Refused("不能移到自己下面。", code="below_itself", field="parent")
    old, new = org.path, f"{parent.path}{segment(org)}/"
    org.parent = parent
    org.save(update_fields=["parent"])
    with system_scope("organisation moves, its rows follow"):
        for model, column in [(Organization, "path"), *_columns_of_paths()]:
            below = {f"{column}__gte": old, f"{column}__lt": upper_bound(old)}
            model._base_manager.filter(**below).update(**{column: Concat(Value(new), Substr(F(column), len(old) + 1))})
    org.refresh_from_db()
    trail.record("organization.moved", org, by=by, data={"from": old, "to": new})
    return org


def _columns_of_paths():
    """(model, column) of every path that follows an organisation; a row that two places share names the others in ``OTHER_PATHS``."""
    for model in scoped_models():
        if model._meta.label not in _histories():
            yield from ((model, column) for column in ("org_path", *getattr(model, "OTHER_PATHS", ())))


def _histories() -> set[str]:
    """History rows are append-only: they keep the place they were written for."""
    return {model._meta.label for model in apps.get_models() if hasattr(model, "pgh_tracked_model")}


@dataclass
class RegionChange:
    """What a yearly code table did to the tree."""

    added: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    unchanged: int = 0


@transaction.atomic
def load_regions(*, rows: list[dict], by: User | None, complete: bool = False, today: date) -> RegionChange:
    """Bring the tree in line with GB/T 2260 rows ``{code, name, parent, level, valid_from, valid_to}`` (six- or nine-digit codes, ISO dates or "").

    Adds what is new, renames, closes what carries an end; with ``complete`` also closes regions the table no longer lists.
    Refuses a row whose parent is unknown, before anything is written.
    """
    change = RegionChange()
    known = {org.code: org for org in Organization.objects.filter(code__isnull=False, valid_to=None)}
    top, _ = Organization.objects.get_or_create(path="/", defaults={"name": "全国", "level": Level.COUNTRY})
    for level in (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWNSHIP):
        fresh = [row for row in rows if row["level"] == level and not _take_region(row, known, change)]
        made = [_new_region(row, known, top, number) for number, row in enumerate(sorted(fresh, key=lambda row: row["code"]))]
        Organization.objects.bulk_create(made, batch_size=1000)
        known |= {org.code: org for org in made}
        change.added += [f"{org.code} {org.name}" for org in made]
    if complete:
        _close_missing({row["code"] for row in rows}, known, change, today)
    if by is not None:
        trail.record("regions.imported", by=by, data={"added": len(change.added), "renamed": len(change.renamed), "closed": len(change.closed)})
    return change


def _take_region(row: dict, known: dict, change: RegionChange) -> bool:
    """True when nothing has to be added for this row."""
    present = known.get(row["code"])
    if row.get("valid_to"):
        if present:
            present.valid_to = date.fromisoformat(row["valid_to"])
            present.save(update_fields=["valid_to"])
            change.closed.append(f"{present.code} {present.name}")
        return True
    if present is None:
        return False
    if present.name == row["name"]:
        change.unchanged += 1
    else:
        change.renamed.append(f"{row['code']} {present.name} → {row['name']}")
        present.name = row["name"]
        present.save(update_fields=["name"])
    return True


def _new_region(row: dict, known: dict, top: Organization, number: int) -> Organization:
    parent = known.get(row["parent"]) if row["parent"] else top
    if parent is None:
        raise Refused(f"区划 {row['code']} {row['name']} 的上级 {row['parent']} 不在表中。", code="region_parent_unknown")
    org = Organization(parent=parent, name=row["name"], level=row["level"], code=row["code"], order=number, valid_from=row.get("valid_from") or None)
    org.path = f"{parent.path}{segment(org)}/"
    return org


def _close_missing(listed: set[str], known: dict, change: RegionChange, today: date) -> None:
    for code, org in known.items():
        if code not in listed and org.level in REGIONS:
            org.valid_to = today
            org.save(update_fields=["valid_to"])
            change.closed.append(f"{code} {org.name}")
