"""Who looks after the demo people."""

from datetime import date

from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import Role

AREA_CODES = {"36": "0792", "23": "0452"}


def officers(units: dict[str, list[Organization]], *, today: date) -> dict[str, User]:
    """Path of each demo county and city → who looks after its people: the demo logins where there is one, else an invented officer nobody can sign in as."""
    found = {}
    for place in Organization.objects.filter(code__in=units, valid_to=None).order_by("code"):
        login = User.objects.filter(is_demo=True, memberships__org=place, memberships__role=Role.COUNTY_OFFICER).first()
        found[place.path] = login or _invented(place, len(found), today)
    return found


def _invented(place: Organization, number: int, today: date) -> User:
    phone = f"{AREA_CODES[place.code[:2]]}-812{number + 100:04d}"
    user = User(username=f"demo_officer_{place.code}", display_name=f"演示·{place.name}干事", phone=phone, is_demo=True, must_change_password=True)
    user.set_unusable_password()
    user.save()
    Membership.objects.create(user=user, org=place, role=Role.COUNTY_OFFICER, starts_on=date(today.year, 1, 1))
    return user
