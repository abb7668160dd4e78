"""The form of a person's record: one column, grouped, in the words of the office."""

from typing import Any

from django import forms

from apps.cadres.columns import PARTIAL_DATES
from apps.cadres.fields import EDITABLE, MASKED_BESIDE, SECTIONS
from apps.cadres.forms.fields import ClosedField, IdNumberField, NameField, PartialDateField, PhoneField, TextField
from apps.cadres.models import Cadre, ChangeKind, RetireKind, periods
from apps.cadres.rules import findings, period_choices
from apps.cadres.selectors.history import title_of
from apps.cadres.selectors.regions import region_code, region_name
from apps.cadres.standards import FIELD_TABLES
from apps.cadres.values import values_of
from apps.core.forms import Chips, DateInput, PortalForm

HELP = {
    "name": "少数民族姓名中间用「·」。",
    "born_on": "按干部档案认定的日期。知道多少写多少：1933、1933.04 或 1933.04.12。",
    "revolution_started_on": "离休干部必填；按档案认定，定后一般不改。",
    "retired_on": "批准离休或退休的时间。",
    "resettled_place": "易地安置的填写，如：江苏省南京市。",
    "residence_region": "名称或六位代码，如：浔阳区；同名的加上省市。",
    "counts_in_statistics": "由发放工资或养老金的单位统计；不重不漏。",
    "emergency_relation": "如：长子、女儿、保姆。",
    "illness": "仅供本单位服务使用，不进入名单导出。",
}
FEW = ("sex", "retire_kind", "self_care", "unit_nature")
UNSURE = ("", "暂时不能确定")
ARRIVALS = [("", "补录（早已离退休）"), (ChangeKind.REGISTERED.value, "新办离退休"), (ChangeKind.RECEIVED.value, "接收调入")]


