"""A draw that anybody can repeat: the seed is on record, the rule is one line.

Each key gets the SHA-256 of ``seed:key`` (UTF-8, hexadecimal); the keys with the smallest digests are drawn. With the seed and the list at hand the draw can be
done again in public with any tool.
"""

import hashlib
import secrets
from collections.abc import Iterable


def fresh_seed() -> str:
    """Sixteen hexadecimal digits, nobody's choice."""
    return secrets.token_hex(8)


def drawn(keys: Iterable[int], size: int, seed: str) -> list[int]:
    """``size`` of ``keys`` (all of them when there are fewer), in the order they were drawn. The order of ``keys`` doesn't matter."""
    return sorted(set(keys), key=lambda key: (hashlib.sha256(f"{seed}:{key}".encode()).hexdigest(), key))[:size]
