"""One run: databases, files and processes in their order."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from django.conf import settings
from django.db import connection
from redis import Redis

from apps.core.embedded import redis_urls
from apps.dashboard.bench import branches, brands, databases, importing, pages, reminding, roster, stock
from apps.dashboard.bench.figures import Figure
from apps.dashboard.bench.options import Options
from apps.dashboard.bench.ratios import import_ratios
from cadre_portal.settings.services import cache_url

STEPS: dict[str, Callable[[Options], Iterator[Figure]]] = {
    "import.portal": importing.portal,
    "import.floor": importing.floor,
    "import.stock": stock.row_by_row,
    "import.stock_bulk": stock.in_bulk,
    "import.stock_insert_only": stock.inserts_only,
    "pages": pages.measured,
    "reminders": reminding.reminders,
    "branches": branches.measured,
    "brands": brands.measured,
}
PARTS = ("import", "pages", "reminders", "branches", "brands")
TOP = "/36/"
PER_BRANCH = 6
WARMING, WARMING_FROM = 50, 3_900_000
REDIS_DB = "29"
"""The queue and cache of the bench: far from those anybody works with."""


class StepFailed(Exception):
    """A process of the run ended badly; what it said stands on standard error."""


class Run:
    """``say`` hears of progress; ``figures`` grows."""

    def __init__(self, options: Options, say: Callable[[str], object]) -> None:
        self.options, self.say, self.figures = options, say, []
        self.base = databases.prefix()
        self.made: list[str] = []
        self.begun = time.monotonic()

    def go(self, only: tuple[str, ...] = PARTS) -> list[Figure]:
        """Measure the parts asked for; returns the figures, with the ratios between importers added."""
        self._make(self.base, ["migrate", "-v0"], ["load_reference", "-v0"], fresh=True)
        if "import" in only or "pages" in only:
            self._seeded("small", self.options.few)
        if "import" in only:
            self._imports()
        if "pages" in only:
            self._step("pages", f"{self.base}_small")
        if "pages" in only or "reminders" in only:
            self._seeded("large", self.options.people)
        for part in ("pages", "reminders"):
            if part in only:
                self._step(part, f"{self.base}_large")
        if "branches" in only:
            self._seeded("branches", self.options.branches * PER_BRANCH)
            self._step("branches", f"{self.base}_branches")
        if "brands" in only:
            self._seeded("brands", self.options.few)
            self._step("brands", f"{self.base}_brands")
        self.figures += import_ratios(self.figures)
        return self.figures

    def clean(self) -> None:
        """Take the databases away and empty the bench's part of Redis."""
        for name in self.made:
            databases.drop(name)
        queue = redis_urls(settings.DATA, 2 * int(REDIS_DB)).url
        for url in (queue, cache_url(queue)):
            Redis.from_url(url).flushdb()

    def _imports(self) -> None:
        for rows in {*self.options.sizes, self.options.stock_rows}:
            self._tell(f"roster of {rows}")
            roster.write(self.options.roster(rows), rows)
        roster.write(self.options.warming, WARMING, start=WARMING_FROM)
        for rows in self.options.sizes * self.options.rounds:
            self._cast("run", "small")
            self._step("import.portal", f"{self.base}_run", rows=rows)
            self._step("import.floor", f"{self.base}_run", rows=rows)
        for name in ("import.stock", "import.stock_bulk", "import.stock_insert_only"):
            self._cast("run", "small")
            self._step(name, f"{self.base}_run")

    def _seeded(self, name: str, people: int) -> None:
        self._cast(name, "")
        seconds = self._make(f"{self.base}_{name}", ["seed_scale", "--cadres", str(people), "--visits", str(people), "--top", TOP.strip("/")])
        self.figures.append(Figure(f"seed.{people}", seconds, "s", more={"database_mb": databases.megabytes(f"{self.base}_{name}")}))

    def _cast(self, name: str, mould: str) -> None:
        target = f"{self.base}_{name}"
        self.made.append(target)
        databases.cast(target, f"{self.base}_{mould}" if mould else self.base)

    def _make(self, database: str, *commands: list[str], fresh: bool = False) -> float:
        if fresh:
            self.made.append(database)
            databases.drop(database)
        start = time.monotonic()
        for command in commands:
            self._tell(f"{database}: {' '.join(command)}")
            self._process(database, command)
        return time.monotonic() - start

    def _step(self, name: str, database: str, **own) -> None:
        self._tell(" ".join((f"{database}: {name}", *map(str, own.values()))))
        output = self._process(database, ["bench", "--step", name, "--options", json.dumps(asdict(replace(self.options, **own)), default=str)])
        self.figures += [figure for line in output.splitlines() if (figure := Figure.read(line))]

    def _process(self, database: str, arguments: list[str]) -> str:
        environment = {
            **os.environ, "PORTAL_DB": database, "PORTAL_TOP": TOP, "PORTAL_REDIS_DB": REDIS_DB, "MEDIA_ROOT": str(self.options.folder / "media"),
            "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        environment.pop("REDIS_URL", None)
        done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=settings.ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise StepFailed(f"{' '.join(arguments[:3])} in {database} ended with {done.returncode}")
        return done.stdout

    def _tell(self, words: str) -> None:
        self.say(f"{time.monotonic() - self.begun:7.1f} s  {words}")


def machine() -> dict:
    """What the figures depend on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('shared_buffers')")
        server, buffers = cursor.fetchone()
    models = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "python": platform.python_version(),
        "postgresql": server, "shared_buffers": buffers,
    }  # fmt: skip


@contextmanager
def scratch(options: Options) -> Iterator[Options]:
    """The options with a folder of their own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        yield replace(options, folder=Path(folder))
