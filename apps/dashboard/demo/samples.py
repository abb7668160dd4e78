"""每周抽看 of the demo: last week's, where visits were logged in it."""

from datetime import date, timedelta

from apps.accounts.models import Organization, User
from apps.care.actions.sampling import draw_sample
from apps.core.refusal import Refused


def look_at_some(*, today: date) -> int:
    """Returns how many visits were drawn."""
    officer, county = User.objects.get(username="demo_county"), Organization.objects.get(code="360403", valid_to=None)
    try:
        return len(draw_sample(org=county, week=today - timedelta(days=7), by=officer, today=today).rows)
    except Refused:
        return 0
