"""Fixtures every test may use; the strict patches of the suite."""

import os
import shutil

import pytest
from django.db import connection

from apps.accounts.models import Level, Membership, Organization, User
from apps.accounts.permissions import Role
from apps.core.scope import Scope, entered, system_scope

TODAY_START = "2020-01-01"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Playwright's event loop stays in the test process; Django's refusal to work beside one is meant for servers.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def whole(db):
    """The test sees the whole deployment, as system jobs do."""
    with system_scope("test"):
        yield


@pytest.fixture
def places(db):
    """A small tree: two cities, two counties in the first, a unit in each county. Returns name → Organization."""
    made = {}

    def place(name, parent, level, path, code=None):
        made[name] = Organization.objects.create(name=name, parent=made.get(parent), level=level, path=path, code=code)

    place("全国", None, Level.COUNTRY, "/")
    place("江西省", "全国", Level.PROVINCE, "/36/", "360000")
    place("九江市", "江西省", Level.CITY, "/36/3604/", "360400")
    place("浔阳区", "九江市", Level.COUNTY, "/36/3604/360403/", "360403")
    place("濂溪区", "九江市", Level.COUNTY, "/36/3604/360402/", "360402")
    place("浔阳区教育局", "浔阳区", Level.UNIT, "/36/3604/360403/u1/")
    place("濂溪区卫生局", "濂溪区", Level.UNIT, "/36/3604/360402/u2/")
    place("黑龙江省", "全国", Level.PROVINCE, "/23/", "230000")
    place("齐齐哈尔市", "黑龙江省", Level.CITY, "/23/2302/", "230200")
    return made


@pytest.fixture
def person(places):
    """``person("浔阳区", Role.WORKER)`` makes a user with that membership, password already changed."""

    def make(place="浔阳区", role=Role.WORKER, username=None, **kwargs):
        username = username or f"{role}-{places[place].code or places[place].pk}-{User.objects.count()}"
        user = User.objects.create(username=username, display_name=kwargs.pop("display_name", username), must_change_password=False, **kwargs)
        user.set_password("Demo-12345")
        user.save()
        Membership.objects.create(user=user, org=places[place], role=role, starts_on=TODAY_START)
        return user

    return make


@pytest.fixture
def scope_of(places):
    """``scope_of("浔阳区")`` is the scope of that place."""
    return lambda name: Scope((places[name].path,))


@pytest.fixture
def inside(scope_of):
    """``with inside("浔阳区"):`` runs a block as that place sees it."""
    return lambda name: entered(scope_of(name))


@pytest.fixture
def as_owner(db):
    """Leaves any role and root behind, as an unscoped connection is."""

    def reset():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('role', 'none', true), set_config('portal.roots', '', true)")

    return reset


@pytest.fixture(scope="session")
def browser():
    """Debian's chromium, one for all browser tests of a process: Playwright allows no second one beside it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()
