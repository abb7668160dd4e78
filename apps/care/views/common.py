"""What the pages of care share."""

from apps.cadres.views.common import carried_out, done, or_404, refused

__all__ = ["SHOWN_TOTAL", "carried_out", "done", "or_404", "refused", "tabs"]
SHOWN_TOTAL = 10_000


def tabs(*entries: tuple) -> list[dict]:
    return [{"label": label, "url": url, "active": active} for label, url, active in entries]
