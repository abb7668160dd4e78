"""Where a person lives, as the code of a county and as its name."""

from datetime import date

from django.db.models import Q

from apps.accounts.models import Level, Organization

_REGIONS = (Level.PROVINCE, Level.CITY, Level.COUNTY)


def region_code(text: str, today: date) -> str:
    """Code of a region in force by its code, its name, or its name behind those of the regions above; "" when unknown or ambiguous."""
    text = "".join(text.split())
    if not text:
        return ""
    regions = Organization.objects.in_force(today).filter(level__in=_REGIONS).exclude(code=None)
    if text.isdigit():
        return text if regions.filter(code=text).exists() else ""
    ends = Q(name__in=[text[start:] for start in range(len(text) - 1)])
    found = [region for region in regions.filter(ends).select_related("parent__parent") if _full(region).endswith(text)]
    return found[0].code if len(found) == 1 else ""


def region_name(code: str) -> str:
    """江西省九江市浔阳区; an unknown code stands for itself."""
    region = Organization.objects.filter(code=code).select_related("parent__parent").order_by("valid_to").last() if code else None
    return _full(region) if region else code


def _full(region: Organization) -> str:
    names, at = [region.name], region.parent
    while at is not None and at.level in _REGIONS:
        names.append(at.name)
        at = at.parent
    return "".join(reversed(names))
