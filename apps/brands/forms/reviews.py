"""Forms of 展评: rounds, sheets, codes, votes."""

from datetime import date

from django import forms

from apps.brands.standards import STAGE_SECONDS, WEIGHTS
from apps.core.forms import PortalForm


class RoundForm(PortalForm):
    title = forms.CharField(label="名称", max_length=60)
    brands = forms.MultipleChoiceField(label="参评品牌", widget=forms.CheckboxSelectMultiple, help_text="初评通过的品牌；展示顺序当场抽签。")
    judges = forms.MultipleChoiceField(label="评委", widget=forms.CheckboxSelectMultiple, help_text="至少三位；本县区的品牌自动回避。超过五位时去掉一个最高分和一个最低分。")
    material = forms.IntegerField(label="材料评审权重（%）", min_value=0, max_value=100)
    stage = forms.IntegerField(label="现场展示权重（%）", min_value=0, max_value=100)
    vote = forms.IntegerField(label="互评投票权重（%）", min_value=0, max_value=100)
    minutes = forms.IntegerField(label="展示时限（分钟）", min_value=1, max_value=60)

    def __init__(self, *args, brands, judges, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._brands, self._judges = {str(one.pk): one for one in brands}, {str(user.pk): user for user, _ in judges}
        self.fields["brands"].choices = [(str(one.pk), f"{one.org.name} · {one.name}") for one in brands]
        self.fields["judges"].choices = [(str(user.pk), f"{user.display_name}（{place}）") for user, place in judges]

    def values(self) -> dict:
        """What ``open_round`` takes."""
        data = self.cleaned_data
        return {
            "title": data["title"], "brands": [self._brands[pk] for pk in data["brands"]], "judges": [self._judges[pk] for pk in data["judges"]],
            "weights": {part: data[part] for part in WEIGHTS}, "stage_seconds": data["minutes"] * 60,
        }  # fmt: skip


def round_initial(today: date) -> dict:
    return {"title": f"{today.year} 年一县一品展评", "minutes": STAGE_SECONDS // 60} | WEIGHTS


class SheetForm(PortalForm):
    """A judge's sheet: one whole number per criterion."""

    comment = forms.CharField(label="评语", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    optional_marks = True

    def __init__(self, *args, criteria: list[dict], points: dict[str, int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = []
        for one in criteria:
            number = forms.NumberInput(attrs={"inputmode": "numeric", "step": "1", "min": "0", "max": one["points"]})
            label = f"{one['name']}（{one['points']} 分）"
            self.fields[one["key"]] = forms.IntegerField(
                label=label, required=False, min_value=0, max_value=one["points"], widget=number, help_text=one["note"], initial=points.get(one["key"])
            )  # fmt: skip
            self.rows.append({"criterion": one, "field": self[one["key"]]})
        self.keys = [one["key"] for one in criteria]

    def values(self) -> dict:
        data = self.cleaned_data
        return {"points": {key: data[key] for key in self.keys}, "comment": data["comment"]}


class ReviewCodesForm(PortalForm):
    """How many codes for the delegates of each county, and for others."""

    def __init__(self, *args, places, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"place_{one.pk}": one.pk for one in places} | {"others": None}
        for one in places:
            self.fields[f"place_{one.pk}"] = forms.IntegerField(label=f"{one.name}代表（个）", min_value=0, max_value=500, required=False)
        self.fields["others"] = forms.IntegerField(label="其他（个）", min_value=0, max_value=500, required=False, help_text="不属于参评县区的代表。")

    def wanted(self) -> dict[int | None, int]:
        return {place: self.cleaned_data[name] or 0 for name, place in self.places.items() if self.cleaned_data[name]}


class ChoiceForm(PortalForm):
    code = forms.CharField(widget=forms.HiddenInput)
    chosen = forms.TypedMultipleChoiceField(label="请选 1 到 3 个", coerce=int, required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, entries, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(one.pk, f"{one.brand.name}（{one.brand.org.name}）") for one in entries]
