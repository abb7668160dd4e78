"""Asking for a person of another unit, and the answer."""

from django import forms

from apps.cadres.forms.fields import NameField, TextField
from apps.core.forms import PortalForm


class TransferForm(PortalForm):
    """``places``: units the person may come to."""

    number = forms.CharField(label="身份证号", max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}), help_text="须与证件完全一致。")
    name = NameField(label="姓名", max_length=60, help_text="供对方核对。")
    org = forms.ModelChoiceField(None, label="调入哪个单位", empty_label=None)
    reason = TextField(label="申请理由", max_length=300, help_text="如：随子女迁居本区，组织关系已转来。")
    document_no = TextField(label="依据文号", required=False, max_length=60)

    def __init__(self, *args, places, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].queryset = places


class TransferRowsForm(PortalForm):
    reason = TextField(label="申请理由", max_length=300, initial="花名册中已列为本单位人员，请核实后移交档案。")


class AnswerForm(PortalForm):
    answer = TextField(label="不同意的理由", max_length=300, help_text="对方会看到这句话。")
