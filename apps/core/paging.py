"""Pages by number over lists that may be very long: nobody turns page ten thousand, and counting a million rows costs more than the page."""

from functools import cached_property

from django.core.paginator import Paginator

MOST = 10_000


class LongPaginator(Paginator):
    """Counts and pages no further than ``MOST`` rows; ``more`` says that there are others, to be reached by narrowing. Takes querysets."""

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by().values("pk")[: MOST + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST)

    @property
    def more(self) -> bool:
        return self._counted > MOST
