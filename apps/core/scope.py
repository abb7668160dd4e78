"""The part of the organisation tree one may see, held by two fences.

First fence: selectors filter ``org_path`` by range (``ScopedQuerySet.visible_to``).
Second fence: PostgreSQL row-level security, opened by ``entered`` for one transaction. Outside it scoped tables are empty,
because they force row security even on their owner.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection, transaction

log = structlog.get_logger(__name__)
_current: ContextVar["Scope | None"] = ContextVar("portal_scope", default=None)

SCOPED_ROLE = "portal_scoped"
ROOT_ROLE = "portal_root"


def upper_bound(path: str) -> str:
    """The first text after every path below ``path``, in C collation (``/36/`` gives ``/360``)."""
    return path[:-1] + "0"


@dataclass(frozen=True)
class Scope:
    """Roots are organisation paths with a trailing slash; no roots means nothing is seen."""

    roots: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for root in self.roots:
            if not (root.startswith("/") and root.endswith("/")) or "," in root:
                raise ValueError(f"not an organisation path: {root!r}")

    @property
    def whole(self) -> bool:
        """True at the top of the deployment, where the policy is simply ``true`` and every index usable."""
        return any(settings.PORTAL_TOP.startswith(root) for root in self.roots)

    def covers(self, path: str) -> bool:
        return any(path.startswith(root) for root in self.roots)


NOWHERE = Scope()


def prefixes(path: str) -> list[str]:
    """``/36/3604/`` and every path above it, ``/`` included."""
    parts = path.strip("/").split("/")
    return ["/"] + ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts)) if parts[n]]


def above(scope: Scope) -> set[str]:
    """Paths of the scope's roots and of every place above them: the first fence of what is seen below its place (``Fence(…, seen_below=True)``)."""
    return {path for root in scope.roots for path in prefixes(root)}


def current_scope() -> Scope | None:
    return _current.get()


def _open(scope: Scope | None) -> None:
    role, roots = "none", ""
    if scope is not None:
        role, roots = (ROOT_ROLE if scope.whole else SCOPED_ROLE), ",".join(scope.roots)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, true), set_config('portal.roots', %s, true)", [role, roots])


@contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    """Run a block in one transaction that sees ``scope`` and no more; may be nested, the outer scope comes back."""
    if not scope.roots:
        log.warning("scope.empty", note="an empty scope sees nothing")
    outer = _current.get()
    with transaction.atomic():
        _open(scope)
        token = _current.set(scope)
        try:
            yield scope
            if connection.in_atomic_block and not connection.needs_rollback:
                _open(outer)
        finally:
            _current.reset(token)


@contextmanager
def system_scope(reason: str) -> Iterator[Scope]:
    """The whole deployment, for jobs that serve everybody (reminders, audit); ``reason`` is logged."""
    log.debug("scope.system", reason=reason)
    with entered(Scope((settings.PORTAL_TOP,))) as scope:
        yield scope
