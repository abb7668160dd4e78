"""Pages as a browser gets them (the whole request in this process: session, fences, view, template), beside the bare SQL of the same page."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from time import perf_counter

from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import Organization, User
from apps.cadres.models import Cadre
from apps.core.scope import system_scope, upper_bound
from apps.dashboard.bench import bare
from apps.dashboard.bench.clock import Median, median
from apps.dashboard.bench.figures import Figure
from apps.dashboard.bench.options import COUNTY, Options

FAR = 5
"""Pages turned before the one called far."""


@dataclass(frozen=True)
class Page:
    name: str
    url: str
    sql: tuple[str, ...]
    q: str = ""
    cold: bool = False
    """What pages keep for a while in the cache is thrown away before each request."""


def prefix(text: str) -> str:
    return f"'{text}':*"


def pages(person: Cadre) -> list[Page]:
    """Every page that is measured; texts to search for are those of somebody who exists."""
    people, given, initials = reverse("cadres:list"), person.name[1:], "".join(part[0] for part in person.name_sort.split()[:-1])
    return [
        Page("list", people, (bare.ROW + bare.ORDERED,)),
        Page("list_filtered", f"{people}?class=key&age=85-", (bare.ROW + " AND c.attention_class = 'key' AND c.born_on <= %(today)s::date - 31046" + bare.ORDERED,)),
        Page("list_rare", f"{people}?kind=lixiu&health=serious", (bare.ROW + " AND c.retire_kind = 'lixiu' AND c.health = 'serious'" + bare.ORDERED,)),
        Page("list_oldest", f"{people}?sort=oldest", (bare.ROW + " ORDER BY coalesce(c.born_on, '9999-12-31'), c.id LIMIT 51",)),
        Page("search_name", f"{people}?q={person.name}", (bare.FOUND,), prefix(person.name)),
        Page("search_given", f"{people}?q={given}", (bare.FOUND,), prefix(given)),
        Page("search_initials", f"{people}?q={initials}", (bare.FOUND,), prefix(initials)),
        Page("search_unit", f"{people}?q=教育体育局", (bare.FOUND,), prefix("教育体育局")),
        Page("search_digits", f"{people}?q={person.id_last4}", (bare.ROW + " AND c.id_last4 = %(q)s" + bare.ORDERED,), person.id_last4),
        Page("search_nobody", f"{people}?q=zzzq", (bare.FOUND,), prefix("zzzq")),
        Page("person", reverse("cadres:detail", args=[person.pk]), bare.PERSON),
        Page("worklist", f"{reverse('worklist')}?who=all", bare.DUTIES),
        Page("plans", reverse("care:plans"), (bare.PLANS,)),
        Page("visits", reverse("care:visits"), (bare.VISITS,)),
        Page("leader_kept", reverse("dashboard"), (bare.PEOPLE, bare.SERVED, bare.SEEN)),
        Page("leader_counted", reverse("dashboard"), (bare.PEOPLE, bare.SERVED, bare.SEEN), cold=True),
    ]


def measured(options: Options) -> Iterator[Figure]:
    """All pages as a county's 县区干事 and as the 领导 at the top, who alone reads past the policies."""
    with system_scope("bench"):
        people = Cadre.objects.count()
        county = Organization.objects.get(code=COUNTY, valid_to=None)
        here = Cadre.objects.filter(org_path__startswith=county.path, standing="active")
        person = here.order_by("org_path", "name_sort")[here.count() // 2]
    for who, username in (("county", f"scale_{COUNTY}"), ("top", "scale_top")):
        user = User.objects.get(username=username)
        place = user.memberships.select_related("org").get().org
        client = Client()
        client.force_login(user)
        for page in pages(person):
            yield _page(client, page, place, person, f"page.{page.name}.{who}.{people}", options)
        yield _far(client, place, person, f"page.list_far.{who}.{people}", options)


def _far(client: Client, place: Organization, person: Cadre, name: str, options: Options) -> Figure:
    """The list some pages on, reached as a person does: by the link to the next page."""
    url = reverse("cadres:list")
    for _ in range(FAR):
        link = re.search(r'rel="next" href="([^"]+)"', client.get(url).content.decode())
        if link is None:
            break
        url = reverse("cadres:list") + unescape(link[1])
    return _page(client, Page("list_far", url, (bare.ROW + bare.ORDERED,)), place, person, name, options)


def _page(client: Client, page: Page, place: Organization, person: Cadre, name: str, options: Options) -> Figure:

    def work() -> HttpResponse:
        if page.cold:
            cache.clear()
        return client.get(page.url)

    answer = work()
    if answer.status_code != 200:
        raise RuntimeError(f"{page.url} answered {answer.status_code}")
    asked = Queries(options.explain)
    with connection.execute_wrapper(asked):
        work()
    took = median(work, options.repeats)
    floor = _bare(page, place, person, options)
    return Figure.beside(
        name, took.ms, "ms", floor.ms, f"bare SQL {floor.ms:.2f} ms",
        cpu_ms=took.cpu_ms, bare_cpu_ms=floor.cpu_ms, queries=asked.count, sql_ms=asked.seconds * 1000, slowest_ms=asked.slowest * 1000,
        kb=len(answer.content) // 1024, n=took.times,
    )  # fmt: skip


def _bare(page: Page, place: Organization, person: Cadre, options: Options) -> Median:
    parameters = {
        "lo": place.path, "hi": upper_bound(place.path), "depth": place.path.count("/") + 1, "today": timezone.localdate(), "pk": person.pk, "q": page.q,
    }  # fmt: skip

    def work() -> None:
        for sql in page.sql:
            cursor.execute(sql, parameters)
            cursor.fetchall()

    with system_scope("bench"), connection.cursor() as cursor:
        return median(work, options.repeats)


class Queries:
    """Counts and times the queries of a request; tells of slow ones with their plan."""

    def __init__(self, explain: int) -> None:
        self.count, self.seconds, self.slowest, self.explain = 0, 0.0, 0.0, explain

    def __call__(self, execute, sql, params, many, context):
        start = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = perf_counter() - start
            self.count, self.seconds, self.slowest = self.count + 1, self.seconds + took, max(self.slowest, took)
            if self.explain and took * 1000 > self.explain and sql.lstrip().upper().startswith(("SELECT", "WITH", "(")):
                self._tell(sql, params, took)

    def _tell(self, sql, params, took: float) -> None:
        with connection.connection.cursor() as own:
            own.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
            plan = "\n".join(line for (line,) in own.fetchall())
        sys.stderr.write(f"\n-- {took * 1000:.0f} ms\n{sql}\n{plan}\n")
