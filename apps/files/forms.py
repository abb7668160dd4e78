"""Forms of the import: choosing a file, and telling what a column means."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from apps.core.forms import PortalForm
from apps.files.sheetkinds import SHEETS, SheetKind


class UploadForm(PortalForm):
    """``orgs``: (key, name) of the organisations the user may import for; ``kinds``: (key, title) of the sheets."""

    kind = forms.ChoiceField(label="表类")
    org = forms.TypedChoiceField(label="这份表是谁的", coerce=int, help_text="表里的人只会登记到这个地区或单位之内。表中有“县（市、区）”一列，或写有“填报单位”的，再细分到下级。")
    file = forms.FileField(label="文件", widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.xlsm,.txt,.ods,.xlsb"}))

    def __init__(self, *args, orgs, kinds, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = orgs
        self.fields["kind"].choices = kinds
        if len(kinds) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
            self.initial.setdefault("kind", kinds[0][0])
        self.fields["file"].help_text = f"Excel（.xlsx、.xls）或 .csv，最大 {settings.UPLOAD_MAX_BYTES // 2**20} MB。上传后先核对，确认前不会改动任何档案。"
        self.fields["file"].error_messages |= {"required": "请选择要导入的文件。", "empty": "文件是空的，没有任何内容。请确认选对了文件。"}

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(f"文件超过 {settings.UPLOAD_MAX_BYTES // 2**20} MB。请删去图片和多余的工作表，或分成几个文件。", code="too_large")
        return file


class ColumnsForm(PortalForm):
    """What unknown columns are (one select each, named ``sheet index:letter``), and one value for the whole file for columns it lacks (``given:field``)."""

    def __init__(self, *args, kind: SheetKind, sheets: list[dict], lacking: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.columns: dict[str, tuple[str, str]] = {}
        for number, sheet in enumerate(sheets):
            used = {column["field"] for column in sheet["columns"] if column["field"]}
            free = [(name, one.column_name) for name, one in kind.fields.items() if name not in used and name != "number"]
            for column in sheet["columns"]:
                if not column["field"]:
                    self._add_column(number, sheet["name"], column, free)
        for name in lacking:
            self._add_given(name, kind)

    def _add_column(self, number: int, sheet: str, column: dict, free: list[tuple[str, str]]) -> None:
        key = f"{number}:{column['letter']}"
        where = f"{sheet}!{column['letter']}" if sheet else column["letter"]
        self.fields[key] = forms.ChoiceField(label=f"{column['title']}（{where} 列）", required=False, choices=[("", "不导入这一列"), *free])
        self.columns[key] = (sheet, column["letter"])

    def _add_given(self, name: str, kind: SheetKind) -> None:
        one = kind.fields[name]
        label, words = f"表里没有“{one.column_name}”，全表都填", one.widget.options()
        if words:
            field = forms.ChoiceField(label=label, required=False, choices=[("", "（不填）"), *((word, word) for word in words)])
        else:
            field = forms.CharField(label=label, required=False, max_length=120)
        self.fields[f"given:{name}"] = field

    def mapping(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for key, (sheet, letter) in self.columns.items():
            if name := self.cleaned_data.get(key):
                found.setdefault(sheet, {})[letter] = name
        return found

    def given(self) -> dict[str, str]:
        return {key.removeprefix("given:"): value for key, value in self.cleaned_data.items() if key.startswith("given:") and value}


def sheet_kinds(rights: frozenset) -> list[tuple[str, str]]:
    return [(key, kind.title) for key, kind in SHEETS.items() if kind.rights & rights]



