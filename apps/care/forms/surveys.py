"""Forms of surveys: a question, the questions put to one person, what becomes of a need, and what narrows the answers."""

from datetime import date, timedelta

from django import forms

from apps.cadres.selectors.places import place_choices
from apps.care.forms.lists import ANY, workers
from apps.care.models import Campaign, Manner, QuestionKind, SurveyQuestion
from apps.care.selectors.codes import CATEGORY_TABLE, choices
from apps.care.selectors.surveys import YES_NO
from apps.care.standards import NEED_DUE_DAYS, SURVEYS
from apps.core.forms import Chips, DateInput, ManyChips, OnceField, PortalForm
from apps.core.scope import Scope


class QuestionForm(PortalForm):
    text = forms.CharField(label="问题", max_length=80, widget=forms.TextInput(attrs={"placeholder": "像当面说话一样写，如：要不要装一键呼叫"}))
    kind = forms.ChoiceField(label="怎样回答", choices=QuestionKind.choices, widget=Chips, initial=QuestionKind.YES_NO)
    options = forms.CharField(label="选项", required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="“选一项”“可选多项”才填，一行一个。")
    required = forms.BooleanField(label="必问", required=False)
    category = forms.ChoiceField(label="属于哪类需求", required=False, widget=Chips, help_text="选了的，答“是”、选了或写了内容，就可以一键转为有人办的事。")
    need = forms.CharField(label="转为事项时写成", required=False, max_length=60, help_text="如：安装一键呼叫。不填就用问题原话。")

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", "不是需求"), *choices(today)[CATEGORY_TABLE]]

    def values(self) -> dict:
        return self.cleaned_data | {"options": self.cleaned_data["options"].splitlines()}


def question_initial(question: SurveyQuestion) -> dict:
    return {name: getattr(question, name) for name in ("text", "kind", "required", "category", "need")} | {"options": "\n".join(question.options)}


class SetForm(PortalForm):
    key = forms.ChoiceField(label="先用一套缺省问题，再改", choices=[(key, f"{name}（{len(rows)} 题）") for key, name, rows in SURVEYS], widget=Chips, initial=SURVEYS[0][0])


class SurveyForm(PortalForm):
    """The questions in their order, then how one asked. Nothing but required questions must be answered; ``situation`` logs the visit along with it."""

    once = OnceField()
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    manner = forms.ChoiceField(label="怎样问的", choices=Manner.choices, widget=Chips, initial=Manner.DOOR)
    answered_on = forms.DateField(label="问需日期", widget=DateInput)
    situation = forms.CharField(
        label="走访情况", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text="写一句，就同时记下这次走访（电话问的记联系），不用再填一遍。"
    )

    def __init__(self, *args, campaign: Campaign, rows: list[SurveyQuestion], today: date, again: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for row in rows:
            self.fields[row.key] = _field(row)
        self.asked = [row.key for row in rows]
        self.sections = (("", self.asked), ("这次问需", ("manner", "answered_on", "situation")))
        self.fields["answered_on"].widget.attrs |= {"min": campaign.starts_on.isoformat(), "max": today.isoformat()}
        if again:
            del self.fields["situation"]

    def values(self) -> dict:
        """What ``answer_survey`` takes."""
        given = self.cleaned_data
        plain = {name: given[name] for name in ("once", "version", "manner", "answered_on")}
        return plain | {"situation": given.get("situation", ""), "answers": {key: given[key] for key in self.asked}}


def _field(row: SurveyQuestion) -> forms.Field:
    plain = {"label": row.text, "required": row.required}
    if row.kind == QuestionKind.YES_NO:
        return forms.ChoiceField(choices=YES_NO, widget=Chips, **plain)
    if row.kind == QuestionKind.NUMBER:
        return forms.IntegerField(min_value=0, max_value=9999, **plain)
    if row.kind == QuestionKind.TEXT:
        return forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 2}), **plain)
    several, options = row.kind == QuestionKind.SEVERAL, [(one, one) for one in row.options]
    return forms.MultipleChoiceField(choices=options, widget=ManyChips, **plain) if several else forms.ChoiceField(choices=options, widget=Chips, **plain)


class TakeForm(PortalForm):
    """Where a need goes: everything is filled in, one press does it."""

    into = forms.ChoiceField(choices=[("item", "列入一人一策"), ("todo", "转为待办")])
    worker = forms.ModelChoiceField(label="谁办", queryset=None, required=False, empty_label="我自己")
    due_on = forms.DateField(label="哪天前办好", widget=DateInput)

    def __init__(self, *args, scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = workers(scope, today)
        self.fields["due_on"].initial = today + timedelta(days=NEED_DUE_DAYS)
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()


class DeclineForm(PortalForm):
    declined = forms.CharField(label="为什么不需办理", max_length=120, required=False)


class AnswerFilter(PortalForm):
    """GET form of the answers; nonsense is ignored."""

    q = forms.CharField(label="姓名", required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名或拼音"}))
    question = forms.ChoiceField(label="问题", required=False)
    waiting = forms.BooleanField(label="只看还没转办的需求", required=False)
    org = forms.TypedChoiceField(label="单位", coerce=int, required=False, empty_value=None)
    value = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    own = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, rows: list[SurveyQuestion], scope: Scope, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question"].choices = [ANY, *((row.key, row.text) for row in rows)]
        self.fields["org"].choices = [ANY, *place_choices(scope, today)]

    def wanted(self) -> dict:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}
