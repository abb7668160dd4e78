"""Forms of applications and standards. Each row of the standard is a few fields named after its key; the template lays them out."""

from decimal import Decimal

from django import forms

from apps.branches.actions.applications import LONGEST_STORY, Given
from apps.branches.actions.standards import OF_STANDARD, Line
from apps.branches.forms import PAPERS
from apps.branches.models import Application, ItemScore, NamingMode, Standard
from apps.core.forms import Chips, DateInput, FilesField, PortalForm, Versioned


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
    veto = forms.ChoiceField(label="一票否决", required=False, help_text="查实才选；选了就不能命名。")
    veto_why = forms.CharField(label="否决的事实和依据", max_length=200, required=False)

    def __init__(self, *args, rows: list[ItemScore], vetoes: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["veto"].choices = [("", "没有"), *((one, one) for one in vetoes)]
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


class LookbackForm(PortalForm):
    size = forms.IntegerField(label="抽几个", min_value=1, max_value=200)


class ObjectionForm(PortalForm):
    text = forms.CharField(label="意见", max_length=500, widget=forms.Textarea(attrs={"rows": 5}), help_text="写清是什么事、什么时候、怎么知道的。")
    contact = forms.CharField(label="联系方式", max_length=60, required=False, help_text="不想留可以不填；留了便于核实后回复您，不会公开。")


class AnswerForm(PortalForm):
    answer = forms.CharField(label="核实情况", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class StandardForm(Versioned):
    """Every item of a draft, and three blank places for new ones."""

    NEW = 3
    WORDS = (("requirement", "要求", 200), ("deduction", "扣分", 200), ("evidence", "佐证", 80), ("source", "依据", 80))

    basis = forms.CharField(label="依据", max_length=120, required=False, help_text="文件名称和文号；启用前必填。")
    pass_score = forms.DecimalField(label="命名分数线", max_digits=5, decimal_places=1, min_value=0, max_value=200)
    bonus_cap = forms.DecimalField(label="加分上限", max_digits=4, decimal_places=1, min_value=0, max_value=50)
    publicity_days = forms.IntegerField(label="公示工作日", min_value=1, max_value=60)
    mode = forms.ChoiceField(label="命名方式", choices=NamingMode.choices, widget=Chips)
    quota = forms.DecimalField(
        label="每年命名比例（%）", max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, help_text="按比例命名的才填；按全市组织关系所在的党支部算。"
    )
    bands = forms.CharField(
        label="等次", required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="一行一个，先写名称再写起点分，如“较好 80”；从高到低。"
    )
    vetoes = forms.CharField(
        label="一票否决", required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="一行一种情形；核查时发现的不能命名。"
    )

    def __init__(self, *args, standard: Standard, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bands"].initial = "\n".join(f"{name} {least}" for name, least in standard.bands)
        self.fields["vetoes"].initial = "\n".join(standard.vetoes)
        self.rows = []
        for item in standard.items.all():
            self.fields[f"remove_{item.pk}"] = forms.BooleanField(label="删去这一项", required=False)
            self.rows.append(self._row(str(item.pk), item, item.name, True) | {"remove": self[f"remove_{item.pk}"]})
        self.blank = []
        for n in range(self.NEW):
            mark = f"new{n}"
            self.fields[f"group_{mark}"] = forms.CharField(label=f"新条目 {n + 1} 大项", max_length=20, required=False)
            self.fields[f"name_{mark}"] = forms.CharField(label=f"新条目 {n + 1} 小项", max_length=30, required=False)
            self.blank.append({"group": self[f"group_{mark}"], "name": self[f"name_{mark}"]} | self._row(mark, None, f"新条目 {n + 1} ", False))

    def _row(self, mark: str, item, name: str, required: bool) -> dict:
        self.fields[f"points_{mark}"] = points(f"{name}分值", Decimal(100), initial=item.points if item else None)
        self.fields[f"points_{mark}"].required = required
        for key, label, most in self.WORDS:
            initial = getattr(item, key) if item else ""
            self.fields[f"{key}_{mark}"] = forms.CharField(label=f"{name}{label}", max_length=most, required=required and key == "requirement", initial=initial)
        return {"item": item, "points": self[f"points_{mark}"]} | {key: self[f"{key}_{mark}"] for key, _, _ in self.WORDS}

    def clean_bands(self) -> list[list]:
        """[name, points] per line. Refuses what isn't a name and a number."""
        found = []
        for line in self.cleaned_data["bands"].splitlines():
            if not line.strip():
                continue
            name, _, least = line.strip().rpartition(" ")
            try:
                number = float(least)
            except ValueError:
                number = -1
            if not name.strip() or not 0 <= number <= 200:
                raise forms.ValidationError(f"“{line.strip()[:20]}”看不懂，请写成“较好 80”这样。")
            found.append([name.strip()[:20], int(number) if number == int(number) else number])
        return found

    def clean_vetoes(self) -> list[str]:
        return list(dict.fromkeys(line.strip()[:120] for line in self.cleaned_data["vetoes"].splitlines() if line.strip()))

    def _line(self, mark: str, key: int | None, **more) -> Line:
        data = self.cleaned_data
        return Line(key, data[f"points_{mark}"], *(data[f"{word}_{mark}"] for word, _, _ in self.WORDS), **more)

    def values(self) -> dict:
        data = self.cleaned_data
        removed = [one["item"].pk for one in self.rows if data[f"remove_{one['item'].pk}"]]
        marks = [f"new{n}" for n in range(self.NEW)]
        fresh = [mark for mark in marks if data[f"name_{mark}"] or data[f"points_{mark}"] or data[f"requirement_{mark}"]]
        lines = [self._line(mark, None, group=data[f"group_{mark}"], name=data[f"name_{mark}"]) for mark in fresh]
        lines += [self._line(str(one["item"].pk), one["item"].pk) for one in self.rows if one["item"].pk not in removed]
        return {"lines": lines, "removed": removed} | {name: data[name] for name in OF_STANDARD}
