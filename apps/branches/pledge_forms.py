"""Forms of pledges, comments and ballots. They check shapes; what may be done is the actions' business."""

from datetime import date

from django import forms

from apps.accounts.forms import FigureFilter
from apps.branches.forms import ANY
from apps.branches.models import CommentForm, Grade, Pledge, PledgeState, VoterGroup
from apps.core.forms import Chips, CodeForm, DateInput, PortalForm, Versioned


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class PledgeForm(Versioned):
    """``values`` are the ``FIELDS`` of the action; ``member`` (a key, None: the branch itself) only when made."""

    member = forms.TypedChoiceField(label="谁承诺", coerce=int, empty_value=None, required=False, help_text="离退休党员的承诺出于自愿、量力而行。")
    text = forms.CharField(label="承诺事项", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="一项写一件事，写清做到什么程度。")
    measure = forms.CharField(label="落实措施", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    responsible = forms.CharField(label="责任人", max_length=60, required=False)
    due_on = forms.DateField(label="完成时限", widget=DateInput)
    name_shown = forms.BooleanField(label="本人同意公开姓名", required=False, help_text="不同意的，公开页只显示姓氏。")

    def __init__(self, *args, members: list, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = [("", "党支部"), *((one.pk, one.cadre.name) for one in members)]

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("text", "measure", "responsible", "due_on", "name_shown")}


def pledge_initial(pledge: Pledge) -> dict:
    return {name: getattr(pledge, name) for name in ("text", "measure", "responsible", "due_on", "name_shown", "version")}


class ProgressForm(PortalForm):
    quarter = forms.TypedChoiceField(label="季度", coerce=int, choices=[(n, f"{n} 季度") for n in (1, 2, 3, 4)], widget=Chips)
    text = forms.CharField(label="进展", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="再写一次会代替这个季度原来写的。")


class PledgeCloseForm(Versioned):
    state = forms.ChoiceField(label="结果", choices=[one for one in PledgeState.choices if one[0] != PledgeState.OPEN], widget=Chips)
    result = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="没有全部兑现的，写明原因。")


class CommentingForm(PortalForm):
    on = forms.DateField(label="点评日期", widget=DateInput)
    form = forms.ChoiceField(label="方式", choices=CommentForm.choices, widget=Chips)
    commentator = forms.CharField(label="点评人", max_length=60, help_text="姓名和职务，如：张某 市委老干部局副局长。")
    good = forms.CharField(label="肯定", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    wanting = forms.CharField(label="不足与要求", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class BallotForm(PortalForm):
    title = forms.CharField(label="名称", max_length=60)
    questions = forms.CharField(label="评议项目", widget=forms.Textarea(attrs={"rows": 7}), help_text="每行一项。最后一行是总体评价，满意率按它计算。")
    closes_on = forms.DateField(label="截止日期", widget=DateInput)

    def values(self) -> dict:
        return self.cleaned_data | {"questions": lines(self.cleaned_data["questions"])}


class CodesForm(Versioned):
    """How many codes per group."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for group, label in VoterGroup.choices:
            self.fields[group] = forms.IntegerField(label=f"{label}（个）", min_value=0, max_value=500, required=False)

    def wanted(self) -> dict[str, int]:
        return {group: self.cleaned_data[group] or 0 for group in VoterGroup.values}


class ExtendForm(Versioned):
    closes_on = forms.DateField(label="截止日期", widget=DateInput)


class VoidForm(Versioned):
    reason = forms.CharField(label="作废原因", max_length=200, help_text="已投的票会一并删除，不能恢复。")


class ToldForm(Versioned):
    on = forms.DateField(label="通报日期", widget=DateInput)
    how = forms.CharField(label="通报方式", max_length=100, help_text="如：党员大会通报、公示栏张贴。")


class BallotFilter(FigureFilter):
    """GET form of the list; nonsense is ignored."""

    look = forms.ChoiceField(
        label="情况", choices=[ANY, ("open", "评议中"), ("over", "到期未结束"), ("closed", "已结束"), ("below", "低于满意率"), ("void", "已作废")], required=False
    )
    branch = forms.IntegerField(required=False, max_value=2**31 - 1, widget=forms.HiddenInput)
    year = forms.TypedChoiceField(label="年度", coerce=int, empty_value=None, required=False)
    org = forms.ModelChoiceField(label="县区", queryset=None, required=False, empty_label="全部")

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [ANY, *((year, f"{year} 年") for year in range(today.year, today.year - 5, -1))]


class VoteForm(CodeForm):
    """One question after the other, each a row of large buttons; ``grades`` in their order."""

    def __init__(self, *args, questions: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget = forms.HiddenInput()
        for n, question in enumerate(questions):
            self.fields[f"q{n}"] = forms.ChoiceField(
                label=f"{n + 1}. {question}", choices=Grade.choices, widget=Chips, error_messages={"required": "这一项还没有选。"}
            )
        self.fields["remark"] = forms.CharField(
            label="意见和建议", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="可以不写。请不要写姓名。"
        )
        self.questions = questions

    def grades(self) -> list[str]:
        return [self.cleaned_data[f"q{n}"] for n in range(len(self.questions))]
