"""What an organisation remembers of columns."""

from collections.abc import Iterable

from django.db.models.functions import Length
from django.utils.timezone import localdate

from apps.accounts.models import Organization, User
from apps.core.scope import Scope, system_scope
from apps.files.models import ColumnMemory, ExportChoice
from apps.files.selectors.places import _above


def column_memories(org: Organization, kind: str) -> list[tuple[str, str, str]]:
    """(title, use, whose and since when) of what ``org`` and those above it have said of columns; its own last, so that it wins.

    The memories above lie outside a county's scope; they hold titles of columns and nothing of people.
    """
    with system_scope("import: what columns meant last time"):
        found = ColumnMemory.objects.filter(kind=kind, org_path__in=_above(org)).select_related("org").order_by(Length("org_path"), "pk")
        return [(one.title, one.field, f"{one.org.name}，{localdate(one.confirmed_at):%Y-%m-%d}") for one in found]


def memories(scope: Scope, hidden: Iterable[str] = ()):
    """Column memories of organisations in the scope, without kinds that are ``hidden``."""
    return ColumnMemory.objects.visible_to(scope).exclude(kind__in=hidden).select_related("org", "confirmed_by").order_by("org_path", "kind", "title")


def memories_above(org: Organization) -> list[ColumnMemory]:
    """What the organisations above remember and ``org`` goes by as well."""
    with system_scope("import: what columns mean above"):
        found = ColumnMemory.objects.filter(org_path__in=_above(org)[:-1]).select_related("org", "confirmed_by")
        return list(found.order_by("org_path", "kind", "title"))


def memory(scope: Scope, pk: int, hidden: Iterable[str] = ()) -> ColumnMemory:
    """Raises ``ColumnMemory.DoesNotExist`` outside the scope and for kinds that are ``hidden``."""
    return memories(scope, hidden).get(pk=pk)


def columns_chosen(user: User, kind: str) -> list[str]:
    """Keys of the columns chosen last time; empty for the first time."""
    return ExportChoice.objects.filter(user=user, kind=kind).values_list("columns", flat=True).first() or []
