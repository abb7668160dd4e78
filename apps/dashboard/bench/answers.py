"""One page as somebody signed in, beside the limit a page may take."""

from django.db import connection
from django.http import HttpResponse
from django.test import Client

from apps.dashboard.bench.clock import median
from apps.dashboard.bench.figures import Figure
from apps.dashboard.bench.options import Options
from apps.dashboard.bench.pages import Queries

LIMIT = 100
"""Milliseconds."""


def page_figure(client: Client, url: str, name: str, options: Options) -> Figure:
    """Raises ``RuntimeError`` when it doesn't answer 200."""

    def work() -> HttpResponse:
        return client.get(url)

    answer = work()
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    asked = Queries(options.explain)
    with connection.execute_wrapper(asked):
        work()
    took = median(work, options.repeats)
    return Figure.beside(name, took.ms, "ms", LIMIT, f"limit {LIMIT} ms", cpu_ms=took.cpu_ms, queries=asked.count, sql_ms=asked.seconds * 1000, n=took.times)
