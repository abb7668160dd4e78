"""每周抽看: drawing a week's sample once, with a seed that is kept."""

from datetime import date, timedelta
from random import Random, SystemRandom

from django.db import IntegrityError, transaction

from apps.accounts.models import Organization
from apps.activity import audit
from apps.care.models import VisitSample
from apps.care.selectors.plausible import signs_of_week
from apps.care.standards import SAMPLE_SIGNED, SAMPLE_SIZE
from apps.core.refusal import Refused
from apps.core.scope import Scope


def drawn(signs: dict[int, list[str]], seed: int) -> list[list]:
    """[visit, signs] of a draw: up to ``SAMPLE_SIGNED`` with a sign, filled up from all others; the same seed draws the same again."""
    random = Random(seed)  # noqa: S311 - a sample, repeatable on purpose
    signed = sorted(pk for pk, found in signs.items() if found)
    chosen = random.sample(signed, min(SAMPLE_SIGNED, len(signed)))
    rest = sorted(set(signs) - set(chosen))
    chosen += random.sample(rest, min(SAMPLE_SIZE - len(chosen), len(rest)))
    return [[pk, signs[pk]] for pk in sorted(chosen)]


@transaction.atomic
def draw_sample(*, org: Organization, week: date, by, today: date) -> VisitSample:
    """The sample of the week that begins on ``week``; drawn already, it is the same. Raises ``Refused`` for a week not over, or without visits."""
    week -= timedelta(days=week.weekday())
    if week + timedelta(days=7) > today:
        raise Refused("这一周还没有过完，下周一再抽。", code="week_running")
    if known := VisitSample.objects.filter(org=org, week=week).first():
        return known
    signs = signs_of_week(Scope((org.path,)), week)
    if not signs:
        raise Refused("那一周没有登记走访，不用抽看。", code="nothing")
    seed = SystemRandom().randrange(2**31)
    try:
        with transaction.atomic():
            made = VisitSample.objects.create(org=org, week=week, seed=seed, rows=drawn(signs, seed), drawn_by=by)
    except IntegrityError:
        return VisitSample.objects.get(org=org, week=week)
    audit.record("visit.sampled", made, by=by, data={"week": str(week), "seed": seed, "of": len(signs)}, title=f"{org} {week} 抽看")
    return made
