"""增减变动表: deaths, transfers, hospital stays … Each row is registered as the page does it, with all that follows from it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from apps.accounts.models import Organization
from apps.cadres.actions import register_status_change
from apps.cadres.models import Cadre, ChangeKind, Standing, StatusChange
from apps.cadres.sheets.cells import CodeCell
from apps.cadres.sheets.persons import PersonColumns, PersonKind
from apps.cadres.workflow import EFFECTS, reason_against
from apps.core.scope import Scope
from apps.core.workbooks.problems import Problem, problem
from apps.files.actedkinds import ActedKind, Verdict
from apps.files.cells import ChoiceCell, DateCell, SheetField, TextCell, declared_only
from apps.files.importing.places import Place
from apps.files.models import ImportRow, RowState
from apps.files.sheetkinds import Draft, Work

WORDS = {
    ChangeKind.DECEASED: "去世 逝世 死亡 病故 离世 亡故 故去 已去世 因病去世",
    ChangeKind.MOVED_OUT: "调出 迁出 转出 移交 调离 转走 调出移交 外迁",
    ChangeKind.RECEIVED: "调入 迁入 转入 接收 接收调入",
    ChangeKind.ADMITTED: "入院 住院治疗 生病住院 因病住院",
    ChangeKind.DISCHARGED: "出院 康复出院 治愈出院",
    ChangeKind.FELL: "摔伤 摔倒 跌倒 跌伤 骨折",
    ChangeKind.DIAGNOSED: "确诊 大病 重病 重大疾病 确诊大病",
    ChangeKind.WIDOWED: "丧偶 配偶去世 老伴去世",
    ChangeKind.RESETTLED: "异地安置 易地安置 异地居住",
    ChangeKind.DISABLED: "失能 失能认定 失能评定",
    ChangeKind.RESIDENCE: "搬迁 搬家 住址变动 居住地变更 地址变更 居住地变动",
    ChangeKind.TREATMENT: "职级变动 待遇变动 提高待遇 待遇调整",
    ChangeKind.REGISTERED: "新增 新办 办理退休 办理离休 新退休",
}
SET_BY_EVENT = ("hospital", "health", "self_care", "living", "address", "residence_kind", "resettled_place", "receiving_unit", "rank", "treatment_level", "medical_treatment")


@declared_only
class ChangeSheet(PersonColumns):
    kind = SheetField(
        "kind", "变动类别", ChoiceCell(ChangeKind.choices, WORDS), required=True, lacking=True, example="去世",
        aliases="变动类型 增减类别 增减类型 增减变动 变动原因 增减原因 减少原因 增加原因 变动情况 变动事项 类别 类型 原因 事项 去向类别",
    )  # fmt: skip
    effective_on = SheetField(
        "effective_on", "发生日期", DateCell(recent=True), required=True, example="2026-03-05",
        aliases=(
            "发生时间 变动时间 变动日期 日期 时间 去世时间 去世日期 离世时间 逝世时间 死亡时间 病故时间 "
            "调出时间 转出时间 迁出时间 调入时间 迁入时间 住院时间 入院时间 出院时间 减少时间 增加时间 办理时间"
        ),
    )  # fmt: skip
    document_no = SheetField("document_no", "依据文号", TextCell(60), aliases="文号 批准文号 依据 文件号")
    destination = SheetField(None, "去向", TextCell(120), aliases="调往单位 转往单位 迁往地 调入单位 接收地 转入单位 调出去向 迁出去向 转出去向", width=20)
    hospital = SheetField(None, "就近医院", TextCell(80), aliases="医院 住院医院 就诊医院 所住医院 就医医院")
    health = SheetField(None, "健康状况", CodeCell("health"), aliases="健康情况 身体状况")
    self_care = SheetField(None, "自理能力", CodeCell("self_care"), aliases="生活自理能力 自理情况 失能等级")
    living = SheetField(None, "居住状况", CodeCell("living"), aliases="居住情况")
    address = SheetField(None, "居住地址", TextCell(200), aliases="新地址 新住址 现住址 现居住地址 地址 变更后地址", width=28)
    residence_kind = SheetField(None, "居住地类型", CodeCell("residence_kind"))
    resettled_place = SheetField(None, "安置地", TextCell(80), aliases="易地安置地 异地安置地 安置地点")
    receiving_unit = SheetField(None, "接受安置单位", TextCell(80), aliases="接收安置单位 接收单位 安置单位")
    rank = SheetField(None, "离退休时职级", CodeCell("rank"), aliases="职级")
    treatment_level = SheetField(None, "现享受待遇级别", CodeCell("treatment_level"), aliases="享受待遇 享受待遇级别 待遇级别")
    medical_treatment = SheetField(None, "享受医疗待遇", CodeCell("medical_treatment"), aliases="医疗待遇")
    note = SheetField("note", "说明", TextCell(300), aliases="备注 情况说明 死因 去世原因 病因 住院原因", width=24)

    class Meta:
        model = StatusChange
        import_id_fields = ("kind", "effective_on")

    def save_instance(self, instance, is_create, row, **kwargs):
        """``import_data(data, by=User, today=date)`` registers, too."""
        if is_create and not kwargs.get("dry_run"):
            cadre, scope = instance.cadre, Scope((instance.cadre.org_path,))
            instance.pk = register_status_change(
                cadre=cadre, kind=instance.kind, effective_on=instance.effective_on, by=kwargs["by"], scope=scope, today=kwargs["today"],
                document_no=instance.document_no, note=instance.note,
                values={name: self.fields[name].clean(row) for name in SET_BY_EVENT if self.fields[name].column_name in row},
            ).pk  # fmt: skip


class Changes(ActedKind, PersonKind):
    """The same event (kind and day) on record already is left alone; events of one person are judged in the order of their days."""

    key, title, unit = "changes", "增减变动表", "项"
    resource = ChangeSheet
    essential = (*PersonKind.essential, ("effective_on",))
    standings = tuple(Standing.values)
    tab = "history"
    preview_fields = ("kind", "effective_on", "note")

    def complete(self, draft: Draft, work: Work) -> None:
        values = draft.values
        on = values.pop("effective_on", None)
        if on is not None and on.precision != "day":
            draft.problems.append(("effective_on", problem("date_incomplete", title="发生日期")))
        elif on is not None and on.value > work.today:
            draft.problems.append(("effective_on", problem("date_future", title="发生日期")))
        elif on is not None:
            values["effective_on"] = on
        draft.columns["_set"] = {name: values[name] for name in SET_BY_EVENT if name in values}
        if kind := values.get("kind"):
            draft.problems += [
                (name, problem("required_missing", title=self.fields[name].column_name)) for name in EFFECTS[kind].required if name not in values and not draft.has_error(name)
            ]
        if gone := values.get("destination"):
            self._destination(draft, work, gone)

    @staticmethod
    def _destination(draft: Draft, work: Work, gone: str) -> None:
        """A unit inside the file's organisation takes the person over; any other place is kept in words."""
        found = next((one for one in (work.places.unit(gone, work.places.here), work.places.region(gone)) if isinstance(one, Place)), None)
        if found and draft.values.get("kind") and EFFECTS[draft.values["kind"]].place:
            draft.columns["to_org"] = found.pk
        draft.values["note"] = "；".join(filter(None, (f"去向：{gone}", draft.values.get("note"))))[:300]

    def judge(self, batch, rows: Sequence[ImportRow]) -> Iterable[Verdict]:
        owners = {row.owner_id for row in rows}
        people = {one.pk: one for one in Cadre.objects.filter(pk__in=owners).only("standing", "born_on", "deceased_on")}
        known = {found[:3]: found[3] for found in StatusChange.objects.filter(cadre__in=owners).values_list("cadre_id", "kind", "effective_on", "pk")}
        for row in self.sequence(list(rows)):
            kind, on = row.values["kind"], date.fromisoformat(row.values["effective_on"])
            person = people[row.owner_id]
            if (row.owner_id, kind, on) in known or (kind == ChangeKind.DECEASED and person.deceased_on == on):
                yield Verdict(row, RowState.UNCHANGED, known.get((row.owner_id, kind, on)))
                continue
            against = self._against(person, kind, on)
            if not against:
                known[row.owner_id, kind, on] = None
                self._suppose(person, kind, on, row)
            yield Verdict(row, problems=[("kind" if one.code == "standing" else "effective_on", one) for one in against])

    @staticmethod
    def _against(person: Cadre, kind: str, on: date) -> list[Problem]:
        if reason := reason_against(person, ChangeKind(kind)):
            return [Problem("standing", "error", reason)]
        if person.born_on and on < person.born_on:
            return [problem("date_order", earlier="出生日期", later="发生日期")]
        return []

    @staticmethod
    def _suppose(person: Cadre, kind: str, on: date, row: ImportRow) -> None:
        """How the person stands once this row is done: the next row of the file meets them so."""
        target = EFFECTS[ChangeKind(kind)].target
        if target and not (kind == ChangeKind.MOVED_OUT and "to_org" in row.values):
            person.standing, person.deceased_on = target, on if target == Standing.DECEASED else None

    def sequence(self, rows: list[ImportRow]) -> list[ImportRow]:
        return sorted(rows, key=lambda row: (row.values["effective_on"], row.values["kind"] == ChangeKind.DECEASED, row.pk))

    def performer(self, batch, by, today) -> Callable[[ImportRow], int]:
        scope = Scope((batch.org.path,))
        places = Organization.objects.in_bulk({row for row in ImportRow.objects.filter(batch=batch, values__has_key="to_org").values_list("values__to_org", flat=True)})

        def register(row: ImportRow) -> int:
            values = row.values
            return register_status_change(
                cadre=Cadre(pk=row.owner_id), kind=values["kind"], effective_on=date.fromisoformat(values["effective_on"]), by=by, scope=scope, today=today,
                document_no=values.get("document_no", ""), note=values.get("note", ""), values=values["_set"], org=places.get(values.get("to_org")),
            ).pk  # fmt: skip

        return register

    def row_title(self, values) -> str:
        return f"{values.get('_person', '')}：{dict(ChangeKind.choices).get(values.get('kind'), '')}"
