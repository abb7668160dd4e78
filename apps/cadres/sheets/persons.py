"""Sheets whose rows speak of a person on the register: the columns that say of whom, and what all such kinds share."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse

from apps.accounts.models import Organization
from apps.cadres.columns import id_index
from apps.cadres.models import Cadre, Standing
from apps.cadres.selectors import codebook
from apps.cadres.sheets.cells import CodeCell
from apps.cadres.sheets.titles import TITLES
from apps.core.crypto import EncryptedTextField, Sealed, encrypt_many
from apps.core.dates import PartialDate
from apps.core.personal_data import mask_phone
from apps.core.text import Phone, match_key
from apps.core.workbooks.problems import Problem, problem
from apps.files.cells import ChoiceCell, DateCell, IdCell, NameCell, SheetField, SheetResource, TextCell
from apps.files.importing.asking import Flag, rows_of
from apps.files.importing.comparing import limited
from apps.files.ownedkinds import OwnedKind
from apps.files.sheetkinds import Draft, Owner, Work

CADRE = Owner(Cadre, "cadre_id", key="id_index", name="name_key", born="born_on", exactness="born_precision", unit="original_unit", hidden="c.standing = 'merged'")
_WHOSE = ("干部", "老干部", "离退休干部", "离休干部", "退休干部", "老同志", "本人", "人员", "已故干部", "已故老干部", "去世干部", "干部本人", "慰问对象", "看望对象", "走访对象")


def _of_person(*what: str) -> str:
    """Every way to say it of the person: 老干部姓名, 本人姓名, and 本人/姓名 under a title of two rows."""
    return " ".join(f"{whose}{one} {whose}/{one}" for whose in _WHOSE for one in what)


WHOSE = dict.fromkeys(("id_number", "person_sex", "person_born", "person_unit"), ("person", "id_number", "person_sex", "person_born", "person_unit"))
"""Columns behind the person's name are the person's."""


class PersonColumns(SheetResource):
    """Who a row speaks of; the columns of the record follow in the subclass. ``import_data`` finds the person inside the scope that is entered."""

    number = SheetField(None, "序号", TextCell(20), aliases=TITLES["number"], example="示例", width=6)
    person = SheetField(
        None, "干部姓名", NameCell(), example="张三", width=10,
        aliases=f"{TITLES['name']} {_of_person('姓名')} 姓名 干部 老干部 离休干部 离退休干部 老同志 慰问对象 看望对象 走访对象 对象",
    )  # fmt: skip
    id_number = SheetField(None, "干部身份证号", IdCell(), aliases=f"身份证号 {TITLES['id_number']} {_of_person('身份证号', '身份证号码', '身份证')}", width=22)
    person_sex = SheetField(None, "干部性别", TextCell(10), aliases=f"性别 {_of_person('性别')}")
    person_born = SheetField(None, "干部出生日期", DateCell(), aliases=f"出生日期 {TITLES['born_on']} {_of_person('出生日期', '出生年月', '出生时间')}", example="1945.08")
    county = SheetField(None, "县（市、区）", TextCell(80), aliases=TITLES["county"])
    person_unit = SheetField(None, "干部单位", TextCell(120), aliases=f"现管单位 原工作单位 {TITLES['unit']} {TITLES['original_unit']} {_of_person('单位', '工作单位')}", width=24)

    def before_import_row(self, row, **kwargs):
        """Whose record it is, for ``import_data``."""
        said = {name: one.clean(row) for name, one in self.fields.items() if name in ("person", "id_number") and one.column_name in row}
        found = Cadre.objects.filter(id_index=id_index(said["id_number"])) if said.get("id_number") else Cadre.objects.filter(name_key=match_key(said.get("person", "")))
        people = list(found[:2])
        if len(people) != 1:
            raise ValueError(problem("person_ambiguous" if people else "person_unknown", found="几").message)
        row["cadre"] = people[0]

    def import_instance(self, instance, row, **kwargs):
        super().import_instance(instance, row, **kwargs)
        instance.cadre, instance.org = row["cadre"], row["cadre"].org
        if hasattr(instance, "phone_masked"):
            instance.phone_masked = mask_phone(instance.phone)

    def get_instance(self, instance_loader, row):
        """The person's record that the kind's own fields name (``import_id_fields``)."""
        wanted = {self.fields[name].attribute: self.fields[name].clean(row) for name in self._meta.import_id_fields}
        return self._meta.model.objects.filter(cadre=row["cadre"], **wanted).first()


class PersonKind(OwnedKind):
    """A kind whose records hang on a person. ``standings``: of whom such records are kept; ``tab`` is where they stand on the person's page;
    ``in_order``: columns of dates of which the second isn't before the first, an end being known to the last day of what was written.
    """

    owner = CADRE
    essential = (("person", "id_number"),)
    standings: tuple[str, ...] = (Standing.ACTIVE, Standing.DECEASED)
    tab = "family"
    follows: Mapping[str, tuple[str, ...]] = WHOSE
    in_order: tuple[tuple[str, str], ...] = ()
    unused = frozenset({"person_sex"})
    not_in_template = frozenset({"person_sex"})

    @cached_property
    def opaque(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.model._meta.concrete_fields if isinstance(one, EncryptedTextField))

    @cached_property
    def leaders(self) -> dict[str, str]:
        return {f"{name}_masked": name for name in self.opaque}

    @cached_property
    def shown_as(self) -> dict[str, str]:
        return {name: f"{name}_masked" for name in self.opaque}

    @cached_property
    def stored(self) -> dict[str, str]:
        """Field of the sheet → column of the record."""
        return {name: self.model._meta.get_field(one.attribute).attname for name, one in self.fields.items() if one.attribute}

    def begin(self, org: Organization, today: date) -> Work:
        work = super().begin(org, today)
        work.extras |= {"codes": codebook(), "places": work.places}
        return work

    def finish(self, drafts: list[Draft], work: Work) -> None:
        for draft in drafts:
            self._forget_packed(draft)
            self.identify(draft)
            self.complete(draft, work)
            self._order(draft)
            self._require(draft)
            self._store(draft)
        self._seal(drafts)

    def _forget_packed(self, draft: Draft) -> None:
        """Cells that pack unequally many are wrong in that alone, whatever else could be said of them."""
        if any(one.code == "packed_uneven" for _, one in draft.problems):
            draft.problems = [(name, one) for name, one in draft.problems if one.code == "packed_uneven" or name not in (*self.packed_by, *self.packed)]

    def identify(self, draft: Draft) -> None:
        """By what the person is looked for."""
        values = draft.values
        draft.index = id_index(values.get("id_number"))
        draft.name = match_key(values.get("person", ""))[:60]
        born: PartialDate | None = values.get("person_born")
        if born:
            draft.month = f"{born.value:%Y}" if born.precision == "year" else f"{born.value:%Y-%m}"
        if not draft.index and not draft.name and not draft.has_error("person", "id_number"):
            draft.problems.append(("person", problem("person_missing")))

    def complete(self, draft: Draft, work: Work) -> None:
        """Settle and check the row's own values: ``draft.values`` may be changed, ``draft.fresh`` is for new records only."""

    def _require(self, draft: Draft) -> None:
        for name, one in self.fields.items():
            if one.required and name not in draft.values and not draft.has_error(name, *self.packed_by):
                draft.problems.append((name, problem("required_missing", title=one.column_name)))

    def _order(self, draft: Draft) -> None:
        for earlier, later in self.in_order:
            first, second = draft.values.get(self.field_of(earlier)), draft.values.get(self.field_of(later))
            if first and second and second.latest < first.value:
                draft.problems.append((self.field_of(later), self._disorder(earlier, later)))

    def _store(self, draft: Draft) -> None:
        """Values into columns; a date that isn't known to the day only serves a new record."""
        ends = {later for _, later in self.in_order}
        for name, column in self.stored.items():
            value = draft.values.get(name)
            if isinstance(value, PartialDate):
                if value.precision == "day":
                    draft.columns[column] = value.value
                else:
                    draft.fresh[column] = value.latest if column in ends else value.value
                    draft.problems.append((name, problem("date_first_day", title=self.fields[name].column_name)))
            elif value is not None:
                draft.columns[column] = value
        for key, name in (("_person", "person"), ("_unit", "person_unit")):
            if draft.values.get(name):
                draft.columns[key] = draft.values[name]

    def _seal(self, drafts: list[Draft]) -> None:
        """Telephone numbers, encrypted in one go, with the masked form beside them."""
        for name in self.opaque:
            having = [draft for draft in drafts if isinstance(draft.columns.get(name), Phone)]
            numbers, aad = [draft.columns[name].number for draft in having], self.model._meta.get_field(name).aad
            for draft, number, data in zip(having, numbers, encrypt_many(numbers, aad), strict=True):
                draft.columns |= {name: Sealed(data, aad), f"{name}_masked": mask_phone(number)}

    def owner_problems(self, batch_id: int, org: Organization, only: Iterable[int] | None = None) -> list[Flag]:
        """Rows of people of whom no such records are kept any more, or not yet."""
        limit, keys = limited(only)
        sql = f"""
            SELECT r.id, c.standing, c.deceased_on, c.name FROM files_importrow r JOIN cadres_cadre c ON c.id = r.owner_id
            WHERE r.batch_id = %s AND r.state IN ('new', 'changed') AND NOT c.standing = ANY(%s){limit}
        """
        return [(pk, "person", self.closed(*found)) for pk, *found in rows_of(sql, [batch_id, list(self.standings), *keys])]

    def merged_problems(self, batch_id: int, org: Organization, only: Iterable[int] | None = None) -> list[Flag]:
        """Dates out of order once row and record are one."""
        limit, keys = limited(only)
        flags: list[Flag] = []
        for earlier, later in self.in_order:
            first, second = (f"coalesce((r.\"values\" ->> '{name}')::date, c.{name})" for name in (earlier, later))
            sql = f"""
                SELECT r.id FROM files_importrow r JOIN {self.model._meta.db_table} c ON c.id = r.target_id
                WHERE r.batch_id = %s AND r.state = 'changed' AND {second} < {first}{limit}
            """
            flags += [(pk, self.field_of(later), self._disorder(earlier, later)) for (pk,) in rows_of(sql, [batch_id, *keys])]
        return flags

    def _disorder(self, earlier: str, later: str) -> Problem:
        return problem("date_order", earlier=self.fields[self.field_of(earlier)].column_name, later=self.fields[self.field_of(later)].column_name)

    def closed(self, standing: str, died: date | None, name: str):
        """What to say of a person of another standing."""
        if standing == Standing.ACTIVE:
            return problem("person_alive", found=name)
        return problem("record_closed", what=f"已登记去世（{died:%Y年%m月%d日}）" if standing == Standing.DECEASED else "已登记转出")

    def row_url(self, row) -> str:
        return f"{reverse('cadres:detail', args=[row.owner_id])}?tab={self.tab}" if row.owner_id else ""

    def row_title(self, values: dict[str, Any]) -> str:
        return "：".join(filter(None, (values.get("_person"), values.get("name"))))

    def list_url(self, batch) -> str:
        return f"{reverse('cadres:list')}?org={batch.org_id}&sort=changed"

    @cached_property
    def preview_fields(self) -> tuple[str, ...]:
        """The first columns of the record, for previews."""
        return tuple(self.stored)[:4]

    @property
    def preview(self) -> tuple[str, ...]:
        return ("干部姓名", *(self.fields[name].column_name for name in self.preview_fields), "管理单位")

    def preview_cells(self, values: dict[str, Any], show: Callable[[str, Any], str]) -> list[str]:
        columns = (self.stored[name] for name in self.preview_fields)
        return [values.get("_person", ""), *(values.get(self.shown_as[one], "") if one in self.shown_as else show(one, values.get(one)) for one in columns), values["org"]]

    def shower(self) -> Callable[[str, Any], str]:
        codes = codebook()
        tables = {one.attribute: one.widget.table for one in self.fields.values() if isinstance(one.widget, CodeCell)}
        words = {one.attribute: one.widget.labels for one in self.fields.values() if isinstance(one.widget, ChoiceCell)}

        def show(column: str, value: Any) -> str:
            if value in (None, "", "*"):
                return "（号码已改）" if value == "*" else ""
            if column in tables:
                return codes.name(tables[column], value)
            if column in words:
                return words[column].get(value, value)
            return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)

        return show
