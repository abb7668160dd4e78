"""支部党员表: each row takes somebody in or changes what is known of the membership, as the page does."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.urls import reverse

from apps.branches.actions.members import change_member, join, reason_against
from apps.branches.models import Branch, HealthClass, MemberStanding, PartyMember
from apps.cadres.models import Cadre, Standing
from apps.cadres.sheets.persons import PersonColumns, PersonKind
from apps.core.dates import PartialDate
from apps.core.scope import Scope
from apps.core.text import match_key
from apps.core.workbooks.problems import Problem, problem
from apps.files.actedkinds import ActedKind, Verdict
from apps.files.cells import ChoiceCell, DateCell, NumberCell, SheetField, TextCell, declared_only
from apps.files.importing.checking import place_of
from apps.files.models import ImportRow, RowState
from apps.files.sheetkinds import Draft, Work, register

STANDING_WORDS = {"formal": "正式 中共党员 党员 01", "probationary": "预备 中共预备党员 02"}
HEALTH_WORDS = {"able": "正常 能参加 可正常参加 健康", "limited": "行动不便的 半失能 不便", "bedridden": "卧病 卧床 长期卧床 失能"}
DATES, MONEY = ("joined_on", "floating_from"), ("dues_base", "dues_rate")
OF_MEMBER = ("standing", "group", "health", "joined_on", "floating_from", "floating_to", "floating_contact", "dues_base", "dues_rate", "note")


@declared_only
class MemberSheet(PersonColumns):
    branch = SheetField(
        None, "党支部名称", TextCell(80), required=True, lacking=True, width=28, example="某某局离退休干部党支部",
        aliases="所在党支部 所在支部 支部名称 党支部 支部 所属党支部 所属支部 组织关系所在支部 组织关系所在党支部",
    )  # fmt: skip
    standing = SheetField("standing", "党员类别", ChoiceCell(MemberStanding.choices, STANDING_WORDS), example="正式党员", aliases="人员类别 党员类型 党籍 党员身份 政治面貌")
    group = SheetField("group", "党小组", TextCell(40), aliases="所在党小组 所属党小组 小组 党小组名称")
    health = SheetField("health", "参加活动", ChoiceCell(HealthClass.choices, HEALTH_WORDS), aliases="参加活动情况 能否参加活动 身体状况 健康状况 参加组织生活情况")
    joined_on = SheetField("joined_on", "转入时间", DateCell(recent=True), aliases="转入日期 进入党支部时间 进入支部时间 组织关系转入时间")
    party_joined = SheetField(None, "入党时间", DateCell(), aliases="入党日期 加入党组织时间 入党年月")
    floating_from = SheetField("floating_from", "外出起", DateCell(recent=True), aliases="外出时间 流出时间 外出日期 外出起始时间")
    floating_to = SheetField("floating_to", "外出去向", TextCell(80), aliases="流向 外出地点 流动去向 流出地 外出居住地 流入地")
    floating_contact = SheetField("floating_contact", "联系人", TextCell(60), aliases="支部联系人 流动党员联系人 外出联系人")
    dues_base = SheetField("dues_base", "党费月基数", NumberCell(0, 99_999_999), aliases="党费基数 月基数 缴费基数 交纳基数 党费基数（元） 党费月基数（元） 党费计算基数")
    dues_rate = SheetField("dues_rate", "党费比例", NumberCell(0, 100), aliases="党费比例（%） 交纳比例 缴费比例 缴纳比例")
    note = SheetField("note", "备注", TextCell(200), width=20)

    class Meta:
        model = PartyMember
        import_id_fields = ()

    def get_instance(self, instance_loader, row):
        return None

    def save_instance(self, instance, is_create, row, **kwargs):
        """``import_data(data, by=User, branch=Branch, today=date)`` takes everybody into one branch."""
        values = {name: getattr(instance, name) for name in OF_MEMBER if name != "standing" and getattr(instance, name) not in (None, "")}
        instance.pk = join(scope=Scope((kwargs["branch"].org_path,)), branch=kwargs["branch"], cadre=instance.cadre, by=kwargs["by"], today=kwargs["today"], **values).pk


class Members(ActedKind, PersonKind):
    """Who is in the branch already is changed where the row says otherwise; whose membership lies elsewhere must leave there first."""

    key, title, unit = "branch_members", "支部党员表", "人"
    resource = MemberSheet
    essential = (*PersonKind.essential, ("branch",), ("group", "health", "joined_on", "dues_base", "standing", "floating_from", "floating_to", "party_joined"))
    standings = (Standing.ACTIVE,)
    tab = "overview"
    unused = PersonKind.unused | {"party_joined"}
    not_in_template = PersonKind.not_in_template | {"party_joined"}

    @property
    def preview(self) -> tuple[str, ...]:
        return ("干部姓名", "党支部名称", "党员类别", "党小组", "管理单位")

    def preview_cells(self, values, show) -> list[str]:
        return [values.get("_person", ""), values.get("_branch", ""), show("standing", values.get("standing")), values.get("group", ""), values["org"]]

    def complete(self, draft: Draft, work: Work) -> None:
        for name in DATES:
            found: PartialDate | None = draft.values.get(name)
            if found is not None and found.value > work.today:
                draft.problems.append((name, problem("date_future", title=self.fields[name].column_name)))
        if draft.values.get("floating_to") and "floating_from" not in draft.values and not draft.has_error("floating_from"):
            draft.problems.append(("floating_from", problem("required_missing", title="外出起")))
        if branch := draft.values.get("branch"):
            draft.columns["_branch"] = branch

    def judge(self, batch, rows: Sequence[ImportRow]) -> Iterable[Verdict]:
        people = {one.pk: one for one in Cadre.objects.filter(pk__in={row.owner_id for row in rows})}
        named: dict[str, list[Branch]] = {}
        for one in Branch.objects.visible_to(Scope((batch.org.path,))).filter(dissolved_on=None):
            named.setdefault(match_key(one.name), []).append(one)
        there = {(one.branch_id, one.cadre_id): one for one in PartyMember.objects.filter(cadre__in=people, left_on=None)}
        main = {one.cadre_id: one.branch_id for one in there.values() if one.main}
        seen: dict[tuple, ImportRow] = {}
        for row in rows:
            person, verdict = people[row.owner_id], Verdict(row)
            said = row.values["_branch"]
            fitting = [one for one in named.get(match_key(said), ()) if person.org_path.startswith(one.org_path)] or named.get(match_key(said), [])
            if len(fitting) != 1:
                what = "没有叫这个名字的党支部" if not fitting else f"有 {len(fitting)} 个党支部叫这个名字"
                verdict.problems.append(("branch", Problem("branch_unknown", "error", f"{what}：“{said}”。请核对名称，或先在“党支部”里建立。")))
                yield verdict
                continue
            self._weigh(verdict, fitting[0], person, there, main, seen)
            yield verdict

    def _weigh(self, verdict: Verdict, branch: Branch, person: Cadre, there: dict, main: dict, seen: dict) -> None:
        row, known = verdict.row, there.get((branch.pk, person.pk))
        verdict.values["branch_id"] = branch.pk
        first = seen.setdefault((person.pk, branch.pk), row)
        if first is not row:
            verdict.problems.append(("person", problem("duplicate_in_file", place=place_of(first.sheet, first.number, row.sheet), what="干部、党支部")))
        elif known:
            self._compare(verdict, known)
        elif reason := reason_against(branch, person):
            verdict.problems.append(("person", Problem("not_a_candidate", "error", reason)))
        elif branch.holds and main.setdefault(person.pk, branch.pk) != branch.pk:
            verdict.problems.append(("branch", Problem("in_other_branch", "error", f"{person.name}的组织关系已在另一个党支部，请先从那里转出。")))

    @staticmethod
    def _compare(verdict: Verdict, known: PartyMember) -> None:
        for name, value in _values(verdict.row.values).items():
            was = getattr(known, name)
            if value != was:
                verdict.changes.append({"column": name, "was": str("" if was is None else was), "now": str(value)})
        verdict.target, verdict.state = known.pk, RowState.CHANGED if verdict.changes else RowState.UNCHANGED

    def performer(self, batch, by, today) -> Callable[[ImportRow], int]:
        scope = Scope((batch.org.path,))

        def do(row: ImportRow) -> int:
            values = _values(row.values | (row.fresh if row.state == RowState.NEW else {}))
            if row.state == RowState.CHANGED:
                return change_member(member=PartyMember(pk=row.target_id), by=by, today=today, **values).pk
            branch = Branch.objects.visible_to(scope).get(pk=row.values["branch_id"])
            return join(scope=scope, branch=branch, cadre=Cadre(pk=row.owner_id), by=by, today=today, **({"joined_on": None} | values)).pk

        return do

    def row_title(self, values) -> str:
        return f"{values.get('_person', '')}：{values.get('_branch', '')}"

    def list_url(self, batch) -> str:
        return reverse("branches:list")


def _values(staged: dict) -> dict:
    """Columns of a member as they were staged: days and sums from their text."""
    found = {name: staged[name] for name in OF_MEMBER if name in staged}
    found |= {name: date.fromisoformat(found[name]) for name in DATES if name in found}
    return found | {name: Decimal(str(found[name])).quantize(Decimal("0.01")) for name in MONEY if name in found}


register(Members())
