"""Forms of handovers and absences."""

from datetime import date

from django import forms

from apps.care.forms.lists import workers
from apps.core.forms import DateInput, ManyChips, PortalForm
from apps.core.scope import Scope


class HandOverForm(PortalForm):
    """Which people: ``whole`` for all, else the ticked ``people``; to whom: one, or several who share them evenly."""

    receivers = forms.ModelMultipleChoiceField(label="交给谁", queryset=None, widget=ManyChips, help_text="选几位时，按名单顺序平均分；要指定到人，请分几次勾选。")
    note = forms.CharField(label="交接说明", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="接收人会看到，如：张老听力不好，电话打给女儿。")
    people = forms.TypedMultipleChoiceField(required=False, coerce=int, widget=forms.MultipleHiddenInput)
    whole = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, scope: Scope, today: date, giver, people: list[int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["receivers"].queryset = workers(scope, today).exclude(pk=giver.pk)
        self.fields["people"].choices = [(pk, str(pk)) for pk in people]


class EndHandoverForm(PortalForm):
    reason = forms.CharField(label="原因", max_length=120, help_text="对方会看到，如：这几位住得太远，请另行安排。")


class AbsenceForm(PortalForm):
    worker = forms.ModelChoiceField(label="谁请假", queryset=None, empty_label=None)
    starts_on = forms.DateField(label="开始日期", widget=DateInput)
    ends_on = forms.DateField(label="截止日期", widget=DateInput)
    deputy = forms.ModelChoiceField(label="谁来代管", queryset=None, empty_label="请选择", help_text="这段时间里，请假人的走访联系会出现在代管人的工作台上，提醒也发给代管人。")
    reason = forms.CharField(label="原因", max_length=60, widget=forms.TextInput(attrs={"placeholder": "如：年休假、学习、病假"}))

    def __init__(self, *args, scope: Scope, today: date, own=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        everybody = workers(scope, today)
        self.fields["worker"].queryset = everybody.filter(pk=own.pk) if own is not None else everybody
        self.fields["deputy"].queryset = everybody if own is None else everybody.exclude(pk=own.pk)
