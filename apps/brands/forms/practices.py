"""Forms of 经验做法: lists, practices, questions."""

from django import forms

from apps.brands.forms.fields import ANY, PAPERS
from apps.brands.models import FitFor, Practice
from apps.core.forms import FilesField, ManyChips, PortalForm


class ListForm(PortalForm):
    title = forms.CharField(label="标题", max_length=60, help_text="如：第一批可复制推广的经验做法。")


class PracticeForm(PortalForm):
    brand = forms.ModelChoiceField(label="来自品牌", queryset=None, help_text="已命名的品牌。")
    title = forms.CharField(label="做法", max_length=60, help_text="一句话说出做法。")
    step1 = forms.CharField(label="第一步", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    step2 = forms.CharField(label="第二步", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    step3 = forms.CharField(label="第三步", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    conditions = forms.CharField(label="适用条件", max_length=200, help_text="要多少人、多少钱、什么场地。")
    results = forms.CharField(label="成效", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="前后对比的数字。")
    contact = forms.CharField(label="联系人", max_length=60)
    fit_for = forms.MultipleChoiceField(label="适用范围", choices=FitFor.choices, widget=ManyChips, required=False)
    papers = FilesField(accept=PAPERS, label="材料", required=False, help_text="方案、制度、照片；学的县区能打开。")

    def __init__(self, *args, offered, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].queryset = offered
        self.fields["brand"].label_from_instance = lambda one: f"{one.org.name} · {one.name}"

    def values(self) -> dict:
        data = self.cleaned_data
        given = ("brand", "title", "conditions", "results", "contact", "fit_for", "papers")
        return {name: data[name] for name in given} | {"steps": [data[f"step{n}"] for n in (1, 2, 3)]}


def practice_initial(one: Practice) -> dict:
    given = {name: getattr(one, name) for name in ("title", "conditions", "results", "contact", "fit_for")}
    return given | {"brand": one.brand_id} | {f"step{n}": text for n, text in enumerate(one.steps, 1)}


class PracticeFilter(PortalForm):
    q = forms.CharField(label="做法", required=False, widget=forms.TextInput(attrs={"placeholder": "做法、品牌或县区", "type": "search"}))
    fit = forms.ChoiceField(label="适用范围", choices=[ANY, *FitFor.choices], required=False)
    metric = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    period = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class QuestionForm(PortalForm):
    text = forms.CharField(label="问来源单位", max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text="问题和答复大家都能看到，后来的人不用再问。")


class AnswerForm(PortalForm):
    text = forms.CharField(label="答复", max_length=600, widget=forms.Textarea(attrs={"rows": 3}))
