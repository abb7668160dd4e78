"""Values of a code table."""

from django import forms

from apps.cadres.forms.fields import TextField, WordsField
from apps.core.forms import DateInput, PortalForm


class CodeForm(PortalForm):
    name = TextField(label="名称", max_length=60)
    aliases = WordsField(label="别名", required=False, help_text="表格里见过的其他写法，用顿号分开；导入时都认得。", widget=forms.Textarea(attrs={"rows": 3}))
    valid_from = forms.DateField(label="启用日期", required=False, widget=DateInput)
    valid_to = forms.DateField(label="停用日期", required=False, widget=DateInput, help_text="过了这一天不再可选；已登记的不变。")


class NewCodeForm(PortalForm):
    code = forms.RegexField(
        r"^[A-Za-z0-9_]{1,20}$", label="代码", error_messages={"invalid": "代码只用字母、数字和下划线，不超过 20 位。"}, help_text="登记后不能再改，如：09 或 care_home。"
    )
    name = TextField(label="名称", max_length=60)
    aliases = WordsField(label="别名", required=False, help_text="表格里见过的其他写法，用顿号分开。")
    valid_from = forms.DateField(label="启用日期", required=False, widget=DateInput)
