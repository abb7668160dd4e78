"""Pages of party branches at their size, beside the limit of 100 ms a page may take."""

from collections.abc import Iterator
from time import perf_counter

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.branches.models import Branch
from apps.branches.selectors.branches import branches
from apps.branches.selectors.standing import settle
from apps.core.scope import system_scope
from apps.dashboard.bench.answers import page_figure
from apps.dashboard.bench.figures import Figure
from apps.dashboard.bench.options import COUNTY, Options
from apps.dashboard.scale import tidy
from apps.dashboard.scale.branches import fill_branches

LISTS = ("list", "heat", "desk", "activities", "sheets", "inspections", "rectifications", "applications", "coverage", "exemplars", "ballots", "areas")


def addresses(branch: int, org: int) -> dict[str, str]:
    """Name → address of every page that is measured."""
    found = {name: reverse(f"branches:{name}") for name in LISTS}
    found |= {name: reverse(f"branches:{name}", args=[branch]) for name in ("branch", "life", "dues", "pledges", "activity_add")}
    here, activities, year = found["list"], found["activities"], timezone.localdate().year
    return found | {
        "list_wrong": f"{here}?look=wrong", "list_study": f"{here}?look=study", "list_named": f"{here}?q=第2", "list_figure": f"{here}?metric=branches_life_short&org={org}",
        "list_past": f"{here}?metric=branches_life_short&org={org}&period={year - 1}",
        "activities_month": f"{activities}?year={year}&month=3", "activities_theme": f"{activities}?kind=theme",
    }  # fmt: skip


def measured(options: Options) -> Iterator[Figure]:
    """Fill, judge all once, then every page as a county's 县区干事 and as the 领导 at the top."""
    today, start = timezone.localdate(), perf_counter()
    activities = fill_branches(branches=options.branches, years=5, today=today)
    tidy()
    yield Figure(f"branches.fill.{options.branches}", perf_counter() - start, "s", more={"activities": activities})
    with system_scope("bench") as scope:
        start = perf_counter()
        counted = settle(branches(scope), today)
        yield Figure(f"branches.settle.{options.branches}", perf_counter() - start, "s", more={"branches": counted})
        county = Organization.objects.get(code=COUNTY, valid_to=None)
        one = Branch.objects.filter(org_path__startswith=county.path).first()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) branches_standing, branches_standingmark")
    for who, username in (("county", f"scale_{COUNTY}"), ("top", "scale_top")):
        user = User.objects.get(username=username)
        client = Client()
        client.force_login(user)
        for name, url in addresses(one.pk, user.memberships.get().org_id).items():
            if name == "activity_add" and who == "top":
                continue
            yield page_figure(client, url, f"branches.{name}.{who}.{options.branches}", options)
