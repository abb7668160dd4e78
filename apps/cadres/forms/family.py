"""Small forms edited in place: family, survivors, treatments, papers."""

from django import forms

from apps.cadres.forms.fields import ClosedField, NameField, PhoneField, TextField
from apps.core.forms import DateInput, PortalForm

YEARS = {"min_value": 1850, "max_value": 2100}


class InPlaceForm(PortalForm):
    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if value is not ClosedField.KEEP}


class RelativeForm(InPlaceForm):
    relation = TextField(label="称谓", max_length=20, widget=forms.TextInput(attrs={"list": "relations", "autocomplete": "off"}))
    name = NameField(label="姓名", max_length=60)
    born_year = forms.IntegerField(label="出生年份", required=False, **YEARS)
    unit = TextField(label="单位及职务", required=False, max_length=120)
    lives_with = forms.BooleanField(label="与本人同住", required=False)
    note = TextField(label="备注", required=False, max_length=200)

    def __init__(self, *args, masked: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"] = PhoneField(label="电话", masked=masked)
        self.order_fields(["relation", "name", "phone", "born_year", "unit", "lives_with", "note"])


class SurvivorForm(InPlaceForm):
    name = NameField(label="姓名", max_length=60)
    relation = TextField(label="与已故干部关系", max_length=20, initial="配偶")
    born_year = forms.IntegerField(label="出生年份", required=False, **YEARS)
    address = TextField(label="居住地址", required=False, max_length=200)
    has_income = forms.NullBooleanField(label="有固定收入", required=False, widget=forms.Select(choices=[("", "不详"), ("true", "有"), ("false", "没有")]))
    monthly_subsidy = forms.DecimalField(label="定期补助（元/月）", required=False, min_value=0, max_digits=10, decimal_places=2)
    alive = forms.BooleanField(label="健在", required=False, initial=True)
    note = TextField(label="备注", required=False, max_length=200)

    def __init__(self, *args, masked: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"] = PhoneField(label="电话", masked=masked)
        self.order_fields(["name", "relation", "phone", "born_year", "address", "has_income", "monthly_subsidy", "alive", "note"])


class TreatmentForm(InPlaceForm):
    kind = forms.ChoiceField(label="待遇类别")
    content = TextField(label="待遇内容", max_length=120)
    approved_on = forms.DateField(label="批准时间", required=False, widget=DateInput)
    document_no = TextField(label="批准文号", required=False, max_length=60)
    starts_on = forms.DateField(label="起", required=False, widget=DateInput)
    ends_on = forms.DateField(label="止", required=False, widget=DateInput)
    note = TextField(label="备注", required=False, max_length=200)

    def __init__(self, *args, choices=(), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = choices


class DocumentForm(PortalForm):
    file = forms.FileField(
        label="文件", help_text="PDF、Word（.docx）、Excel（.xlsx）或 JPG、PNG 图片。", widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.xlsx,.jpg,.jpeg,.png"})
    )
