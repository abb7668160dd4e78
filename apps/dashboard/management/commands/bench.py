"""``manage.py bench [--quick] [--only import,pages,reminders,branches] [--rows 10000,100000] [--million] [--people 1000000]``: measure; see docs/PERFORMANCE.md."""

import json
import logging
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.refusal import Refused
from apps.dashboard.bench.figures import table
from apps.dashboard.bench.options import Options
from apps.dashboard.bench.run import PARTS, STEPS, Run, StepFailed, machine, scratch

QUICK = {"sizes": (500, 2_000), "stock_rows": 300, "people": 20_000, "few": 2_000, "branches": 300, "repeats": 5}


class Command(BaseCommand):
    help = "Measures import, pages and reminders beside their peers and floors, in databases of its own; a table and one JSON line per figure."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="small sizes: does it run, not how fast")
        parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas: " + ",".join(PARTS))
        parser.add_argument("--rows", help="sizes of the rosters, separated by commas; default 10000,100000")
        parser.add_argument("--million", action="store_true", help="also a roster of 1,000,000, in sheets of 100,000")
        for name, default in (("rounds", 1), ("stock-rows", 5_000), ("people", 1_000_000), ("few", 10_000), ("branches", 10_000), ("repeats", 15)):
            parser.add_argument(f"--{name}", type=int, help=f"default {default:,}")
        parser.add_argument("--explain", type=int, default=0, metavar="MS", help="print the plans of a page's queries slower than MS milliseconds")
        parser.add_argument("--keep", action="store_true", help="leave the databases")
        parser.add_argument("--step", choices=STEPS, help="used by the run itself: one measurement in this process")
        parser.add_argument("--options", default="{}", help="with --step: what the run was asked for, as JSON")

    def handle(self, *args, step: str | None, options: str, **asked) -> None:
        if step:
            self._one(step, options)
            return
        only = tuple(asked["only"].split(","))
        if unknown := set(only) - set(PARTS):
            raise CommandError(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
        sizes = QUICK if asked["quick"] else {}
        sizes = sizes | {name: asked[name] for name in ("rounds", "stock_rows", "people", "few", "branches", "repeats", "explain") if asked[name]}
        if asked["rows"]:
            sizes["sizes"] = tuple(int(size) for size in asked["rows"].split(","))
        if asked["million"]:
            sizes["sizes"] = (*sizes.get("sizes", Options.sizes), 1_000_000)
        try:
            with scratch(Options(Path(), **sizes)) as wanted:
                self._whole(wanted, only, keep=asked["keep"])
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        except StepFailed as failed:
            raise CommandError(str(failed)) from None

    def _one(self, step: str, options: str) -> None:
        logging.disable(logging.INFO)
        given = json.loads(options)
        for figure in STEPS[step](Options(**given | {"folder": Path(given["folder"])})):
            self.stdout.write(figure.line())

    def _whole(self, options: Options, only: tuple[str, ...], *, keep: bool) -> None:
        run = Run(options, self.stderr.write)
        before = machine()
        try:
            figures = run.go(only)
        finally:
            if not keep:
                run.clean()
        self.stdout.write(json.dumps({"machine": before | {"load_after": machine()["load"]}}, ensure_ascii=False))
        for figure in figures:
            self.stdout.write(figure.line())
        self.stdout.write("\n" + table(figures))
