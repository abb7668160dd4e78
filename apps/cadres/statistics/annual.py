"""An annual table filled: numbers, their lists, and what is said below. Every non-zero cell is the address of its people."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.models import Organization
from apps.cadres.metrics import people_list
from apps.cadres.statistics.counted import Counts, condition, counts, judged, year
from apps.cadres.statistics.layout import DIFFERENCE, DUE, TABLES, Column, Head, Line, Table, of_kind
from apps.core.metrics import METRICS, Family, Metric, Period, register

FIRST_YEAR = 1990


@dataclass(frozen=True)
class Cell:
    """``people``: how many make a difference, which may be 0 with as many up as down."""

    value: int
    url: str = ""
    people: int = 0


@dataclass(frozen=True)
class Row:
    labels: tuple[Head, ...]
    number: int
    cells: tuple[Cell, ...]
    title: str


@dataclass(frozen=True)
class Filled:
    """A table with its numbers; ``notes`` are (sentence before, number, sentence behind, address) that stand below it."""

    table: Table
    org: Organization
    period: Period
    rows: tuple[Row, ...]
    notes: tuple[tuple[str, int, str, str], ...]
    at: datetime

    @property
    def unit(self) -> str:
        return f"填报单位：{self.org.name}"

    @property
    def day(self) -> str:
        """截至: the cut-off, or the day of asking while the year is running."""
        return f"{self.period.as_of.year}年{self.period.as_of.month}月{self.period.as_of.day}日"


def key_of(table: Table, line: str, column: str) -> str:
    return f"annual_{table.key}{line}_{column}".lower()


def _metric(key: str, name: str, where) -> None:
    def select(scope, period: Period) -> tuple[str, dict]:
        sql, parameters = judged(scope, period)
        return f"SELECT pk, org_path, {condition(where)} AS hit FROM ({sql}) j", parameters

    register(Metric(key, name, "人", Family(key, "cadres.Cadre", select), "hit", people_list, order=900))


for _table in TABLES.values():
    for _line in _table.lines:
        for _column in _table.columns:
            if _column.where is not None:
                _metric(key_of(_table, _line.key, _column.key), f"{_table.title}·{_line.title}·{_column.title}", _table.where(_line, _column))
    for _rest in _table.rest:
        _metric(key_of(_table, "rest", _rest.key), f"{_table.title}·另有", of_kind(_table.kind, _rest.where) | _rest.where)


def _uncounted(scope, period: Period) -> tuple[str, dict]:
    sql, parameters = judged(scope, period)
    return f"SELECT pk, org_path, here AND NOT counted AS hit FROM ({sql}) j", parameters


register(Metric("annual_uncounted", "不计入年报统计", "人", Family("annual_uncounted", "cadres.Cadre", _uncounted), "hit", people_list, order=900))


def filled(key: str, org: Organization, number: int, *, today: date, now: datetime, by_place: list[Organization] | None = None) -> Filled:
    """Table ``key`` (A–D) of a place and year. ``by_place``: instead of the rows of the form, a row for each of these children (A and B)."""
    table, period = TABLES[key], year(number, today)
    found = counts(org, period, now)
    if by_place is None:
        rows = tuple(_row(table, line, found, org, period, n) for n, line in enumerate(table.lines, 1))
    else:
        rows = _by_place(table, found, org, by_place, period)
    return Filled(table, org, period, rows, tuple(_notes(table, found, org, period)), found.at)


def _by_place(table: Table, found: Counts, org: Organization, children: list[Organization], period: Period) -> tuple[Row, ...]:
    total = table.lines[0]
    rows, rest = [_row(table, total, found, org, period, 1)], found.places
    for child in children:
        segment = frozenset({child.path.strip("/").split("/")[-1]})
        rest -= segment
        row = _row(table, total, found, child, period, len(rows) + 1, segment, Head(child.label, 1, table.stub))
        if any(cell.value or cell.people for cell in row.cells):
            rows.append(row)
    own = _row(table, total, found, None, period, len(rows) + 1, rest, Head("本级直接管理", 1, table.stub))
    return (*rows, own) if any(cell.value or cell.people for cell in own.cells) else tuple(rows)


def _row(
    table: Table, line: Line, found: Counts, org: Organization | None, period: Period, number: int, places: frozenset[str] | None = None, label: Head | None = None
) -> Row:
    """``org`` is whose lists the numbers open; None for people on the organisation itself, who have no list of their own."""
    values = {column.key: found.number(table.where(line, column), places) for column in table.columns if column.where is not None}
    people = 0
    if "opening" in values:
        values[DUE] = values["opening"] + values.get("new", values.get("new_all", 0)) - values["died"]
        values[DIFFERENCE] = values["here"] - values[DUE]
        people = found.unbalanced(table.kind, line.where, places)
    cells = tuple(_cell(table, line, column, values, org, period, people) for column in table.columns)
    return Row((label,) if label else line.labels, number, cells, label.text if label else line.title)


def _cell(table: Table, line: Line, column: Column, values: dict[str, int], org: Organization | None, period: Period, people: int) -> Cell:
    value = values[column.formula or column.key]
    if column.formula == DIFFERENCE:
        return Cell(value, difference_url(table, line, org, period) if org and people else "", people)
    if org is None or column.formula == DUE or not value:
        return Cell(value)
    return Cell(value, METRICS[key_of(table, line.key, column.key)].list_url(org.pk, period))


def difference_url(table: Table, line: Line, org: Organization, period: Period) -> str:
    query = {"table": table.key, "line": line.key, "year": period.first.year, "org": org.pk}
    return f"{reverse('cadres:differences')}?{urlencode(query)}"


def _notes(table: Table, found: Counts, org: Organization, period: Period):
    for rest in table.rest:
        if n := found.number(of_kind(table.kind, rest.where) | rest.where):
            yield "另有 ", n, f" 人{rest.title}。", METRICS[key_of(table, "rest", rest.key)].list_url(org.pk, period)
    if n := found.left_out:
        yield "在册人员中 ", n, " 人标为「不计入年报统计」，各数都不含他们。", METRICS["annual_uncounted"].list_url(org.pk, period)
