"""用户与任职表: accounts with their roles. An account made here has no password until the administrator hands one out (``actions.hand_out_passwords``)."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from apps.accounts.actions import change_user, create_user, grant_membership
from apps.accounts.actions.memberships import APART
from apps.accounts.models import Level, Membership, Organization, User
from apps.accounts.permissions import SEPARATED, Right, Role
from apps.accounts.selectors import users
from apps.core.scope import Scope
from apps.core.workbooks.problems import Problem, problem
from apps.files.actedkinds import ActedKind, Verdict
from apps.files.cells import ChoiceCell, DateCell, NameCell, PhoneCell, SheetField, SheetResource, TextCell, declared_only
from apps.files.importing.checking import place_of
from apps.files.importing.places import Miss
from apps.files.models import ImportRow, RowState
from apps.files.sheetkinds import Draft, Work

REACHED = ("email", "phone")
SHAPE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
WORDS = {
    Role.WORKER: "工作者 服务人员 老干部工作人员", Role.COUNTY_OFFICER: "县区干部 县干事 区县干事", Role.BRANCH_SECRETARY: "书记 支书 党支部书记",
    Role.LEADER: "局领导 分管领导 局长", Role.DATA_ADMIN: "数据员 信息员", Role.SYSTEM_ADMIN: "系统员", Role.SECURITY_ADMIN: "安全员 安全保密管理员", Role.AUDIT_ADMIN: "审计员",
}  # fmt: skip


@declared_only
class UserSheet(SheetResource):
    number = SheetField(None, "序号", TextCell(20), aliases="编号", example="示例", width=6)
    username = SheetField("username", "用户名", TextCell(60), required=True, example="zhangsan", aliases="账号 帐号 登录名 登录账号 用户账号 登录用户名", width=16)
    display_name = SheetField("display_name", "姓名", NameCell(40), required=True, example="张三", aliases="人员姓名 用户姓名 使用人 名字", width=10)
    role = SheetField(None, "角色", ChoiceCell(Role.choices, WORDS), required=True, lacking=True, example="工作人员", aliases="岗位 权限 用户角色 角色名称 身份")
    unit = SheetField(None, "单位", TextCell(120), width=28, aliases="所在单位 任职单位 所属单位 单位名称 管理单位 所属机构 机构")
    county = SheetField(None, "县（市、区）", TextCell(80), aliases="县区 县市区 区县 所属县区 所在县区")
    email = SheetField("email", "邮箱", TextCell(120), aliases="电子邮箱 电子邮件 E-mail email 邮件地址", width=20)
    phone = SheetField("phone", "联系电话", PhoneCell(), aliases="电话 手机 手机号 手机号码 办公电话 工作电话 联系方式", width=14)
    starts_on = SheetField(None, "任职起", DateCell(recent=True), aliases="起 任职时间 开始日期 任职开始 起始日期")
    ends_on = SheetField(None, "任职止", DateCell(recent=True), aliases="止 结束日期 任职结束 终止日期 截止日期 有效期至")

    class Meta:
        model = User
        import_id_fields = ("username",)

    def save_instance(self, instance, is_create, row, **kwargs):
        """``import_data(data, by=User, org=Organization, today=date)`` puts everybody into one organisation."""
        if is_create:
            role = self.fields["role"].clean(row)
            facts = {"username": instance.username, "display_name": instance.display_name, "email": instance.email, "phone": instance.phone}
            instance.pk = create_user(**facts, org=kwargs["org"], role=role, starts_on=kwargs["today"], by=kwargs["by"], with_password=False)[0].pk


class Users(ActedKind):
    """A user name that is there under the same name gets what it lacks: another role, another address. Under another name it is somebody else's."""

    key, title, unit = "users", "用户与任职表", "个"
    creates = updates = Right.USER_MANAGE
    resource = UserSheet
    essential = (("username",), ("display_name",))
    name_field = "display_name"
    places_rows = False
    follow_up = "files/_initial_passwords.html"
    preview = ("姓名", "用户名", "角色", "单位", "任职")

    def finish(self, drafts: list[Draft], work: Work) -> None:
        for draft in drafts:
            for name in ("username", "display_name", "role"):
                if name not in draft.values and not draft.has_error(name):
                    draft.problems.append((name, problem("required_missing", title=self.fields[name].column_name)))
            self._shapes(draft)
            self._term(draft, work.today)
            if (unit := draft.values.get("unit")) and isinstance(work.places.unit(unit, draft.place if draft.values.get("county") else work.places.here), Miss):
                draft.problems.append(("unit", problem("region_unknown", value=unit)))
            draft.columns |= {name: draft.values[name] for name in ("username", "display_name", "role", "email") if name in draft.values}
            if phone := draft.values.get("phone"):
                draft.columns["phone"] = phone.number

    @staticmethod
    def _shapes(draft: Draft) -> None:
        if (said := draft.values.get("username")) and not SHAPE.fullmatch(said):
            draft.problems.append(("username", problem("username_shape")))
        try:
            validate_email(draft.values.get("email") or "nobody@example.com")
        except ValidationError:
            draft.problems.append(("email", problem("email_shape")))

    @staticmethod
    def _term(draft: Draft, today: date) -> None:
        starts, ends = draft.values.get("starts_on"), draft.values.get("ends_on")
        draft.columns["starts_on"] = starts.value if starts else today
        if ends:
            draft.columns["ends_on"] = ends.latest
            if ends.latest < draft.columns["starts_on"]:
                draft.problems.append(("ends_on", problem("date_order", earlier="任职起", later="任职止")))

    def judge(self, batch, rows: Sequence[ImportRow]) -> Iterable[Verdict]:
        names = {row.values["username"] for row in rows}
        known = {one.username: one for one in User.objects.filter(username__in=names)}
        mine = set(users(Scope((batch.org.path,))).filter(username__in=names).values_list("pk", flat=True))
        held: dict[str, list[Membership]] = {}
        for one in Membership.objects.filter(user__username__in=names).select_related("user"):
            held.setdefault(one.user.username, []).append(one)
        seen: dict[tuple, ImportRow] = {}
        owners: dict[str, str] = {}
        places = Organization.objects.in_bulk({row.org_id for row in rows})
        for row in rows:
            values, user = row.values, known.get(row.values["username"])
            verdict = Verdict(row, target=user.pk if user and user.pk in mine else None)
            first = seen.setdefault((values["username"], row.org_id, values["role"]), row)
            taken = user is not None and (user.pk not in mine or user.display_name != values["display_name"])
            if taken or owners.setdefault(values["username"], values["display_name"]) != values["display_name"]:
                verdict.problems.append(("username", problem("username_taken", value=values["username"])))
            elif first is not row:
                verdict.problems.append(("username", problem("duplicate_in_file", place=place_of(first.sheet, first.number, row.sheet), what="用户名、角色、单位")))
            else:
                roles = held.setdefault(values["username"], [])
                self._weigh(verdict, user, roles, places[row.org_id])
                if not verdict.problems:
                    roles.append(self._membership(row))
            yield verdict

    @staticmethod
    def _membership(row: ImportRow) -> Membership:
        starts, ends = date.fromisoformat(row.values["starts_on"]), row.values.get("ends_on")
        return Membership(org_id=row.org_id, role=row.values["role"], starts_on=starts, ends_on=date.fromisoformat(ends) if ends else None)

    def _weigh(self, verdict: Verdict, user: User | None, roles: list[Membership], place: Organization) -> None:
        if place.level in (Level.TOWNSHIP, Level.COMMUNITY):
            verdict.problems.append(("unit", problem("place_of_no_work", value=place.name)))
            return
        wanted = self._membership(verdict.row)
        together = [one for one in roles if (one.ends_on or date.max) >= wanted.starts_on and (wanted.ends_on or date.max) >= one.starts_on]
        if any(one.role != wanted.role and (one.role in SEPARATED or wanted.role in SEPARATED) for one in together):
            verdict.problems.append(("role", Problem("three_admins_apart", "error", APART)))
            return
        if user is None and not roles:
            return
        if not any((one.org_id, one.role) == (wanted.org_id, wanted.role) for one in together):
            verdict.changes.append({"column": "role", "was": "", "now": f"{place} · {Role(wanted.role).label}"})
        for name in REACHED if user is not None else ():
            if (said := verdict.row.values.get(name)) and said != getattr(user, name):
                verdict.changes.append({"column": name, "was": getattr(user, name), "now": said})
        verdict.state = RowState.CHANGED if verdict.changes else RowState.UNCHANGED

    def performer(self, batch, by, today) -> Callable[[ImportRow], int]:
        def do(row: ImportRow) -> int:
            values, org = row.values, Organization.objects.get(pk=row.org_id)
            term = {"starts_on": date.fromisoformat(values["starts_on"]), "ends_on": date.fromisoformat(values["ends_on"]) if values.get("ends_on") else None}
            user = User.objects.filter(username=values["username"]).first()
            if user is None:
                facts = {name: values.get(name, "") for name in ("username", "display_name", *REACHED)}
                return create_user(**facts, org=org, role=values["role"], **term, by=by, with_password=False)[0].pk
            changed = {one["column"] for one in row.changes}
            if changed.intersection(REACHED):
                reached = {name: values[name] if name in changed else getattr(user, name) for name in REACHED}
                change_user(user=user, display_name=user.display_name, **reached, by=by, org_path=batch.org.path)
            if "role" in changed:
                grant_membership(user=user, org=org, role=values["role"], **term, by=by)
            return user.pk

        return do

    def preview_cells(self, values, show) -> list[str]:
        term = f"{values.get('starts_on', '')} 起" + (f"，至 {values['ends_on']}" if values.get("ends_on") else "")
        return [values.get("display_name", ""), values.get("username", ""), dict(Role.choices).get(values.get("role"), ""), values["org"], term]

    def row_title(self, values) -> str:
        return f"{values.get('display_name', '')}（{values.get('username', '')}）"

    def record_url(self, pk: int) -> str:
        return reverse("accounts:user", args=[pk]) if pk else ""

    def list_url(self, batch) -> str:
        return reverse("accounts:users")
