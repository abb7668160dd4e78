"""The roster (花名册): rows become people of the registry.

Decisions of our own: people who come by a roster get no life event (nobody retired that day); an unknown 现管单位 puts the person at the
county and keeps the words; a second phone number goes to 固定电话, which is encrypted too; birth date and sex that the sheet doesn't give are
read from the ID number for new people only; a death is taken over for new people, and otherwise registered by hand, since much follows from it.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse

from apps.accounts.models import Organization
from apps.cadres import columns as stored
from apps.cadres.models import Cadre, RetireKind, Standing
from apps.cadres.rules import SEXES, findings
from apps.cadres.selectors import codebook
from apps.cadres.sheets import checks
from apps.cadres.sheets.cells import HealthCell
from apps.cadres.sheets.columns import RosterResource
from apps.cadres.standards import FIELD_TABLES
from apps.core.dates import PartialDate
from apps.core.id_numbers import clean_id
from apps.core.text import Phone, clean_text, match_key
from apps.core.workbooks.problems import Problem, problem
from apps.files.importing.places import Miss
from apps.files.sheetkinds import Draft, SheetKind, Work

CLOSED = ("id_number", "phone", "landline", "emergency_phone")
_MOBILE = re.compile(r"(?:\+?86[ \-]?)?1\d{2}[ \-]?\d{4}[ \-]?\d{4}")
BIRTH_OR_ID = ("id_number", "born_on")


class Roster(SheetKind):
    key = "roster"
    title = "离退休干部花名册"
    unit = "人"
    resource = RosterResource
    essential = (("name",), ("id_number", "born_on", "retire_kind", "work_started_on", "retired_on", "revolution_started_on"))
    apart = ("配偶", "爱人", "老伴", "子女", "家属", "亲属", "家庭成员", "联系人", "遗属", "遗孀", "监护人", "父亲", "母亲")
    key_field = "id_number"
    match_column = "id_index"
    twin = ("name_key", "born_on")
    hidden = "c.standing = 'merged'"
    dates = stored.PARTIAL_DATES
    opaque = ("landline", "emergency_phone")
    not_compared = frozenset({"number", "county", "unit", "landline_area", "alive", "deceased_on", "id_number"})
    not_in_template = frozenset({"landline_area", "alive", "deceased_on", "counts_in_statistics"})
    leaders = {
        **{precision: name for name, precision in stored.PARTIAL_DATES.items()},
        "name_key": "name", "name_sort": "name",
        "phone": "phone_index", "phone_masked": "phone_index",
        "id_number": "id_index", "id_masked": "id_index", "id_last4": "id_index",
        "emergency_phone_masked": "emergency_phone", "landline_masked": "landline",
        "revolution_period_confirmed": "revolution_started_on",
    }  # fmt: skip
    aside = "extra"
    follows = {"emergency_phone": ("emergency_name", "emergency_relation")}
    shown_as = {"id_index": "id_masked", "phone_index": "phone_masked", "landline": "landline_masked", "emergency_phone": "emergency_phone_masked"}

    preview = ("姓名", "类型", "性别", "身份证号", "出生", "管理单位")

    def preview_cells(self, values: dict[str, Any], show: Callable[[str, Any], str]) -> list[str]:
        born = show("born_on", [values.get("born_on"), values.get("born_precision")])
        return [
            values.get("name", ""), show("retire_kind", values.get("retire_kind")), show("sex", values.get("sex")), values.get("id_masked", ""), born,
            values["org"],
        ]  # fmt: skip

    def record_note(self, record: dict[str, Any]) -> str:
        return "" if record["standing"] == Standing.ACTIVE else Standing(record["standing"]).label

    def record_url(self, pk: int) -> str:
        return reverse("cadres:detail", args=[pk])

    def list_url(self, batch) -> str:
        return f"{reverse('cadres:list')}?org={batch.org_id}&sort=changed"

    def begin(self, org: Organization, today: date) -> Work:
        work = super().begin(org, today)
        work.extras |= {"codes": codebook(), "places": work.places}
        return work

    def fit(self, name: str, cell, book) -> float:
        """Mobile numbers are 手机, others 固定电话; a unit of ours is 现管单位, any other the former one."""
        fits = super().fit(name, cell, book)
        if name in ("phone", "landline") and fits:
            mobile = _MOBILE.match(clean_text(cell)) is not None
            if name == "landline":
                return float(not mobile)
            return 1.0 if mobile else 0.5
        if name in ("unit", "original_unit") and fits:
            places = book.lookups["places"]
            ours = places.unit(clean_text(cell), places.here) is not Miss.UNKNOWN
            return 1.0 if ours == (name == "unit") else -1.0
        return fits

    def field_of(self, column: str) -> str:
        return {"phone_index": "phone", "id_index": "id_number"}.get(column, column)

    @cached_property
    def stored_fields(self) -> frozenset[str]:
        """Fields whose value is a column of the record as it stands."""
        return frozenset(name for name, one in self.fields.items() if one.attribute and name not in ("phone", "landline", "emergency_phone", "deceased_on"))

    def finish(self, drafts: list[Draft], work: Work) -> None:
        accepted, records = [], []
        for draft in drafts:
            record = self._record(draft)
            self._examine(draft, record, work.today)
            self._identify(draft, record)
            if draft.refused:
                draft.index = stored.id_index(record.get("id_number"))
                draft.columns = {"name": record.get("name", "")}
            else:
                accepted.append(draft)
                records.append(record)
        for draft, columns in zip(accepted, stored.prepare_many(records), strict=True):
            draft.columns, draft.index = columns, columns.get("id_index")
            if unit := draft.values.get("unit"):
                draft.columns["_unit"] = unit

    def _record(self, draft: Draft) -> dict[str, Any]:
        """The values as the registry takes them."""
        values, stored_fields = draft.values, self.stored_fields
        record = {name: value for name, value in values.items() if name in stored_fields}
        if record.get("health") == HealthCell.CANNOT_CARE:
            del record["health"]
            record.setdefault("self_care", "dependent")
        self._phones(draft, record)
        if draft.aside:
            record["extra"] = draft.aside
        if unknown := values.get("unit_unknown"):
            if "original_unit" in record:
                draft.fresh["extra"] = {"现管单位": unknown}
            else:
                draft.fresh["original_unit"] = unknown
        return record

    @staticmethod
    def _phones(draft: Draft, record: dict[str, Any]) -> None:
        """Telephone numbers with their area code; a second number of one cell goes where it stays encrypted."""
        for name in ("phone", "landline", "emergency_phone"):
            found: Phone | None = draft.values.get(name)
            if not found:
                continue
            record[name] = found.number
            area = draft.values.get("landline_area", "")
            if name == "landline" and area and found.number.isdigit() and len(found.number) < 9:
                record[name] = f"{area}-{found.number}"
            if found.note and name == "phone" and "landline" not in draft.values and any(mark.isdigit() for mark in found.note):
                record["landline"] = found.note[:30]
                draft.problems.append((name, Problem("phone_several", "warning", "单元格里有几个电话号码：第一个作为手机，其余记入“固定电话”。")))

    def _examine(self, draft: Draft, record: dict[str, Any], today: date) -> None:
        """What must hold among the values; a field that couldn't be read isn't called missing as well."""
        wrong = {name for name, one in draft.problems if one.is_error}
        for found in findings(record, today):
            code, name = found.problem.code, found.field
            if name in wrong and code in ("required_missing", "id_missing", "period_unknown"):
                continue
            if code == "required_missing" and name == "born_on" and wrong.intersection(BIRTH_OR_ID):
                continue
            if code == "id_missing" and ("required_missing" in (one.code for _, one in draft.problems) and "born_on" not in record):
                continue
            draft.problems.append((name, found.problem))
        self._death(draft, record, today)

    @staticmethod
    def _death(draft: Draft, record: dict[str, Any], today: date) -> None:
        died: PartialDate | None = draft.values.get("deceased_on")
        if died is None:
            if draft.values.get("alive") is False and not draft.has_error("deceased_on"):
                draft.problems.append(("deceased_on", problem("required_missing", title="去世日期")))
            return
        if died.precision != "day":
            draft.problems.append(("deceased_on", problem("date_incomplete", title="去世日期")))
        elif died.value > today:
            draft.problems.append(("deceased_on", problem("date_future", title="去世日期")))
        else:
            for name in ("born_on", "retired_on", "work_started_on"):
                if name in record and record[name].certainly_after(died):
                    draft.problems.append(("deceased_on", problem("date_order", later="去世日期", earlier=str(Cadre._meta.get_field(name).verbose_name))))
            draft.fresh |= {"standing": Standing.DECEASED.value, "deceased_on": died.value}

    @staticmethod
    def _identify(draft: Draft, record: dict[str, Any]) -> None:
        """What the row is matched by, and what the ID number tells about a new person."""
        draft.name = match_key(record["name"])[:60] if "name" in record else ""
        born = record.get("born_on")
        if number := record.get("id_number"):
            known = clean_id(number)
            if born is None and known.birth:
                draft.fresh |= {"born_on": known.birth, "born_precision": "day"}
            if "sex" not in record and known.sex:
                draft.fresh["sex"] = SEXES[known.sex][0]
            born = born or PartialDate(known.birth, "day")
        if born is not None and born.precision != "year":
            draft.month = f"{born.value:%Y-%m}"

    def merged_problems(self, batch_id: int, org: Organization, only: Iterable[int] | None = None):
        return checks.merged_problems(batch_id, only)

    def after_apply(self, batch, by, only: Iterable[int] | None = None, *, now) -> None:
        checks.renew_search(batch, only)

    def after_undo(self, batch, by) -> None:
        checks.renew_search(batch)

    def shower(self) -> Callable[[str, Any], str]:
        codes = codebook()

        def show(column: str, value: Any) -> str:
            if isinstance(value, list):
                return _date_text(*value)
            if value in (None, "", "*"):
                return "（号码已改）" if value == "*" else ""
            if column in FIELD_TABLES:
                return codes.name(FIELD_TABLES[column], value)
            if column == "retire_kind":
                return dict(RetireKind.choices).get(value, value)
            return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)

        return show


def _date_text(day: str | None, precision: str | None) -> str:
    return str(PartialDate(date.fromisoformat(day), precision or "day")) if day else ""
