"""A worker of 浔阳区 with one person, and the neighbours."""

from datetime import date

import pytest

from apps.accounts.permissions import Role
from apps.cadres import standards
from tests.factories import registry

TODAY = date(2026, 11, 22)


@pytest.fixture
def worker(person):
    return person("浔阳区", Role.WORKER, username="worker", display_name="张工")


@pytest.fixture
def neighbour(person):
    return person("濂溪区", Role.COUNTY_OFFICER, username="neighbour", display_name="邻县")


@pytest.fixture
def someone(places, worker, inside):
    """王德福 of 浔阳区教育局, with an ID number and a phone."""
    with inside("浔阳区"):
        return registry.register(places["浔阳区教育局"], worker, id_number=registry.number(), phone="12812345678", original_unit="浔阳区第一小学")


@pytest.fixture
def codes(db):
    standards.load()


@pytest.fixture
def signed_in(client):
    """``signed_in(user)`` is a client that has logged in."""

    def use(user):
        client.force_login(user)
        return client

    return use
