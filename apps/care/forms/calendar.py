"""The form of the working calendar."""

from django import forms

from apps.core.forms import Chips, DateInput, PortalForm


class DayForm(PortalForm):
    day = forms.DateField(label="日期", widget=DateInput)
    works = forms.TypedChoiceField(label="这一天", choices=[("no", "放假"), ("yes", "上班")], coerce=lambda value: value == "yes", widget=Chips, initial="no")
    name = forms.CharField(label="原因", max_length=40, help_text="如「国庆节」「国庆节调休」「本市防汛停班」。")
