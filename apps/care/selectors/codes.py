"""Names of the codes a visit or an item carries, and the choices of their forms."""

from datetime import date

from django.db.models import Q

from apps.cadres.models import Code
from apps.care.standards import AID_TABLE, CATEGORY_TABLE, CODE_TABLES, OCCASION_TABLE, WAY_TABLE

__all__ = ["AID_TABLE", "CATEGORY_TABLE", "OCCASION_TABLE", "WAY_TABLE", "choices", "names"]


def names() -> dict[str, dict[str, str]]:
    """Table → code → name, retired codes included: old records keep their word. One query."""
    found: dict[str, dict[str, str]] = {table: {} for table in CODE_TABLES}
    for table, code, name in Code.objects.filter(table__in=CODE_TABLES).values_list("table", "code", "name"):
        found[table][code] = name
    return found


def choices(today: date) -> dict[str, list[tuple[str, str]]]:
    """Table → (code, name) in force on ``today``, in the table's order. One query."""
    found: dict[str, list[tuple[str, str]]] = {table: [] for table in CODE_TABLES}
    usable = Code.objects.filter(Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_to=None) | Q(valid_to__gte=today), table__in=CODE_TABLES)
    for table, code, name in usable.order_by("table", "order", "code").values_list("table", "code", "name"):
        found[table].append((code, name))
    return found


def values_of(table: str) -> list[tuple[str, str]]:
    """(code, name) of any code table, retired ones too: rules may still speak of them."""
    return list(Code.objects.filter(table=table).order_by("order", "code").values_list("code", "name"))


def value_names(tables: set[str]) -> dict[tuple[str, str], str]:
    """(table, code) → name, for showing rules in words. One query."""
    return {(table, code): name for table, code, name in Code.objects.filter(table__in=tables).values_list("table", "code", "name")}
