"""The head's decision on a submitted plan."""

from django import forms

from apps.core.forms import PortalForm


class DecisionForm(PortalForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(label="意见", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="退回时写明哪里要改。")
