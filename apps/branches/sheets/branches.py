"""党支部表: each row sets a branch up or changes it, as the page does."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.urls import reverse

from apps.accounts.models import Organization
from apps.branches.actions.branches import FIELDS, change_branch, set_up_branch
from apps.branches.models import Area, Branch, BranchKind
from apps.core.dates import PartialDate
from apps.core.scope import Scope
from apps.core.text import match_key
from apps.core.workbooks.problems import Problem, problem
from apps.files.actedkinds import ActedKind, Verdict
from apps.files.cells import ChoiceCell, DateCell, NumberCell, SheetField, SheetResource, TextCell, declared_only
from apps.files.importing.checking import place_of
from apps.files.importing.packed import parted
from apps.files.importing.places import Miss
from apps.files.models import ImportRow, RowState
from apps.files.sheetkinds import Draft, Work, register

KIND_WORDS = {
    "branch": "支部 单独组建 独立党支部 离退休干部党支部", "joint": "联合支部 联合组建 联合", "temporary": "临时支部 临时", "floating": "流动党支部 流动支部 流动",
    "functional": "功能型支部 兴趣党支部 功能党支部", "general": "总支 党总支部", "committee": "机关党委 离退休干部党委",
}  # fmt: skip
PLAIN = ("name", "kind", "code", "superior", "approval_no", "meeting_place", "adviser")


@declared_only
class BranchSheet(SheetResource):
    number = SheetField(None, "序号", TextCell(20), aliases="编号", example="示例", width=6)
    name = SheetField(
        "name", "党支部名称", TextCell(80), required=True, width=28, example="某某局离退休干部党支部",
        aliases="支部名称 党支部 党组织名称 支部 名称 党支部全称 党组织全称 所在支部名称",
    )  # fmt: skip
    kind = SheetField(
        "kind", "类型", ChoiceCell(BranchKind.choices, KIND_WORDS), lacking=True, example="党支部", aliases="支部类型 类别 设置方式 组建方式 组织类别 支部类别 党组织类别"
    )  # fmt: skip
    unit = SheetField(None, "管理单位", TextCell(80), width=24, aliases="单位 所属单位 主管单位 单位名称 所在单位")
    county = SheetField(None, "县（市、区）", TextCell(80), aliases="县区 县市区 区县 所属县区 所在县区")
    hosts = SheetField(None, "依托单位", TextCell(300), width=28, aliases="覆盖单位 联建单位 组成单位 联合单位")
    superior = SheetField("superior", "上级党组织", TextCell(80), width=24, aliases="隶属党组织 上级组织 隶属党委 上级党委")
    area = SheetField(None, "片区", TextCell(40), aliases="所属片区 片区名称")
    code = SheetField("code", "代码", TextCell(30), aliases="支部代码 党组织代码 组织代码")
    founded_on = SheetField("founded_on", "成立时间", DateCell(recent=True), aliases="成立日期 组建时间 建立时间 批准成立时间", example="2015-07-01")
    approval_no = SheetField("approval_no", "批准文号", TextCell(60), aliases="批复文号 文号 成立文号 批准文件", width=18)
    meeting_place = SheetField("meeting_place", "活动场所", TextCell(80), aliases="活动地点 活动阵地 阵地 支部活动场所", width=20)
    fixed_day = SheetField("fixed_day", "固定活动日", NumberCell(1, 31, 0), aliases="主题党日 活动日 固定党日 每月活动日 主题党日（每月几日）")
    secretary = SheetField(None, "支部书记", TextCell(60), aliases="书记 支部书记姓名 书记姓名 党支部书记 负责人")
    adviser = SheetField("adviser", "党建指导员", TextCell(60), aliases="指导员 联系干部 党建联络员")

    class Meta:
        model = Branch
        import_id_fields = ("name",)

    def save_instance(self, instance, is_create, row, **kwargs):
        """``import_data(data, by=User, org=Organization, today=date)`` sets every branch up in one organisation."""
        if is_create:
            values = {name: getattr(instance, name) for name in FIELDS if name != "area"} | {"area": None, "kind": instance.kind or BranchKind.BRANCH}
            instance.pk = set_up_branch(scope=Scope((kwargs["org"].path,)), org=kwargs["org"], hosts=[], by=kwargs["by"], today=kwargs["today"], **values).pk


def _day(draft: Draft, name: str, title: str, today: date) -> date | None:
    """A date as the record keeps it: of a month or year the first day, which is noted. One to come is wrong."""
    found: PartialDate | None = draft.values.get(name)
    if found is None:
        return None
    if found.value > today:
        draft.problems.append((name, problem("date_future", title=title)))
    elif found.precision != "day":
        draft.problems.append((name, problem("date_first_day", title=title)))
    return found.value


class Branches(ActedKind):
    """A branch of this name in this unit is there already: what the row says otherwise is changed, blanks change nothing. Who its secretary is isn't
    taken in: a term has a beginning and an end, which such sheets don't tell."""

    key, title, unit = "branches", "党支部表", "个"
    resource = BranchSheet
    essential = (("name",), ("kind", "hosts", "superior", "founded_on", "meeting_place", "fixed_day", "approval_no"))
    places_rows = False
    unused = not_in_template = frozenset({"secretary"})
    preview = ("党支部名称", "类型", "成立时间", "管理单位")

    def finish(self, drafts: list[Draft], work: Work) -> None:
        for draft in drafts:
            values = draft.values
            if "name" not in values and not draft.has_error("name"):
                draft.problems.append(("name", problem("required_missing", title="党支部名称")))
            draft.columns = {name: values[name] for name in PLAIN if name in values}
            if on := _day(draft, "founded_on", "成立时间", work.today):
                (draft.columns if values["founded_on"].precision == "day" else draft.fresh)["founded_on"] = on
            if "fixed_day" in values:
                draft.columns["fixed_day"] = int(values["fixed_day"])
            inside = draft.place if values.get("county") and draft.place else work.places.here
            if (unit := values.get("unit")) and isinstance(work.places.unit(unit, inside), Miss):
                draft.problems.append(("unit", problem("region_unknown", value=unit)))
            self._hosts(draft, work, inside)
            if said := values.get("area"):
                draft.columns["_area"] = said

    @staticmethod
    def _hosts(draft: Draft, work: Work, inside) -> None:
        found = {}
        for said in parted(draft.values.get("hosts")):
            place = work.places.unit(said, inside)
            if isinstance(place, Miss):
                draft.problems.append(("hosts", problem("region_unknown", value=said)))
            else:
                found[(place or inside).pk] = True
        if found:
            draft.columns["_hosts"] = list(found)

    def judge(self, batch, rows: Sequence[ImportRow]) -> Iterable[Verdict]:
        present = Branch.objects.visible_to(Scope((batch.org.path,))).filter(dissolved_on=None).prefetch_related("hosts")
        there, seen = {(one.org_id, one.name): one for one in present}, {}
        areas = {match_key(one.name): one.pk for one in Area.objects.visible_to(Scope((batch.org.path,)))}
        codes = {(one.org_id, one.code): one.pk for one in Branch.objects.visible_to(Scope((batch.org.path,))).exclude(code="")}
        for row in rows:
            values, verdict = row.values, Verdict(row)
            key, known = (row.org_id, values["name"]), there.get((row.org_id, values["name"]))
            owner = codes.setdefault((row.org_id, values["code"]), known.pk if known else -row.pk) if values.get("code") else None
            first = seen.setdefault(key, row)
            if said := values.get("_area"):
                self._area(verdict, said, areas)
            if first is not row:
                verdict.problems.append(("name", problem("duplicate_in_file", place=place_of(first.sheet, first.number, row.sheet), what="管理单位、名称")))
            elif owner is not None and owner != (known.pk if known else -row.pk):
                verdict.problems.append(("code", Problem("code_taken", "error", f"代码“{values['code']}”已是另一个党支部的。")))
            elif known:
                self._compare(verdict, known)
            yield verdict

    @staticmethod
    def _area(verdict: Verdict, said: str, areas: dict[str, int]) -> None:
        if key := areas.get(match_key(said)):
            verdict.values["area_id"] = key
        else:
            verdict.problems.append(("area", problem("code_unknown", value=said, title="片区", hint="请先在“片区”里建立。")))

    @staticmethod
    def _compare(verdict: Verdict, known: Branch) -> None:
        values = verdict.row.values | verdict.values
        for name in (*PLAIN[1:], "founded_on", "fixed_day", "area_id"):
            was = getattr(known, name)
            if name in values and str(values[name]) != str("" if was is None else was):
                verdict.changes.append({"column": name, "was": str(was or ""), "now": str(values[name])})
        if "_hosts" in values and set(values["_hosts"]) != (had := {unit.pk for unit in known.hosts.all()}):
            verdict.changes.append({"column": "hosts", "was": f"{len(had)} 个单位", "now": f"{len(values['_hosts'])} 个单位"})
        verdict.target, verdict.state = known.pk, RowState.CHANGED if verdict.changes else RowState.UNCHANGED

    def performer(self, batch, by, today) -> Callable[[ImportRow], int]:
        scope = Scope((batch.org.path,))

        def do(row: ImportRow) -> int:
            staged = row.values | (row.fresh if row.state == RowState.NEW else {})
            said = {name: staged[name] for name in (*PLAIN, "fixed_day") if name in staged}
            if "founded_on" in staged:
                said["founded_on"] = date.fromisoformat(staged["founded_on"])
            if "area_id" in staged:
                said["area"] = Area.objects.get(pk=staged["area_id"])
            units = list(Organization.objects.visible_to(scope).filter(pk__in=staged.get("_hosts", ())))
            if row.state == RowState.CHANGED:
                branch = Branch.objects.get(pk=row.target_id)
                values = {name: getattr(branch, name) for name in FIELDS} | said
                units = units if "_hosts" in staged else list(branch.hosts.all())
                return change_branch(scope=scope, branch=branch, org=branch.org, hosts=units, by=by, today=today, **values).pk
            kind = BranchKind.JOINT if len(units) > 1 else BranchKind.BRANCH
            values = {name: None if name in ("area", "founded_on", "fixed_day") else "" for name in FIELDS} | {"kind": kind} | said
            return set_up_branch(scope=scope, org=Organization.objects.get(pk=row.org_id), hosts=units, by=by, today=today, **values).pk

        return do

    def shower(self) -> Callable[[str, object], str]:
        kinds = dict(BranchKind.choices)
        return lambda column, value: "" if value is None else kinds.get(value, str(value)) if column == "kind" else str(value)

    def preview_cells(self, values, show) -> list[str]:
        return [values.get("name", ""), show("kind", values.get("kind")), values.get("founded_on", ""), values["org"]]

    def record_url(self, pk: int) -> str:
        return reverse("branches:branch", args=[pk]) if pk else ""

    def list_url(self, batch) -> str:
        return reverse("branches:list")


register(Branches())
