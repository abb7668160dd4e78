"""Forms of signing in and of the management pages."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import RegexValidator
from django.db.models import Q

from apps.accounts.models import Level
from apps.accounts.permissions import Role
from apps.accounts.selectors import organizations
from apps.core.forms import Chips, DateInput, LongSelect, PortalForm
from apps.core.scope import Scope

MOST_PLACES = 200
"""More than so many in a filter nobody looks through: the lowest levels are left out then, they are found by name."""


class PlaceFilter(PortalForm):
    """GET form of a list with a choice of places (``org``, declared where it stands among the others); nonsense is ignored. Offered are provinces, cities and counties,
    and whatever place of the scope the address names (a figure of a unit leads here too)."""

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field, asked = self.fields["org"], str(self.data.get("org", ""))
        field.queryset, field.widget = organizations(scope), LongSelect()
        named = Q(pk=asked) if asked.isdecimal() and len(asked) < 10 else Q(pk__in=[])
        for levels in ((Level.PROVINCE, Level.CITY, Level.COUNTY), (Level.PROVINCE, Level.CITY), (Level.PROVINCE,)):
            rows = list(organizations(scope).select_related(None).filter(Q(level__in=levels) | named).values_list("pk", "name")[: MOST_PLACES + 1])
            if len(rows) <= MOST_PLACES:
                break
        field.choices = [("", "全部"), *rows]

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class FigureFilter(PlaceFilter):
    """One of a list that figures lead to: ``metric`` and ``period`` come from their address."""

    metric = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    period = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "用户名或密码不对，请检查大小写。连续输错会暂时锁定。",
        "inactive": "这个账号已停用，请联系系统管理员。",
    }


class NewPasswordForm(PasswordChangeForm):
    error_messages = {**PasswordChangeForm.error_messages, "password_incorrect": "原密码不对。", "password_mismatch": "两次输入的新密码不一致。"}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("old_password", "原密码"), ("new_password1", "新密码"), ("new_password2", "再输一次新密码")):
            self.fields[name].label = label


class RoleFields(PortalForm):
    """A role in a place, from–to."""

    role = forms.ChoiceField(label="角色", choices=Role, help_text="系统、安全、审计三种管理员互相排斥，也不兼任其他角色。")
    org = forms.ModelChoiceField(label="单位", queryset=None, help_text="此人能看到这个单位及其下级。")
    starts_on = forms.DateField(label="起", widget=DateInput)
    ends_on = forms.DateField(label="止", widget=DateInput, required=False, help_text="借调、代管等有期限的填写，到期自动失效。")

    def __init__(self, *args, orgs, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].queryset = orgs
        self.fields["org"].label_from_instance = lambda org: f"{'　' * max(org.depth - 2, 0)}{org.name}"


class UserForm(PortalForm):
    username = forms.CharField(label="用户名", max_length=60, validators=[RegexValidator(r"^[A-Za-z0-9_.-]+$", "只能用字母、数字和 _ . -。")], help_text="登录用，建好后不再改。")
    display_name = forms.CharField(label="姓名", max_length=40)
    email = forms.EmailField(label="邮箱", required=False, help_text="每日提醒会同时发到这里。")
    phone = forms.CharField(label="联系电话", required=False, max_length=30, help_text="印在一人一卡上，供老同志联系。")


class NewUserForm(UserForm, RoleFields):
    sections = (("人员", ("username", "display_name", "email", "phone")), ("角色", ("role", "org", "starts_on", "ends_on")))


class ChangeUserForm(UserForm):
    username = None


class EndMembershipForm(PortalForm):
    on = forms.DateField(label="最后一天", widget=DateInput)


class UserFilter(forms.Form):
    q = forms.CharField(label="姓名或用户名", required=False)
    role = forms.ChoiceField(label="角色", choices=[("", "全部角色"), *Role.choices], required=False)


class OrganizationForm(PortalForm):
    name = forms.CharField(label="名称", max_length=80)
    short_name = forms.CharField(label="简称", max_length=40, required=False, help_text="页眉和表格里用，可不填。")
    level = forms.ChoiceField(label="类别", choices=[(level, level.label) for level in (Level.UNIT, Level.BUREAU, Level.TOWNSHIP, Level.COMMUNITY)])


class RenameOrganizationForm(PortalForm):
    name = forms.CharField(label="名称", max_length=80)
    short_name = forms.CharField(label="简称", max_length=40, required=False)


class MoveOrganizationForm(PortalForm):
    parent = forms.ModelChoiceField(label="新的上级", queryset=None)

    def __init__(self, *args, orgs, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = orgs
        self.fields["parent"].label_from_instance = lambda org: f"{'　' * max(org.depth - 2, 0)}{org.name}"


class RegionFileForm(PortalForm):
    file = forms.FileField(label="区划变更表（CSV）", help_text="列：code、name、parent、level、valid_from、valid_to。撤销的区划填 valid_to。")
    complete = forms.BooleanField(label="这是全国完整的表：表中没有的县级以上区划一律停用", required=False)


class TokenForm(PortalForm):
    """How long a token for the API is to live."""

    days = forms.TypedChoiceField(label="有效期", coerce=int, choices=[(7, "7 天"), (30, "30 天"), (90, "90 天"), (365, "一年")], initial=30, widget=Chips)
