"""What the figures of one run say of each other: the portal's import beside the floor and the peers, and its growth."""

from statistics import median

from apps.dashboard.bench.figures import Figure

OWN, FLOOR, PEERS = "import.portal", "import.floor", ("import.stock", "import.stock_bulk", "import.stock_insert_only")


def import_ratios(figures: list[Figure]) -> list[Figure]:
    """Per size: the portal's time by the floor's (the median of pairs taken one after the other), its rows per second by the peers'; and how time grows."""
    rates = [figure for figure in figures if figure.unit == "rows/s"]
    sizes = sorted({figure.more["rows"] for figure in rates if figure.name.startswith(f"{OWN}.")})
    found = []
    for rows in sizes:
        own = [figure for figure in rates if figure.name == f"{OWN}.{rows}"]
        floors = [figure for figure in rates if figure.name == f"{FLOOR}.{rows}"]
        found += _by_floor(rows, own, floors)
        found += [_by_peer(rows, own, peer) for peer in rates if peer.name in PEERS]
    if len(sizes) > 1:
        found.append(_growth(rates, sizes[0], sizes[-1]))
    return found


def _by_floor(rows: int, own: list[Figure], floors: list[Figure]) -> list[Figure]:
    pairs = list(zip(own, floors, strict=False))
    if not pairs:
        return []
    wall = [mine.more["seconds"] / other.more["seconds"] for mine, other in pairs]
    cpu = [mine.more["cpu"] / other.more["cpu"] for mine, other in pairs]
    seconds, least = median(mine.more["seconds"] for mine, _ in pairs), median(other.more["seconds"] for _, other in pairs)
    return [Figure(f"import.time_by_floor.{rows}", seconds, "s", median(wall), f"{FLOOR}, {least:.1f} s", {"by_cpu": median(cpu), "pairs": len(pairs)})]


def _by_peer(rows: int, own: list[Figure], peer: Figure) -> Figure:
    value, cpu = median(one.value for one in own), median(_per_cpu(one) for one in own)
    name = f"import.rate_by_{peer.name.removeprefix('import.')}.{rows}"
    return Figure.beside(name, value, "rows/s", peer.value, f"{peer.name}, {peer.value:,.0f} rows/s", by_cpu=cpu / _per_cpu(peer))


def _growth(rates: list[Figure], small: int, large: int) -> Figure:
    """Seconds per 10,000 rows at the largest size by those at the smallest: 1 where time grows as the rows do."""

    def each(rows: int, what: str) -> float:
        return median(one.more[what] / rows * 10_000 for one in rates if one.name == f"{OWN}.{rows}")

    more = {"by_cpu": each(large, "cpu") / each(small, "cpu")}
    return Figure.beside(f"import.seconds_per_10000.{large}", each(large, "seconds"), "s", each(small, "seconds"), f"the same at {small:,}", **more)


def _per_cpu(figure: Figure) -> float:
    return figure.more["rows"] / figure.more["cpu"]
