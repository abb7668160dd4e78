import threading
from itertools import count

import pytest
from django.db import connection

from apps.core.ahead import AskedDatabase, ahead


def test_items_come_in_order_from_another_thread():
    def made():
        for n in range(20):
            yield n, threading.current_thread()

    with ahead(made()) as items:
        found = list(items)
    assert [n for n, _ in found] == list(range(20))
    assert {thread for _, thread in found} != {threading.current_thread()}


def test_no_more_than_the_allowed_number_is_made_in_advance():
    made, taken, most = [], 0, 2

    def making():
        for n in range(30):
            made.append(n)
            yield n

    with ahead(making(), most) as items:
        for _ in items:
            taken += 1
            assert len(made) <= taken + most + 1


def test_a_fault_of_the_maker_reaches_the_taker_after_the_items_before_it():
    def broken():
        yield 1
        raise LookupError("no more")

    with ahead(broken()) as items:
        assert next(items) == 1
        with pytest.raises(LookupError, match="no more"):
            next(items)


def test_leaving_early_ends_the_maker_and_closes_it():
    closed, makers = threading.Event(), []

    def endless():
        makers.append(threading.current_thread())
        try:
            yield from count()
        finally:
            closed.set()

    with ahead(endless()) as items:
        next(items)
    assert closed.is_set()
    assert not makers[0].is_alive()


@pytest.mark.django_db
def test_the_maker_may_not_ask_the_database():
    def asking():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        yield 1

    with pytest.raises(AskedDatabase), ahead(asking()) as items:
        list(items)
