"""The form of a stay in hospital."""

from datetime import date

from django import forms

from apps.care.forms.lists import workers
from apps.care.forms.plans import Versioned
from apps.core.scope import Scope


class StayForm(Versioned):
    hospital = forms.CharField(label="医院", required=False, max_length=80)
    ward = forms.CharField(label="科室、病区、床号", required=False, max_length=60, widget=forms.TextInput(attrs={"placeholder": "如：心内科 3 病区 12 床"}))
    reason = forms.CharField(label="住院原因", required=False, max_length=120, help_text="写到便于关心即可，不必写病历。")
    visitor = forms.ModelChoiceField(label="谁去看望", queryset=None, required=False, empty_label="（按责任人）", help_text="住院看望的待办会转到这位同志名下。")

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visitor"].queryset = workers(scope, today)
