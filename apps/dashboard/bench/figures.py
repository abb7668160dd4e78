"""A figure, and the table of them."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any
from unicodedata import east_asian_width

from apps.dashboard.bench.clock import Watch


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit``; ``ratio`` is the value by that of ``against`` (a peer, a floor), None where it stands alone. ``more``: what else was seen."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def beside(cls, name: str, value: float, unit: str, other: float, against: str, **more) -> "Figure":
        """A figure with its ratio to ``other``, which is in the same unit."""
        return cls(name, value, unit, value / other if other else None, against, more)

    def line(self) -> str:
        """One line of JSON."""
        more = {name: rounded(value) if isinstance(value, float) else value for name, value in self.more.items()}
        found = asdict(self) | {"value": rounded(self.value), "ratio": None if self.ratio is None else rounded(self.ratio), "more": more}
        return json.dumps(found, ensure_ascii=False)

    @classmethod
    def read(cls, line: str) -> "Figure | None":
        """The figure a line holds; None for any other line."""
        try:
            found = json.loads(line)
            return cls(**found)
        except (ValueError, TypeError):
            return None


def rate(name: str, rows: int, watch: Watch, **more) -> Figure:
    """Rows per second on the wall; ``more`` holds the processor seconds."""
    return Figure(name, rows / watch.seconds, "rows/s", more={"rows": rows, "seconds": watch.seconds, "cpu": watch.cpu, **more})


def memory(name: str, watch: Watch) -> Figure:
    """Largest resident memory of the process tree; ``growth`` is what the work itself took."""
    return Figure(f"{name}.memory", watch.peak_mb, "MB", more={"growth": watch.peak_mb - watch.before_mb})


def rounded(value: float) -> float:
    """Three digits that count are more than a measurement of this kind deserves."""
    return float(f"{value:.3g}") if abs(value) < 1000 else round(value)


def table(figures: list[Figure]) -> str:
    """Figures as a table: name, value, ratio, against, what else was seen."""
    head = ("figure", "value", "ratio", "against", "")
    rows = [(f.name, f"{rounded(f.value):,g} {f.unit}", "" if f.ratio is None else f"× {rounded(f.ratio):,g}", f.against, _words(f.more)) for f in figures]
    widths = [max(_width(row[n]) for row in (head, *rows)) for n in range(4)]
    lines = ["  ".join([*(_padded(row[n], widths[n]) for n in range(4)), row[4]]).rstrip() for row in (head, *rows)]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _words(more: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:,g}" if isinstance(value, int | float) else f"{name} {value}" for name, value in more.items())


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
