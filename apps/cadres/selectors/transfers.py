"""Requests for people of other units, seen from both sides; and the one look across the fence that opens them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from apps.accounts.models import Organization, User
from apps.accounts.permissions import Role
from apps.accounts.selectors import ancestors, holders
from apps.cadres.models import Cadre, TransferRequest, TransferState
from apps.core.scope import Scope, system_scope

OFFICERS = (Role.COUNTY_OFFICER, Role.DATA_ADMIN)


@dataclass(frozen=True)
class Elsewhere:
    """Somebody registered outside the asking scope. ``county`` is what may be told, the rest is for the request alone."""

    cadre: int
    path: str
    county: str


def transfers(scope: Scope):
    """Requests either side of which lies in the scope, newest first."""
    return TransferRequest.objects.visible_to(scope).select_related("org", "asked_by", "answered_by").order_by("-pk")


def transfer(scope: Scope, pk: int) -> TransferRequest:
    """Raises ``TransferRequest.DoesNotExist`` for everybody but the two sides."""
    return transfers(scope).get(pk=pk)


def to_answer(scope: Scope):
    """Open requests for people of the scope, the oldest first."""
    return TransferRequest.objects.asked_of(scope).filter(state=TransferState.OPEN).select_related("org", "asked_by").order_by("pk")


def sent(scope: Scope):
    return TransferRequest.objects.asked_by(scope).select_related("org", "asked_by", "answered_by").order_by("-pk")


def of_batch(scope: Scope, batch_id: int) -> dict[int, TransferRequest]:
    """Staged row → its newest request."""
    return {one.row_id: one for one in sent(scope).filter(batch=batch_id).order_by("pk")}


def registered(indexes: Iterable[bytes]) -> dict[bytes, Elsewhere]:
    """Blind index of an ID number → whose it is, wherever in the deployment. The caller must tell no more of it than the county."""
    sql = """
        SELECT c.id_index, c.id, c.org_path, coalesce((SELECT o.name FROM accounts_organization o WHERE c.org_path ^@ o.path AND o.level IN ('county', 'city', 'province')
          ORDER BY length(o.path) DESC LIMIT 1), '其他单位') FROM cadres_cadre c WHERE c.id_index = ANY(%s)
    """
    with system_scope("transfer request: where is this person registered"), connection.cursor() as cursor:
        cursor.execute(sql, [list(indexes)])
        return {bytes(index): Elsewhere(pk, path, county) for index, pk, path, county in cursor.fetchall()}


def person_asked_for(scope: Scope, request: TransferRequest) -> Cadre | None:
    """The record, for whoever has it in his scope: the giving side before, the asking side after the confirmation."""
    return Cadre.objects.visible_to(scope).filter(pk=request.cadre_id).select_related("org", "org__parent").first()


def who_answers(path: str, today) -> list[User]:
    """Officers of the nearest place at or above ``path`` that has any; where none has, its workers."""
    place = Organization.objects.filter(path=path).first()
    line = list(reversed(ancestors(place))) if place else []
    for roles in (OFFICERS, (Role.WORKER,)):
        for org in line:
            if found := list(holders(org, today, roles=roles)):
                return found
    return []
