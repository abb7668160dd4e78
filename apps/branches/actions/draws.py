"""A sample on record: the list, the seed, what came out."""

from collections.abc import Mapping
from datetime import datetime

from apps.accounts.models import Organization
from apps.activity import audit
from apps.branches.models import Draw
from apps.core.draw import drawn, fresh_seed


def draw_from(names: Mapping[int, str], *, size: int, purpose: str, org: Organization, by, now: datetime) -> Draw:
    """Draw ``size`` of ``names`` (key → how it is called in the record), all of them when there are fewer. Call it in the transaction of what follows from it."""
    seed = fresh_seed()
    keys = drawn(names, size, seed)
    pool, chosen = [[pk, names[pk]] for pk in sorted(names)], [[pk, names[pk]] for pk in keys]
    made = Draw.objects.create(org=org, purpose=purpose, seed=seed, pool=pool, chosen=chosen, drawn_by=by, drawn_at=now)
    audit.record("draw.made", made, by=by, title=made.get_purpose_display(), data={"seed": seed, "of": len(names), "drawn": keys})
    return made
