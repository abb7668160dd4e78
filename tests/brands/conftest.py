"""A county with a brand, the city above it, and a neighbour."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.accounts.permissions import Role
from apps.brands.actions import brands as actions
from apps.brands.actions import practices, reports, reviews
from apps.brands.actions.brands import GoalRow, MonthRow
from apps.brands.models import Brand, Entry, ReviewRound
from apps.brands.standards import WEIGHTS
from apps.core.calendar import Quarter
from apps.core.scope import system_scope
from apps.files.storage import save

TODAY = date(2026, 11, 22)
QUARTERS = [Quarter(2026, n) for n in (1, 2, 3)]
VALUES = {
    "name": "银龄先锋站", "line": "role", "slogan": "老有所为", "logo_meaning": "圆", "meaning": "在身边", "background": "分散", "problem": "没岗位", "target_group": "全区",
    "carrier": "派单", "effect": "见效", "spread_plan": "推开", "leader": "甲", "contact": "乙", "people": "丙", "group": "丁", "budget": "两万", "media": "报道两次",
    "starts_on": date(2026, 1, 1), "ends_on": date(2027, 12, 31),
}  # fmt: skip
WRITTEN = {"planned": "摸底", "done": "办了九场", "problems": "", "next_step": "再办", "activities": 9, "participants": 120, "beneficiaries": 60}


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))


@pytest.fixture
def county(person):
    return person("浔阳区", Role.COUNTY_OFFICER, username="county")


@pytest.fixture
def city(person):
    return person("九江市", Role.COUNTY_OFFICER, username="city")


@pytest.fixture
def leader(person):
    return person("九江市", Role.LEADER, username="leader")


@pytest.fixture
def neighbour(person):
    return person("濂溪区", Role.COUNTY_OFFICER, username="neighbour")


@pytest.fixture
def write(places, county):
    """``write(name=…)`` makes a brand of 浔阳区 with one goal and one planned month."""

    def build(org="浔阳区", by=None, **given):
        goals, months = [GoalRow("派单", "次", Decimal(0), Decimal(40))], [MonthRow(date(2026, 3, 9), "试点开张")]
        with system_scope("test"):
            return actions.write_brand(org=places[org], values=VALUES | given, goals=goals, months=months, by=by or county, now=at(TODAY))

    return build


@pytest.fixture
def step(city, county):
    """``step(brand, "hear")`` as whoever takes that step; ``by``, ``day`` and what it asks for as given."""

    def take(brand, key, by=None, day=TODAY, **given):
        with system_scope("test"):
            held = Brand.objects.get(pk=brand.pk)
            who = by or (county if key in ("apply", "ask", "withdraw") else city)
            return actions.take_step(brand=held, step=key, by=who, today=day, now=at(day), **given)

    return take


@pytest.fixture
def approved(write, step):
    """A brand that is being built since January."""

    def build(**given):
        made = write(**given)
        for key in ("apply", "hear", "approve"):
            made = step(made, key, day=date(2026, 1, 10), by=given.get("by") if key == "apply" else None)
        return made

    return build


@pytest.fixture
def report(county, city):
    """``report(brand, quarter, "submit", "accept")``: written when there is none, then these steps, ten days after the quarter unless ``day`` says otherwise."""

    def go(brand, quarter, *steps, day=None, by=None, **given):
        day = day or quarter.last + timedelta(days=5)
        with system_scope("test"):
            held = Brand.objects.get(pk=brand.pk)
            if not held.reports.filter(year=quarter.year, quarter=quarter.q).exists():
                figures = {goal.pk: Decimal(10) for goal in held.goals.all()}
                made = reports.write_report(brand=held, quarter=quarter, values=WRITTEN, figures=figures, by=by or county, today=day)
            for key in steps:
                who = city if key in ("accept", "return", "reopen") else by or county
                more = {"mark": "good"} if key == "accept" else {"note": "请写清"} if key in ("return", "reopen") else {}
                made = reports.take_report_step(brand=held, quarter=quarter, step=key, by=who, today=day, now=at(day), **more | given)
            return made

    return go


@pytest.fixture
def judged(places, city):
    """``judged(brand)``: a closed round with a result for it, without its judges."""

    def build(brand):
        with system_scope("test"):
            org, day = places["九江市"], date(2026, 10, 12)
            held = ReviewRound.objects.create(
                org=org, title="展评", criteria={}, weights={}, stage_seconds=480, opened_on=day, opened_by=city, state="closed", closed_on=day
            )  # fmt: skip
            return Entry.objects.create(round=held, org=org, brand=brand, order=1, total=90, rank=1)

    return build


@pytest.fixture
def shortlisted(approved, report, step, city, person):
    """``shortlisted(org="濂溪区", name=…)``: a brand that passed the first review, of whichever county."""

    def build(org="浔阳区", **given):
        by = given.pop("by", None) or person(org, Role.COUNTY_OFFICER)
        brand = approved(org=org, by=by, **given)
        for quarter in QUARTERS:
            report(brand, quarter, "submit", "accept", by=by)
        with system_scope("test"):
            logo = save(b"\xff\xd8\xff", name="l.jpg", content_type="image/jpeg", label="brands.brand", org=brand.org, by=city, subject_id=brand.pk)
            Brand.objects.filter(pk=brand.pk).update(logo=logo)
        return step(step(brand, "ask", by=by), "shortlist")

    return build


@pytest.fixture
def named(approved, report, step, city, judged):
    """A named brand that spreads."""

    def build(**given):
        brand = approved(**given)
        for quarter in QUARTERS:
            report(brand, quarter, "submit", "accept", by=given.get("by"))
        with system_scope("test"):
            logo = save(b"\xff\xd8\xff", name="l.jpg", content_type="image/jpeg", label="brands.brand", org=brand.org, by=city, subject_id=brand.pk)
            Brand.objects.filter(pk=brand.pk).update(logo=logo)
        for key in ("ask", "shortlist"):
            brand = step(brand, key, day=date(2026, 10, 12), by=given.get("by") if key == "ask" else None)
        judged(brand)
        for key in ("propose", "publish"):
            brand = step(brand, key, day=date(2026, 10, 12))
        step(brand, "name", day=date(2026, 10, 23), document_no="九老干〔2026〕1 号", award="model")
        return step(brand, "spread", day=date(2026, 10, 23))

    return build


@pytest.fixture
def listed(named, city, places):
    """An issued list with one practice of ``named``; returns the practice."""

    def build(day=date(2026, 10, 26), issue=True):
        brand = named()
        with system_scope("test"):
            one = practices.begin_list(org=places["九江市"], title="第一批", by=city, today=day)
            words = {"conditions": "一人", "results": "翻一番", "contact": "乙", "fit_for": ["county"]}
            made = practices.write_practice(listed=one, brand=brand, title="专长派单", steps=["登记", "派单", "评价"], by=city, **words)
            if issue:
                practices.issue_list(listed=one, by=city, today=day, now=at(day))
                made.refresh_from_db()
            return made

    return build


@pytest.fixture
def judges(person, city):
    """Seven: four of the city, the officers of both counties, one from another city."""
    return [person("九江市", Role.LEADER, username=f"judge{n}", display_name=f"评委{n}") for n in range(4)] + [
        person("浔阳区", Role.COUNTY_OFFICER, username="j-xunyang"), person("濂溪区", Role.COUNTY_OFFICER, username="j-lianxi"),
        person("齐齐哈尔市", Role.LEADER, username="j-far"),
    ]  # fmt: skip


@pytest.fixture
def opened(shortlisted, places, city, judges):
    """Two brands of two counties before the seven judges."""
    brands = [shortlisted(), shortlisted(org="濂溪区", name="故事会")]

    def build(**given):
        with system_scope("test"):
            act = {"org": places["九江市"], "title": "2026 年展评", "brands": brands, "judges": judges, "weights": WEIGHTS, "by": city, "today": TODAY, "now": at(TODAY)}
            return reviews.open_round(**act | given)

    build.brands = brands
    return build
