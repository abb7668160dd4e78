"""The three ways in which rows of a sheet go into the portal.

``records``: each row is a record with a key of its own (the roster). ``owned``: each row belongs to a person on the register (relatives,
treatments, visits). ``acted``: each row is an action with consequences (a death, a new user), done one by one by the app that owns it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from apps.files.importing import acted, checking, owned, writing


@dataclass(frozen=True)
class Shape:
    """``check(batch, kind)`` judges the staged rows, ``write(batch, kind, by=, now=, step=, only=)`` writes them (or those named); both run inside the scope."""

    check: Callable[..., None]
    write: Callable[..., None]


SHAPES: dict[str, Shape] = {
    "records": Shape(checking.check, writing.write),
    "owned": Shape(owned.check, owned.write),
    "acted": Shape(acted.check, acted.write),
}
