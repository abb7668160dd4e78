"""A county with party members on its register."""

from datetime import date

import pytest

from apps.accounts.permissions import Role
from apps.branches import standards
from apps.branches.actions.branches import set_up_branch
from apps.branches.actions.members import join_many
from apps.cadres import standards as registry_standards
from apps.core.scope import system_scope
from tests.factories import duties as make

TODAY = date(2026, 11, 22)
FIELDS = {"kind": "branch", "code": "", "superior": "", "area": None, "founded_on": None, "approval_no": "", "meeting_place": "", "fixed_day": None, "adviser": ""}


@pytest.fixture(autouse=True)
def rules(db):
    standards.load()
    registry_standards.load()


@pytest.fixture
def officer(person):
    return person("浔阳区", Role.COUNTY_OFFICER, username="officer")


@pytest.fixture
def comrade(places):
    """``comrade("甲")`` is a party member of 浔阳区教育局."""

    def build(name, place="浔阳区教育局", **given):
        with system_scope("test"):
            return make.cadre(places[place], name, **({"political_status": "01"} | given))

    return build


@pytest.fixture
def set_up(places, officer, scope_of):
    """``set_up("一支部", org="浔阳区")`` makes a branch, with ``members`` in it."""

    def build(name="教育局离退休党支部", org="浔阳区教育局", members=(), hosts=(), **given):
        with system_scope("test") as scope:
            made = set_up_branch(scope=scope, org=places[org], hosts=[places[one] for one in hosts], by=officer, today=TODAY, **(FIELDS | {"name": name} | given))
            if members:
                joined = join_many(scope=scope, branch=made, cadres=[one.pk for one in members], by=officer, today=TODAY)
                assert joined.refused == []
            return made

    return build
