"""What one run of the bench was asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """``sizes`` of the rosters the portal and the floor get in turn, ``rounds`` times; ``rows`` is the size of the step at hand. The row-by-row
    peers get ``stock_rows``. ``people`` in the large registry, ``few`` in the small one; ``branches`` party branches with six people each;
    ``brands`` spread over all counties.

    ``folder`` is for files of this run. ``explain``: queries of a page slower than so many milliseconds are printed with their plans (0: none).
    """

    folder: Path
    sizes: tuple[int, ...] = (10_000, 100_000)
    rows: int = 10_000
    rounds: int = 1
    stock_rows: int = 5_000
    people: int = 1_000_000
    few: int = 10_000
    branches: int = 10_000
    brands: int = 3_000
    repeats: int = 15
    explain: int = 0

    def roster(self, rows: int) -> Path:
        return self.folder / f"roster_{rows}.xlsx"

    @property
    def warming(self) -> Path:
        """A few other people: imported first, so that nobody pays for loading code and tables."""
        return self.folder / "warming.xlsx"


COUNTY = "360403"
"""Whose roster is imported, and who looks at the pages."""
