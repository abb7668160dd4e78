"""What the statistics pages are asked: place, year or period."""

from datetime import date

from django import forms

from apps.cadres.forms.fields import PlainSelect
from apps.core.calendar import quarter_of
from apps.core.forms import DateInput, PortalForm
from apps.core.metrics import Period

YEARS = 12
FREE = "free"


class AnnualForm(PortalForm):
    """``by``: rows of the form, or one per place below."""

    org = forms.ChoiceField(label="填报单位", required=False, widget=PlainSelect)
    year = forms.ChoiceField(label="年度", required=False, widget=PlainSelect)
    table = forms.CharField(required=False, widget=forms.HiddenInput)
    by = forms.ChoiceField(label="各行", required=False, widget=PlainSelect, choices=[("", "按表式"), ("place", "按下级单位")])

    def __init__(self, data, *, places, today: date, placed: bool) -> None:
        super().__init__(data)
        self.fields["org"].choices = places
        self.fields["year"].choices = [(str(year), f"{year} 年") for year in range(today.year, today.year - YEARS, -1)]
        if not placed:
            self.fields.pop("by")


class LedgerForm(PortalForm):
    """A period of the list, or free dates: ``period=free`` with ``first`` and ``last``."""

    org = forms.ChoiceField(label="单位", required=False, widget=PlainSelect)
    period = forms.ChoiceField(label="期间", required=False, widget=PlainSelect)
    first = forms.DateField(label="从", required=False, widget=DateInput, help_text="期间选「自定日期」时填写。", error_messages={"invalid": "日期不对，如 2026-03-01。"})
    last = forms.DateField(label="到", required=False, widget=DateInput, error_messages={"invalid": "日期不对，如 2026-03-31。"})
    kind = forms.ChoiceField(label="各单位", required=False, widget=PlainSelect, choices=[("", "离休和退休合计"), ("lixiu", "只看离休"), ("retired", "只看退休")])

    def __init__(self, data, *, places, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.fields["org"].choices = places
        self.fields["period"].choices = [*((one.text, one.title) for one in usual_periods(today)), (FREE, "自定日期")]

    def clean(self):
        data = super().clean()
        first, last = data.get("first"), data.get("last")
        if data.get("period") == FREE and not self.errors:
            if not first or not last:
                self.add_error("first", "请填写起止日期。")
            elif last < first:
                self.add_error("last", "结束日期早于开始日期。")
            elif first > self.today:
                self.add_error("first", "还没有到这一天。")
            elif first.year < 1950:
                self.add_error("first", "请从 1950 年以后选起。")
        return data

    def wanted(self) -> Period:
        """Of a valid form."""
        data = self.cleaned_data
        if data.get("period") == FREE:
            return Period(data["first"], min(data["last"], self.today), self.today)
        return Period.parse(data.get("period") or str(quarter_of(self.today)), self.today)


def usual_periods(today: date) -> list[Period]:
    """This and earlier years, halves, quarters and months, those under way first."""
    quarters, months = [quarter_of(today)], [today.replace(day=1)]
    while len(quarters) < 8:
        quarters.append(quarters[-1].previous)
    while len(months) < 12:
        months.append(date(months[-1].year - (months[-1].month == 1), (months[-1].month - 2) % 12 + 1, 1))
    halves = [f"{year}H{half}" for year in (today.year, today.year - 1) for half in (2, 1) if (year, half) <= (today.year, 1 if today.month < 7 else 2)]
    texts = [*map(str, quarters), *(str(today.year - n) for n in range(5)), *halves, *(f"{month:%Y-%m}" for month in months)]
    return [Period.parse(text, today) for text in texts]
