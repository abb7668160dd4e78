"""支委会名册: each row puts somebody into a post of a term; the first row of a term enters it, as the page does."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.urls import reverse

from apps.branches.actions.committees import Holder, seat
from apps.branches.models import Branch, Committee, CommitteeMember, PartyMember, Post
from apps.core.dates import PartialDate
from apps.core.scope import Scope
from apps.core.text import match_key
from apps.core.workbooks.problems import Problem, problem
from apps.files.actedkinds import ActedKind, Verdict
from apps.files.cells import ChoiceCell, DateCell, SheetField, SheetResource, TextCell, declared_only
from apps.files.importing.checking import place_of
from apps.files.models import ImportRow, RowState
from apps.files.sheetkinds import Draft, Work, register

POST_WORDS = {
    "secretary": "支部书记 党支部书记 党组织书记", "deputy": "支部副书记 党支部副书记", "organisation": "支部组织委员", "publicity": "宣传文体委员 支部宣传委员",
    "discipline": "纪律检查委员 支部纪检委员 纪律委员", "other": "支部委员 支委 生活委员 群工委员 青年委员 保健委员 统战委员 文体委员",
}  # fmt: skip
DATES = {"starts_on": "任期起", "ends_on": "任期止", "elected_on": "选举日期"}


@declared_only
class CommitteeSheet(SheetResource):
    number = SheetField(None, "序号", TextCell(20), aliases="编号", example="示例", width=6)
    branch = SheetField(
        None, "党支部名称", TextCell(80), required=True, width=28, example="某某局离退休干部党支部",
        aliases="所在党支部 所在支部 支部名称 党支部 支部 所属党支部 党组织名称 所在党组织",
    )  # fmt: skip
    unit = SheetField(None, "管理单位", TextCell(80), width=24, aliases="单位 所属单位 主管单位 单位名称")
    county = SheetField(None, "县（市、区）", TextCell(80), aliases="县区 县市区 区县 所属县区 所在县区")
    post = SheetField("post", "职务", ChoiceCell(Post.choices, POST_WORDS), required=True, lacking=True, example="书记", aliases="支部职务 支委职务 党内职务 担任职务 支委会职务")
    name = SheetField("name", "姓名", TextCell(60), required=True, example="示例某", aliases="支委姓名 成员姓名 委员姓名 干部姓名")
    starts_on = SheetField(None, "任期起", DateCell(recent=True), required=True, lacking=True, example="2025-06-20", aliases="任职时间 任期开始 任期起始 本届起 任职日期 当选时间")
    ends_on = SheetField(None, "任期止", DateCell(), aliases="届满时间 任期届满 任期结束 任期届满时间 本届止")
    elected_on = SheetField(None, "选举日期", DateCell(recent=True), aliases="选举时间 换届时间 换届选举时间")
    approval_no = SheetField("approval_no", "批复文号", TextCell(60), aliases="文号 批复", width=18)

    class Meta:
        model = CommitteeMember
        import_id_fields = ()

    def get_instance(self, instance_loader, row):
        return None

    def save_instance(self, instance, is_create, row, **kwargs):
        """``import_data(data, by=User, branch=Branch, starts_on=date, today=date)`` seats everybody in one term of one branch."""
        holder = Holder(instance.post, name=instance.name)
        instance.committee = seat(branch=kwargs["branch"], holder=holder, starts_on=kwargs["starts_on"], by=kwargs["by"], today=kwargs["today"])
        instance.pk = CommitteeMember.objects.get(committee=instance.committee, post=instance.post, name=instance.name).pk


class Committees(ActedKind):
    """Whoever is a member of the branch is joined to the register by the name; anybody else stays a name (a serving cadre as secretary). A post that
    somebody else holds in that term isn't given away: a change of persons is done on the page, where it is seen."""

    key, title, unit = "branch_committees", "支委会名册", "人"
    resource = CommitteeSheet
    essential = (("branch",), ("name",), ("post",), ("starts_on",))
    places_rows = False
    preview = ("党支部名称", "职务", "姓名", "任期起")

    def finish(self, drafts: list[Draft], work: Work) -> None:
        for draft in drafts:
            for name, title in {"branch": "党支部名称", "post": "职务", "name": "姓名", "starts_on": "任期起"}.items():
                if name not in draft.values and not draft.has_error(name):
                    draft.problems.append((name, problem("required_missing", title=title)))
            draft.columns = {name: draft.values[name] for name in ("post", "name", "approval_no") if name in draft.values}
            for name, title in DATES.items():
                self._day(draft, name, title, work.today)
            if branch := draft.values.get("branch"):
                draft.columns["_branch"] = branch

    @staticmethod
    def _day(draft: Draft, name: str, title: str, today: date) -> None:
        found: PartialDate | None = draft.values.get(name)
        if found is None:
            return
        if name != "ends_on" and found.value > today:
            draft.problems.append((name, problem("date_future", title=title)))
        elif found.precision != "day":
            draft.problems.append((name, problem("date_first_day", title=title)))
        draft.columns[name] = found.value

    def judge(self, batch, rows: Sequence[ImportRow]) -> Iterable[Verdict]:
        here, named = Scope((batch.org.path,)), {}
        for one in Branch.objects.visible_to(here).filter(dissolved_on=None).select_related("org"):
            named.setdefault(match_key(one.name), []).append(one)
        known = _Terms(named, {match_key(row.values["_branch"]) for row in rows})
        seen: dict[tuple, ImportRow] = {}
        for row in rows:
            verdict = Verdict(row)
            fitting = named.get(match_key(row.values["_branch"]), [])
            fitting = [one for one in fitting if one.org_id == row.org_id] or fitting
            if len(fitting) != 1:
                what = "没有叫这个名字的党支部" if not fitting else f"有 {len(fitting)} 个党支部叫这个名字"
                verdict.problems.append(("branch", Problem("branch_unknown", "error", f"{what}：“{row.values['_branch']}”。请核对名称，或先在“党支部”里建立。")))
            else:
                self._weigh(verdict, fitting[0], known, seen)
            yield verdict

    @staticmethod
    def _weigh(verdict: Verdict, branch: Branch, known: "_Terms", seen: dict[tuple, ImportRow]) -> None:
        values = verdict.row.values
        post, name, start = values["post"], values["name"], values["starts_on"]
        people = known.members.get((branch.pk, match_key(name)), [])
        verdict.values |= {"branch_id": branch.pk, "cadre": people[0] if len(people) == 1 else None}
        once = (branch.pk, start, post, match_key(name)) if post == Post.OTHER else (branch.pk, start, post)
        first = seen.setdefault(once, verdict.row)
        holders = known.holders.get((branch.pk, start, post), {})
        if first is not verdict.row:
            verdict.problems.append(("post", problem("duplicate_in_file", place=place_of(first.sheet, first.number, verdict.row.sheet), what="党支部、任期、职务")))
        elif len(people) > 1:
            verdict.problems.append(("name", Problem("name_shared", "error", f"这个党支部有 {len(people)} 名党员叫“{name}”，请在页面上登记。")))
        elif match_key(name) in holders:
            verdict.target, verdict.state = holders[match_key(name)], RowState.UNCHANGED
        elif holders and post != Post.OTHER:
            verdict.problems.append(("post", Problem("post_taken", "error", f"这一届的{Post(post).label}已登记为别人，换人请在页面上办理。")))

    def sequence(self, rows: list[ImportRow]) -> list[ImportRow]:
        """Earlier terms first."""
        return sorted(rows, key=lambda row: (row.values["starts_on"], row.pk))

    def performer(self, batch, by, today) -> Callable[[ImportRow], int]:
        scope = Scope((batch.org.path,))

        def do(row: ImportRow) -> int:
            values = row.values
            days = {name: date.fromisoformat(values[name]) for name in DATES if name in values}
            holder = Holder(values["post"], values.get("cadre"), "" if values.get("cadre") else values["name"])
            branch = Branch.objects.visible_to(scope).get(pk=values["branch_id"])
            return seat(branch=branch, holder=holder, by=by, today=today, approval_no=values.get("approval_no", ""), **days).pk

        return do

    def preview_cells(self, values, show) -> list[str]:
        return [values.get("_branch", ""), show("post", values.get("post")), values.get("name", ""), values.get("starts_on", "")]

    def shower(self) -> Callable[[str, object], str]:
        posts = dict(Post.choices)
        return lambda column, value: "" if value is None else posts.get(value, str(value)) if column == "post" else str(value)

    def row_title(self, values) -> str:
        return f"{values.get('_branch', '')}：{values.get('name', '')}"

    def record_url(self, pk: int) -> str:
        return reverse("branches:committee", args=[pk]) if pk else ""

    def list_url(self, batch) -> str:
        return reverse("branches:list")


class _Terms:
    """What is registered of the branches a sheet names: ``members``, (branch, name) → people; ``holders``, (branch, start, post) → name → key of the term."""

    def __init__(self, named: dict[str, list[Branch]], wanted: set[str]) -> None:
        keys = [one.pk for name in wanted for one in named.get(name, ())]
        self.members: dict[tuple, list[int]] = {}
        for branch, cadre, name in PartyMember.objects.filter(branch__in=keys, left_on=None).values_list("branch", "cadre", "cadre__name"):
            self.members.setdefault((branch, match_key(name)), []).append(cadre)
        self.holders: dict[tuple, dict[str, int]] = {}
        for term in Committee.objects.filter(branch__in=keys, removed_why="").prefetch_related("posts__cadre"):
            for one in term.posts.all():
                name = one.cadre.name if one.cadre_id else one.name
                self.holders.setdefault((term.branch_id, term.starts_on.isoformat(), one.post), {})[match_key(name)] = term.pk


register(Committees())
