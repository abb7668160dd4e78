"""Pages of 一县一品 at their size, beside the limit of 100 ms a page may take."""

from collections.abc import Iterator
from time import perf_counter

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import Role
from apps.brands.models import Brand, Practice, QuarterReport, StudyPlan
from apps.core.scope import system_scope
from apps.dashboard.bench.answers import page_figure
from apps.dashboard.bench.figures import Figure
from apps.dashboard.bench.options import COUNTY, Options
from apps.dashboard.scale import tidy
from apps.dashboard.scale.brands import fill_brands

YEARS = 3
LISTS = ("list", "desk", "reports", "practices", "plans", "learned", "effort", "rounds")


def addresses(brand: Brand, report: QuarterReport, practice: Practice, plan: StudyPlan | None, org: int) -> dict[str, str]:
    """Name → address of every page that is measured."""
    found = {name: reverse(f"brands:{name}") for name in LISTS}
    found |= {"brand": reverse("brands:brand", args=[brand.pk]), "show": reverse("brands:brand_show", args=[brand.pk])}
    found["report"] = reverse("brands:report", args=[brand.pk, report.year, report.quarter])
    found["practice"] = reverse("brands:practice", args=[practice.pk])
    if plan:
        found["plan"] = reverse("brands:plan", args=[plan.pk])
    here = found["list"]
    return found | {
        "list_named": f"{here}?q=品牌1", "list_spread": f"{here}?look=named", "list_late": f"{here}?metric=brand_reports_late&org={org}",
        "reports_missing": f"{found['reports']}?state=missing", "effort_idle": f"{found['effort']}?metric=brand_counties_idle",
    }  # fmt: skip


def measured(options: Options) -> Iterator[Figure]:
    """Fill, then every page as a county's 县区干事, as a province's 领导 and as one of the whole country."""
    today, start = timezone.localdate(), perf_counter()
    reports = fill_brands(brands=options.brands, years=YEARS, today=today)
    tidy()
    yield Figure(f"brands.fill.{options.brands}", perf_counter() - start, "s", more={"reports": reports})
    country = User.objects.create(username="scale_country", display_name="country", must_change_password=False)
    Membership.objects.create(user=country, org=Organization.objects.get(path="/"), role=Role.LEADER, starts_on=today)
    for who, username in (("county", f"scale_{COUNTY}"), ("province", "scale_top"), ("country", "scale_country")):
        user = User.objects.get(username=username)
        org = user.memberships.get().org
        with system_scope("bench"):
            county = Organization.objects.get(code=COUNTY, valid_to=None)
            brand = Brand.objects.filter(org=county).first()
            report, plan = brand.reports.first(), StudyPlan.objects.filter(org=county).first()
            practice = Practice.objects.filter(org__path="/".join(county.path.split("/")[:3]) + "/").first()
        client = Client()
        client.force_login(user)
        for name, url in addresses(brand, report, practice, plan, org.pk).items():
            yield page_figure(client, url, f"brands.{name}.{who}.{options.brands}", options)
