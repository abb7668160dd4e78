"""组织机构表: units, bureaux, townships and communities below the file's own organisation; parents first, whatever the order of the rows."""

from collections.abc import Callable, Iterable, Sequence

from django.urls import reverse

from apps.accounts.actions import change_organization, create_organization
from apps.accounts.models import Level, Organization
from apps.accounts.permissions import Right
from apps.core.refusal import Refused
from apps.core.workbooks.problems import problem
from apps.files.actedkinds import ActedKind, Verdict
from apps.files.cells import ChoiceCell, SheetField, SheetResource, TextCell, declared_only
from apps.files.importing.checking import place_of
from apps.files.importing.places import Miss
from apps.files.models import ImportRow, RowState
from apps.files.sheetkinds import Draft, Work

LEVELS = [(level.value, level.label) for level in (Level.UNIT, Level.BUREAU, Level.TOWNSHIP, Level.COMMUNITY)]
WORDS = {
    Level.UNIT: "机关 事业 企业 事业单位 企业单位 机关单位 部门 直属单位 学校 医院",
    Level.BUREAU: "老干部局 老干局 老干办 老干部科 老干部室 老干部办公室 离退休干部局",
    Level.TOWNSHIP: "乡镇 街道 乡 镇 街道办 街道办事处 乡镇（街道）",
    Level.COMMUNITY: "社区 村 居委会 村委会 村居",
}
LOST = "上级单位这次没有建成，所以没有建。"


@declared_only
class OrganisationSheet(SheetResource):
    number = SheetField(None, "序号", TextCell(20), aliases="编号", example="示例", width=6)
    name = SheetField(
        "name", "单位名称", TextCell(80), required=True, width=28, example="某某县教育局", aliases="名称 机构名称 组织名称 组织机构名称 单位 单位全称 全称 部门 部门名称"
    )
    short_name = SheetField("short_name", "简称", TextCell(40), aliases="单位简称 机构简称")
    level = SheetField("level", "类别", ChoiceCell(LEVELS, WORDS), lacking=True, example="单位", aliases="单位类别 机构类别 类型 单位类型 机构类型 级别 层级")
    parent = SheetField(None, "上级单位", TextCell(80), width=28, aliases="上级 上级机构 上级名称 主管单位 主管部门 隶属单位 隶属 所属单位 上级部门 上级单位名称")
    county = SheetField(None, "县（市、区）", TextCell(80), aliases="县区 县市区 区县 所属县区 所在县区 所属地区 行政区划")

    class Meta:
        model = Organization
        import_id_fields = ("name",)

    def save_instance(self, instance, is_create, row, **kwargs):
        """``import_data(data, by=User, parent=Organization)`` hangs every row below one parent."""
        if is_create:
            instance.pk = create_organization(
                parent=kwargs["parent"], name=instance.name, short_name=instance.short_name, level=instance.level or Level.UNIT, by=kwargs["by"]
            ).pk


