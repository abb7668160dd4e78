"""One-time codes for votes without a name: made, kept as a fingerprint, guessed at slowly. Who uses them keeps nothing that leads from a code to an answer."""

import secrets
import unicodedata
from contextlib import suppress

from django.core.cache import cache
from django.db.models import QuerySet

from apps.core.crypto import blind_index
from apps.core.refusal import Refused

DIGITS = 10
TRIES, WINDOW = 60, 600
"""So many wrong codes from one address in so many seconds; a hall of voters shares one."""
UNKNOWN = "没有这个号码，或者已经用过。如果刚才已经提交，票已收到，不用再投。"


def fresh_codes(n: int) -> list[str]:
    """``n`` codes of ten digits, in no order."""
    return [f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}" for _ in range(n)]


def fingerprint(code: str, purpose: str) -> str:
    """32 hexadecimal digits of a code as it was typed: full-width digits, blanks and dashes don't matter; "" without a digit. ``purpose`` keeps codes of
    different votes apart."""
    found = blind_index("".join(sign for sign in unicodedata.normalize("NFKC", code) if sign.isdecimal())[:20], purpose)
    return found.hex() if found else ""


def _counter(address: str, purpose: str) -> str:
    return f"{purpose}.tries:{address}"


def patience(address: str, purpose: str) -> None:
    """Raises ``Refused`` (429, field ``code``) once there were too many wrong codes from ``address``."""
    if cache.get(_counter(address, purpose), 0) >= TRIES:
        raise Refused("输错的次数太多，请过十分钟再试，或向工作人员要一个新号码。", code="too_many_tries", status=429, field="code")


def unknown(address: str, purpose: str) -> Refused:
    """A wrong code was typed: counted, and what to raise."""
    key = _counter(address, purpose)
    if not cache.add(key, 1, WINDOW):
        with suppress(ValueError):
            cache.incr(key)
    return Refused(UNKNOWN, code="unknown_code", field="code")


def write_anew(found: QuerySet) -> None:
    """Slips of a vote that is over, under fresh keys in an order drawn by lot: neither the place on disk nor the transaction tells the order of voting."""
    rows = list(found)
    secrets.SystemRandom().shuffle(rows)
    found.delete()
    for row in rows:
        row.pk = found.model._meta.pk.get_default()
    found.model._default_manager.bulk_create(rows)
