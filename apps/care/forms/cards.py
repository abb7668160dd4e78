"""Whose cards, how large, and why the numbers are wanted."""

from django import forms

from apps.care.forms.lists import ANY, ListFilter
from apps.care.models import AttentionClass
from apps.core.forms import PortalForm


class CardsForm(ListFilter):
    attention_class = forms.ChoiceField(label="类别", choices=[ANY, *AttentionClass.choices], required=False)
    worker = forms.ChoiceField(label="责任人", choices=[], required=False)
    size = forms.ChoiceField(label="大小", choices=[("a6", "每页四张"), ("a5", "每页两张"), ("a4", "每页一张")], required=False)


class ReasonForm(PortalForm):
    reason = forms.CharField(label="显示电话原文的理由", max_length=100, min_length=2, help_text="会记入审计和本人档案。")