class Organisations(ActedKind):
    """A unit of this name below this parent is there already: at most its short name changes. Regions come with the yearly code table instead."""

    key, title, unit = "organisations", "组织机构表", "个"
    creates = updates = Right.ORG_MANAGE
    resource = OrganisationSheet
    essential = (("name",), ("level", "parent", "short_name", "county"))
    unit_field = "parent"
    places_rows = False
    preview = ("名称", "简称", "类别", "上级单位")

    def finish(self, drafts: list[Draft], work: Work) -> None:
        for draft in drafts:
            values = draft.values
            if "name" not in values and not draft.has_error("name"):
                draft.problems.append(("name", problem("required_missing", title="单位名称")))
            draft.columns = {name: values[name] for name in ("name", "short_name") if name in values} | {"level": values.get("level", Level.UNIT.value)}
            above = values.get("parent")
            base = work.places.region(values["county"]) if values.get("county") else None
            if above and isinstance(work.places.unit(above, base if base and not isinstance(base, Miss) else work.places.here), Miss):
                draft.columns["parent"] = above

    def judge(self, batch, rows: Sequence[ImportRow]) -> Iterable[Verdict]:
        verdicts = {row.pk: Verdict(row) for row in rows}
        self._find_parents(rows, verdicts)
        there = {(one.parent_id, one.name): one for one in Organization.objects.filter(parent__path__startswith=batch.org.path, valid_to=None)}
        seen: dict[tuple, ImportRow] = {}
        for row in sorted(rows, key=lambda row: (self._depth(row, verdicts), row.pk)):
            verdict = verdicts[row.pk]
            above = verdicts.get(verdict.values.get("parent_row"))
            if above is not None and above.problems and not verdict.problems:
                verdict.problems.append(("parent", problem("parent_unknown", value=above.row.values["name"])))
            parent = (above.target or ("row", above.row.pk)) if above is not None else row.org_id
            first = seen.setdefault((parent, row.values["name"]), row)
            if first is not row:
                verdict.problems.append(("name", problem("duplicate_in_file", place=place_of(first.sheet, first.number, row.sheet), what="上级、名称")))
            elif not verdict.problems and (known := there.get((parent, row.values["name"]))):
                self._compare(verdict, known)
        return verdicts.values()

    @staticmethod
    def _find_parents(rows: Sequence[ImportRow], verdicts: dict[int, Verdict]) -> None:
        """Parents that aren't there yet are rows of this file, told by name and county."""
        by_name: dict[str, list[ImportRow]] = {}
        for row in rows:
            by_name.setdefault(row.values["name"], []).append(row)
        for row in rows:
            if above := row.values.get("parent"):
                found = [one for one in by_name.get(above, ()) if one.pk != row.pk]
                near = [one for one in found if one.county_path == row.county_path] if len(found) > 1 else found
                if len(near) == 1:
                    verdicts[row.pk].values["parent_row"] = near[0].pk
                else:
                    verdicts[row.pk].problems.append(("parent", problem("parent_unknown", value=above)))

    @staticmethod
    def _depth(row: ImportRow, verdicts: dict[int, Verdict]) -> int:
        """How many rows of the file stand above; rows that stand above themselves are refused."""
        above, seen = verdicts[row.pk].values.get("parent_row"), {row.pk}
        while above is not None and above not in seen:
            seen.add(above)
            above = verdicts[above].values.get("parent_row")
        if above is not None and not verdicts[row.pk].problems:
            verdicts[row.pk].problems.append(("parent", problem("parent_loop", value=row.values["parent"])))
        return len(seen)

    @staticmethod
    def _compare(verdict: Verdict, known: Organization) -> None:
        said = verdict.row.values.get("short_name")
        verdict.target, verdict.state = known.pk, RowState.UNCHANGED
        if said and said != known.short_name:
            verdict.state, verdict.changes = RowState.CHANGED, [{"column": "short_name", "was": known.short_name, "now": said}]

    def sequence(self, rows: list[ImportRow]) -> list[ImportRow]:
        verdicts = {row.pk: Verdict(row, values={"parent_row": row.values.get("parent_row")}) for row in rows}
        for one in verdicts.values():
            if one.values["parent_row"] not in verdicts:
                one.values["parent_row"] = None
        return sorted(rows, key=lambda row: (self._depth(row, verdicts), row.pk))

    def performer(self, batch, by, today) -> Callable[[ImportRow], int]:
        rows = ImportRow.objects.filter(batch=batch, state__in=(RowState.UNCHANGED, RowState.CHANGED), target_id__isnull=False)
        made: dict[int, int] = dict(rows.values_list("pk", "target_id"))

        def do(row: ImportRow) -> int:
            values = row.values
            if row.state == RowState.CHANGED:
                org = Organization.objects.get(pk=row.target_id)
                return change_organization(org=org, name=org.name, short_name=values["short_name"], by=by).pk
            parent = made.get(values["parent_row"]) if values.get("parent_row") else row.org_id
            if parent is None:
                raise Refused(LOST, code="parent_unknown", field="parent")
            above = Organization.objects.get(pk=parent)
            org = create_organization(parent=above, name=values["name"], level=values["level"], short_name=values.get("short_name", ""), by=by)
            made[row.pk] = org.pk
            return org.pk

        return do

    def preview_cells(self, values, show) -> list[str]:
        above = values.get("parent") or values["org"]
        return [values.get("name", ""), values.get("short_name", ""), dict(LEVELS).get(values.get("level"), ""), above]

    def record_url(self, pk: int) -> str:
        return reverse("accounts:organization", args=[pk]) if pk else ""

    def list_url(self, batch) -> str:
        return reverse("accounts:organization", args=[batch.org_id])
