"""Choosing a file, its kind and whom it speaks for."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from apps.core.forms import Chips, PortalForm
from apps.files.sheetkinds import SHEETS


class UploadForm(PortalForm):
    """``orgs``: (key, name) of the organisations the user may import for; ``kinds``: (key, title) of the sheets."""

    kind = forms.ChoiceField(label="这是什么表", widget=Chips, help_text="选错了也没关系：看表头不像，会告诉您更像哪一种，一按就改按那一种读取。")
    org = forms.TypedChoiceField(label="这份表是谁的", coerce=int, help_text="表里的人只会登记到这个地区或单位之内。表中有“县（市、区）”一列，或写有“填报单位”的，再细分到下级。")
    file = forms.FileField(label="文件", widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.xlsm,.txt,.ods,.xlsb"}))

    def __init__(self, *args, orgs, kinds, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = orgs
        self.fields["kind"].choices = kinds
        self.initial.setdefault("kind", kinds[0][0] if kinds else "")
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
        self.fields["file"].help_text = f"Excel（.xlsx、.xls）或 .csv，最大 {settings.UPLOAD_MAX_BYTES // 2**20} MB。上传后先核对，确认前不会改动任何档案。"
        self.fields["file"].error_messages |= {"required": "请选择要导入的文件。", "empty": "文件是空的，没有任何内容。请确认选对了文件。"}

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(f"文件超过 {settings.UPLOAD_MAX_BYTES // 2**20} MB。请删去图片和多余的工作表，或分成几个文件。", code="too_large")
        return file


def sheet_kinds(rights: frozenset) -> list[tuple[str, str]]:
    return [(key, kind.title) for key, kind in SHEETS.items() if kind.rights & rights]



