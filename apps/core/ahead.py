"""Work done ahead: the items of an iterator are made in a thread of their own while whoever takes them waits for the database.

The maker may not ask the database: it would see neither the taker's transaction nor his scope.
"""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

from django.db import connection, connections

T = TypeVar("T")
ITEM, END, FAULT = "item", "end", "fault"
BREATH = 0.2


class AskedDatabase(Exception):
    """The maker of the items asked the database; whatever it needs must be loaded before."""


@contextmanager
def ahead(items: Generator[T], most: int = 1) -> Iterator[Iterator[T]]:
    """The items, at most ``most`` of them waiting. What the maker raises is raised to the taker; leaving the block ends the maker."""
    maker = _Maker(items, most)
    maker.start()
    try:
        yield maker.taken()
    finally:
        maker.end()


class _Maker(Thread):
    def __init__(self, items: Generator, most: int) -> None:
        super().__init__(name="ahead", daemon=True)
        self.items, self.waiting, self.over = items, Queue(most), Event()

    def run(self) -> None:
        try:
            with closing(self.items), connection.execute_wrapper(_refuse):
                for item in self.items:
                    if not self._put(ITEM, item):
                        return
            self._put(END, None)
        except BaseException as fault:
            self._put(FAULT, fault)
        finally:
            connections.close_all()

    def _put(self, what: str, value: object) -> bool:
        """False when nobody wants it any more."""
        while not self.over.is_set():
            try:
                self.waiting.put((what, value), timeout=BREATH)
                return True
            except Full:
                continue
        return False

    def taken(self) -> Iterator:
        while True:
            what, value = self._next()
            if what == END:
                return
            if what == FAULT:
                raise value
            yield value

    def _next(self) -> tuple[str, object]:
        while True:
            try:
                return self.waiting.get(timeout=BREATH)
            except Empty:
                if not self.is_alive() and self.waiting.empty():
                    raise RuntimeError("the maker died without a word") from None

    def end(self) -> None:
        self.over.set()
        self.join()


def _refuse(execute, sql, params, many, context):
    raise AskedDatabase(sql[:200])