class CadreForm(PortalForm):
    """Opening (``cadre=None``) and changing a record. ``cleaned_data`` minus the extras are values for the actions: see ``values()``."""

    sections = SECTIONS

    def __init__(self, *args, book, today, cadre: Cadre | None = None, places=None, **kwargs) -> None:
        self.book, self.today, self.cadre = book, today, cadre
        self.theirs: dict[str, str] = {}
        super().__init__(*args, **kwargs)
        if cadre is not None:
            self.initial = {**_initial(cadre), "version": cadre.version, **self.initial}
        for name in EDITABLE:
            self.fields[name] = self._field(name)
        if cadre is None:
            self._add_arrival(places)
            self.sections = (("登记", ("org", "arrival", "arrived_on", "document_no")), *SECTIONS)
        else:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
            self._add_basis()
        self._settle_period()

    def _field(self, name: str) -> forms.Field:
        column = Cadre._meta.get_field(name)
        shared = {"label": title_of(name), "required": name in ("name", "retire_kind"), "help_text": HELP.get(name, "")}
        if name in FIELD_TABLES:
            keep = getattr(self.cadre, name, "")
            choices = self.book.choices(FIELD_TABLES[name], self.today, keep)
            few = name in FEW
            return forms.ChoiceField(choices=choices if few else [("", "—"), *choices], widget=Chips if few else forms.Select, **shared)
        if name == "retire_kind":
            return forms.ChoiceField(choices=RetireKind.choices, widget=Chips, **shared)
        if name in PARTIAL_DATES:
            return PartialDateField(**shared)
        if name in MASKED_BESIDE:
            kind = IdNumberField if name == "id_number" else PhoneField
            return kind(masked=getattr(self.cadre, MASKED_BESIDE[name], ""), **shared)
        if name in ("resettled", "counts_in_statistics"):
            return forms.BooleanField(**shared | {"required": False})
        if name == "name":
            return NameField(max_length=column.max_length, **shared)
        wide = {"widget": forms.Textarea(attrs={"rows": 4})} if name == "note" else {}
        return TextField(max_length=2000 if name == "note" else column.max_length, **shared, **wide)

    def _add_arrival(self, places) -> None:
        self.fields["org"] = forms.ModelChoiceField(places, label="管理单位", empty_label="请选择")
        self.fields["arrival"] = forms.ChoiceField(label="建档来源", choices=ARRIVALS, required=False, widget=Chips, help_text="「新办离退休」「接收调入」计入本年增减变动。")
        self.fields["arrived_on"] = forms.DateField(label="办理日期", required=False, widget=DateInput, help_text="新办或调入的填写；留空为今天。")
        self.fields["document_no"] = TextField(label="依据文号", required=False, max_length=60)
        self.initial.setdefault("counts_in_statistics", True)

    def _add_basis(self) -> None:
        """Asked for once a known 参加革命工作时间 is being changed."""
        name = "revolution_started_on"
        if self.cadre.revolution_started_on and (not self.is_bound or self.fields[name].has_changed(self.initial.get(name), self.data.get(name))):
            help_text = "仅在更改参加革命工作时间时填写。"
            self.fields["basis"] = TextField(label="更正依据（文号）", required=False, max_length=60, help_text=help_text)
            self.sections = tuple((title, (*names, "basis") if name in names else names) for title, names in SECTIONS)

    def _settle_period(self) -> None:
        """Asks for the period only where the date leaves it open; then one must answer, be it that it can't be told."""
        name = "revolution_period_confirmed"
        raw = self.data.get("revolution_started_on") if self.is_bound else self.initial.get("revolution_started_on")
        try:
            started = self.fields["revolution_started_on"].to_python(raw) if isinstance(raw, str) else raw
        except forms.ValidationError:
            started = None
        open_to = period_choices({"revolution_started_on": started})
        if not open_to:
            del self.fields[name]
            return
        names = dict(periods.CHOICES)
        help_text = "只知道年月时，这个日期跨两个时期，请按档案选定。"
        choices = [*((code, names[code]) for code in open_to), UNSURE]
        self.fields[name] = forms.ChoiceField(label="参加革命工作时期", choices=choices, required=False, widget=Chips, help_text=help_text)

    def clean_residence_region(self) -> str:
        text = self.cleaned_data.get("residence_region", "")
        code = region_code(text, self.today)
        if text and not code:
            raise forms.ValidationError("找不到这个县（市、区），请写全称或六位代码；同名的加上省市，如：江西省九江市浔阳区。", code="region_unknown")
        return code

    def clean(self):
        data = super().clean()
        name = "revolution_period_confirmed"
        if name in self.fields and self.is_bound and self.data.get(name) is None:
            self.add_error(name, "请选择时期；暂时不能确定的，选「暂时不能确定」。")
        base = values_of(self.cadre) if self.cadre else {}
        for found in findings(base | self.values(), self.today):
            if found.is_error and not self.errors.get(found.field):
                self.add_error(found.field if found.field in self.fields else None, found.problem.message)
        return data

    def values(self) -> dict[str, Any]:
        """What was typed, by field of ``Cadre``; closed fields left blank aren't in it."""
        return {name: value for name, value in self.cleaned_data.items() if name in EDITABLE and value is not ClosedField.KEEP}

    def warnings(self) -> list[str]:
        """Sentences about what was accepted but should be looked at."""
        base = values_of(self.cadre) if self.cadre else {}
        return [found.problem.message for found in findings(base | self.values(), self.today) if not found.is_error]

    def show_theirs(self, theirs: dict[str, str], version: int) -> None:
        """After somebody else saved: what was typed stays, beside it what stands there now; saving again is a decision."""
        self.theirs = theirs
        self.data = self.data.copy()
        self.data["version"] = version
        for name, words in theirs.items():
            if name in self.fields:
                self.add_error(name, f"对方改为：{words or '（空）'}")


def _initial(cadre: Cadre) -> dict[str, Any]:
    values = {name: value for name, value in values_of(cadre, tuple(n for n in EDITABLE if n not in MASKED_BESIDE)).items()}
    return values | {"residence_region": region_name(cadre.residence_region)}
