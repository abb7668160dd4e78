"""Forms of the rule pages: a new version from a day on."""

from datetime import date, timedelta

from django import forms

from apps.cadres.models import RetireKind
from apps.care.models import StageRule
from apps.care.selectors.codes import values_of
from apps.care.standards import SIGNALS
from apps.core.forms import Chips, DateInput, ManyChips, PortalForm

OPERATOR_WORDS = {"age_gte": "年龄不小于（岁）", "days_gte": "已满（天）", "within": "多少天以内"}


class FromDay(PortalForm):
    valid_from = forms.DateField(label="启用日期", widget=DateInput, help_text="最早从明天起。当天早晨自动重新计算全部到期日。")

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = today + timedelta(days=1)
        self.fields["valid_from"].widget.attrs["min"] = (today + timedelta(days=1)).isoformat()
        self.order_fields([name for name in self.fields if name != "valid_from"] + ["valid_from"])


class FrequencyForm(FromDay):
    contact_days = forms.IntegerField(label="每多少天联系一次", min_value=1, max_value=730)
    visit_days = forms.IntegerField(label="每多少天走访一次", min_value=1, max_value=730)
    away_visit_days = forms.IntegerField(label="易地安置每多少天走访一次", min_value=1, max_value=730)


class ThresholdForm(FromDay):
    points = forms.IntegerField(label="满多少分", min_value=1, max_value=1000, help_text="符合的各条建议规则分值之和达到这个数，即建议该类别。")


class StageForm(FromDay):
    offset_days = forms.IntegerField(label="相对到期日（天）", min_value=-60, max_value=180, help_text="负数为提前，如 −7 是到期前一周。")
    goes_to = forms.ChoiceField(label="提醒谁", choices=StageRule.RECIPIENTS, required=False, widget=Chips)
    also_to = forms.ChoiceField(label="同时提醒", choices=StageRule._meta.get_field("also_to").choices, required=False, widget=Chips)


class SignalForm(PortalForm):
    """First step of a new rule: what it looks at."""

    field = forms.ChoiceField(label="看档案里的哪一项", choices=[(key, name) for key, (name, _, _) in SIGNALS.items()], widget=Chips)


class SuggestionForm(FromDay):
    """The rest of it: ``signal`` decides how the value is asked for. ``operator`` and ``value`` read what the rule table keeps."""

    weight = forms.IntegerField(label="分值", min_value=1, max_value=100, help_text="符合的各条分值相加，达到分数线即建议该类别。")
    reason = forms.CharField(label="理由（显示给工作人员的一句话）", max_length=80)

    def __init__(self, *args, signal: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        name, operators, table = SIGNALS[signal]
        self.operator = "in" if table else operators[0]
        if table:
            self.fields["value"] = forms.MultipleChoiceField(label=f"{name}属于", choices=values_of(table), widget=ManyChips)
        elif signal == "retire_kind":
            self.fields["value"] = forms.ChoiceField(label=name, choices=RetireKind.choices, widget=Chips)
        elif self.operator != "eq":
            self.fields["value"] = forms.IntegerField(label=f"{name}：{OPERATOR_WORDS[self.operator]}", min_value=0, max_value=3650)
        self.order_fields(["value", "weight", "reason", "valid_from"])

    def values(self) -> dict:
        """What ``new_suggestion`` takes; a signal without a value of its own is a plain yes."""
        return {"operator": self.operator, "value": True} | self.cleaned_data
