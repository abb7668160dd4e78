"""GET forms of the lists, and whom and where their choices are taken from."""

from datetime import date

from django import forms

from apps.accounts.permissions import Right
from apps.accounts.selectors import organizations, staff
from apps.care.models import AttentionClass, PlanState
from apps.care.selectors.codes import OCCASION_TABLE, WAY_TABLE, choices
from apps.core.forms import DateInput, PortalForm
from apps.core.scope import Scope

ANY = ("", "全部")


def workers(scope: Scope, today: date):
    """Whom work may be given to."""
    return staff(scope, today, right=Right.CARE_VISIT)


def counties(scope: Scope):
    """Places a list may be narrowed to: what stands in the scope down to the county."""
    return organizations(scope).filter(level__in=["province", "city", "county"])


class ListFilter(PortalForm):
    """GET form of a list: an unknown value is ignored rather than refused, because links grow old."""

    q = forms.CharField(label="姓名", required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名或拼音"}))
    org = forms.ModelChoiceField(label="县区", queryset=None, required=False, empty_label="全部")

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].queryset = counties(scope)
        if "worker" in self.fields:
            people = [(str(user.pk), str(user)) for user in workers(scope, today)]
            self.fields["worker"].choices = [ANY, *self.fields["worker"].choices, *people]

    def wanted(self) -> dict:
        """Cleaned values, blanks and nonsense left out."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}


class PlanFilter(ListFilter):
    attention_class = forms.ChoiceField(label="类别", choices=[ANY, *AttentionClass.choices], required=False)
    worker = forms.ChoiceField(label="责任人", choices=[("none", "（未指定）")], required=False)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(label="状态", choices=[ANY, *PlanState.choices], required=False)
    look = forms.ChoiceField(
        label="只看", required=False,
        choices=[ANY, ("undecided", "类别待定"), ("differs", "类别与档案不一致"), ("review", "到期复核"), ("unapproved", "没有批准过")],
    )  # fmt: skip

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, scope=scope, today=today, **kwargs)
        self.fields["year"].choices = [("", f"{today.year} 年")] + [(year, f"{year} 年") for year in (today.year + 1, today.year - 1, today.year - 2)]

    def wanted(self) -> dict:
        found = super().wanted()
        if look := found.pop("look", ""):
            found[look] = True
        return found


class VisitFilter(ListFilter):
    since = forms.DateField(label="从", required=False, widget=DateInput)
    until = forms.DateField(label="到", required=False, widget=DateInput)
    worker = forms.ChoiceField(label="走访人", choices=[], required=False)
    occasion = forms.ChoiceField(label="事由", required=False)
    way = forms.ChoiceField(label="方式", required=False)
    attention_class = forms.ChoiceField(label="类别", choices=[ANY, *AttentionClass.choices], required=False)
    met = forms.ChoiceField(label="见到本人", choices=[ANY, ("yes", "见到"), ("no", "未见到")], required=False)
    voided = forms.BooleanField(label="含已作废", required=False)
    cadre = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, scope=scope, today=today, **kwargs)
        tables = choices(today)
        self.fields["occasion"].choices = [ANY, *tables[OCCASION_TABLE]]
        self.fields["way"].choices = [ANY, *tables[WAY_TABLE]]
