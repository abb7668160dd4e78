"""Running a roster through the pipeline in tests, as the command and the pages do."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from apps.core.scope import Scope, entered, system_scope
from apps.files import actions, selectors
from apps.files.models import ImportBatch

TODAY, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@dataclass
class Outcome:
    """A batch after reading: its counts and every problem."""

    batch: ImportBatch
    counts: dict
    problems: list[dict]

    def codes(self) -> dict[str, list[str]]:
        """code → cells such as ``花名册!C5``."""
        found: dict[str, list[str]] = {}
        for one in self.problems:
            found.setdefault(one["code"], []).append(f"{one['sheet']}!{one['column']}{one['row']}")
        return found

    @property
    def errors(self) -> set[str]:
        return {one["code"] for one in self.problems if one["level"] == "error"}

    @property
    def tally(self) -> tuple[int, int, int, int]:
        """new, changed, unchanged, refused"""
        return tuple(self.counts[key] for key in ("new", "changed", "unchanged", "refused"))


def opened(path: Path, org, by, given=None) -> ImportBatch:
    with entered(Scope((org.path,))):
        return actions.open_batch(kind="roster", content=path.read_bytes(), name=path.name, content_type="", org=org, by=by, today=TODAY, given=given)


def read(path: Path, org, by, given=None) -> Outcome:
    batch = opened(path, org, by, given)
    actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY)
    return looked_at(batch)


def looked_at(batch: ImportBatch) -> Outcome:
    with system_scope("test") as scope:
        batch = selectors.batch(scope, batch.pk)
        return Outcome(batch, batch.counts, list(selectors.problems(scope, batch)))


def applied(outcome: Outcome, by, whole_only: bool = False) -> Outcome:
    with entered(Scope((outcome.batch.org.path,))):
        actions.confirm_batch(batch=outcome.batch, by=by, whole_only=whole_only)
    actions.apply_batch(batch_id=outcome.batch.pk, now=NOW)
    return looked_at(outcome.batch)
