"""Where the present work comes from, known without handing a request through every action: the audit writes it into each row."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Asking:
    """``address`` of the caller, number of the request, and the role the caller acts in (filled in once it is known)."""

    address: str = ""
    request_id: str = ""
    role: str = ""


NOBODY = Asking()
_asking: ContextVar[Asking] = ContextVar("portal_asking", default=NOBODY)


def begin(address: str, request_id: str):
    """Open for one request; hand what this returns to ``end``."""
    return _asking.set(Asking(address, request_id))


def end(token) -> None:
    _asking.reset(token)


def current() -> Asking:
    """Of this request; empty in commands and tasks."""
    return _asking.get()
