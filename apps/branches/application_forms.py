"""Forms of applications and standards. Each row of the standard is a few fields named after its key; the template lays them out."""

from decimal import Decimal

from django import forms

from apps.branches.actions.applications import LONGEST_STORY, Given
from apps.branches.actions.standards import Line
from apps.branches.forms import Versioned
from apps.branches.models import Application, ItemScore, Standard
from apps.core.forms import DateInput, FilesField, PortalForm

PAPERS = "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx"


def points(label: str, most: Decimal, **given) -> forms.DecimalField:
    step = forms.NumberInput(attrs={"step": "0.5", "min": "0", "max": f"{most:f}", "inputmode": "decimal"})
    return forms.DecimalField(label=label, max_digits=4, decimal_places=1, required=False, widget=step, **given)


class ApplicationForm(Versioned):
    story = forms.CharField(
        label="主要做法", max_length=LONGEST_STORY, required=False, widget=forms.Textarea(attrs={"rows": 8}), help_text=f"做了什么、怎么做的、有什么成效，{LONGEST_STORY} 字以内。"
    )
    honours = forms.CharField(label="曾受表彰", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    bonus = points("申报加分", Decimal(99), initial=0)
    bonus_why = forms.CharField(label="加分依据", max_length=200, required=False, help_text="文件名和文号；没有文件不加分，同一事项只算最高一级。")

    def __init__(self, *args, rows: list[ItemScore], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = []
        for row in rows:
            key, item = row.item_id, row.item
            self.fields[f"self_{key}"] = points(f"{item.name}自评", item.points, initial=row.self_score)
            self.fields[f"note_{key}"] = forms.CharField(label=f"{item.name}说明", max_length=200, required=False, initial=row.self_note)
            self.fields[f"papers_{key}"] = FilesField(label=f"{item.name}佐证", accept=PAPERS, required=False)
            self.rows.append({"item": item, "row": row, "score": self[f"self_{key}"], "note": self[f"note_{key}"], "papers": self[f"papers_{key}"]})

    def values(self) -> dict:
        data = self.cleaned_data
        keys = [one["item"].pk for one in self.rows]
        return {name: data[name] for name in ("story", "honours", "bonus_why")} | {
            "bonus": data["bonus"] or Decimal(0), "given": {key: Given(data[f"self_{key}"], data[f"note_{key}"]) for key in keys},
            "papers": {key: data[f"papers_{key}"] for key in keys if data[f"papers_{key}"]},
        }  # fmt: skip


def application_initial(case: Application) -> dict:
    return {name: getattr(case, name) for name in ("story", "honours", "bonus", "bonus_why", "version")}


class CommentsForm(Versioned):
    """What the reviewer says at each item."""

    def __init__(self, *args, rows: list[ItemScore], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = []
        for row in rows:
            name = f"comment_{row.item_id}"
            self.fields[name] = forms.CharField(label=f"{row.item.name}意见", max_length=200, required=False, initial=row.comment)
            self.rows.append({"item": row.item, "row": row, "comment": self[name]})

    def comments(self) -> dict[int, str]:
        return {one["item"].pk: self.cleaned_data[f"comment_{one['item'].pk}"] for one in self.rows}


class ScoresForm(Versioned):
    """The team's points; saved as often as one likes."""

    team = forms.CharField(label="核查组", max_length=120, help_text="成员姓名，两人以上，用顿号分开。")

    def __init__(self, *args, rows: list[ItemScore], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = []
        for row in rows:
            key, item = row.item_id, row.item
            self.fields[f"team_{key}"] = points(f"{item.name}核查", item.points, initial=row.team_score)
            self.fields[f"why_{key}"] = forms.CharField(label=f"{item.name}扣分原因", max_length=200, required=False, initial=row.team_note)
            self.rows.append({"item": item, "row": row, "score": self[f"team_{key}"], "note": self[f"why_{key}"]})

    def given(self) -> dict[int, Given]:
        data = self.cleaned_data
        return {one["item"].pk: Given(data[f"team_{one['item'].pk}"], data[f"why_{one['item'].pk}"]) for one in self.rows}


class ApplyStepForm(Versioned):
    """What a step asks for; ``note`` is required where the table says so."""

    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, asks: bool, usual, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if asks:
            self.fields["note"].label, self.fields["note"].required = "原因", True
        if "due_on" in self.fields:
            self.fields["due_on"].initial = usual


class DueStepForm(ApplyStepForm):
    due_on = forms.DateField(label="整改时限", widget=DateInput)
    field_order = ["note", "due_on"]


class NameForm(ApplyStepForm):
    document_no = forms.CharField(label="命名文号", max_length=60)
    plaque_no = forms.CharField(label="牌匾编号", max_length=30, required=False)
    field_order = ["document_no", "plaque_no", "note"]


APPLY_FORMS = {"rectify": DueStepForm, "yellow": DueStepForm, "name": NameForm}


class ObjectionForm(PortalForm):
    text = forms.CharField(label="意见", max_length=500, widget=forms.Textarea(attrs={"rows": 5}), help_text="写清是什么事、什么时候、怎么知道的。")
    contact = forms.CharField(label="联系方式", max_length=60, required=False, help_text="不想留可以不填；留了便于核实后回复您，不会公开。")


class AnswerForm(PortalForm):
    answer = forms.CharField(label="核实情况", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class StandardForm(Versioned):
    basis = forms.CharField(label="依据", max_length=120, required=False, help_text="文件名称和文号；启用前必填。")
    pass_score = forms.DecimalField(label="命名分数线", max_digits=5, decimal_places=1, min_value=0, max_value=200)
    publicity_days = forms.IntegerField(label="公示工作日", min_value=1, max_value=60)

    def __init__(self, *args, standard: Standard, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = []
        for item in standard.items.all():
            key = item.pk
            self.fields[f"points_{key}"] = points(f"{item.name}分值", Decimal(100), initial=item.points)
            self.fields[f"points_{key}"].required = True
            for name, label, most in (("requirement", "要求", 200), ("deduction", "扣分", 200), ("evidence", "佐证", 80), ("source", "依据", 80)):
                field = forms.CharField(label=f"{item.name}{label}", max_length=most, required=name == "requirement", initial=getattr(item, name))
                self.fields[f"{name}_{key}"] = field
            self.rows.append({"item": item, "points": self[f"points_{key}"]} | {name: self[f"{name}_{key}"] for name in ("requirement", "deduction", "evidence", "source")})

    def values(self) -> dict:
        data = self.cleaned_data
        keys, words = [one["item"].pk for one in self.rows], ("requirement", "deduction", "evidence", "source")
        lines = [Line(key, data[f"points_{key}"], *(data[f"{name}_{key}"] for name in words)) for key in keys]
        return {"lines": lines} | {name: data[name] for name in ("basis", "pass_score", "publicity_days")}
