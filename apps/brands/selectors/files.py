"""Stored files as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.files.models import StoredFile


@dataclass(frozen=True)
class Files:
    """Pictures to look at and papers to open."""

    pictures: list[StoredFile]
    papers: list[StoredFile]


def sorted_out(found: Iterable[StoredFile]) -> Files:
    rows = list(found)
    return Files([one for one in rows if one.content_type.startswith("image/")], [one for one in rows if not one.content_type.startswith("image/")])
