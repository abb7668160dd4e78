"""What happened to a person: one form, its fields chosen by the kind of change."""

from django import forms

from apps.cadres.columns import PARTIAL_DATES
from apps.cadres.forms.fields import PartialDateField, TextField
from apps.cadres.models import Cadre, ChangeKind, RetireKind
from apps.cadres.standards import FIELD_TABLES
from apps.cadres.workflow import EFFECTS
from apps.core.forms import DateInput, PortalForm

DATE_LABELS = {
    ChangeKind.ADMITTED: "入院日期",
    ChangeKind.DISCHARGED: "出院日期",
    ChangeKind.DECEASED: "去世日期",
    ChangeKind.DISABLED: "评定日期",
    ChangeKind.MOVED_OUT: "调出日期",
    ChangeKind.RECEIVED: "接收日期",
    ChangeKind.TREATMENT: "批准日期",
}


class StatusChangeForm(PortalForm):
    """``kind`` fixes the fields; ``places`` are the units a transfer may go to."""

    effective_on = forms.DateField(label="发生日期", widget=DateInput)

    def __init__(self, *args, kind: ChangeKind, book, today, places=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        effect = EFFECTS[kind]
        self.fields["effective_on"].label = DATE_LABELS.get(kind, "发生日期")
        self.fields["effective_on"].widget.attrs["max"] = today.isoformat()
        if kind != ChangeKind.DECEASED:
            self.initial.setdefault("effective_on", today)
        if effect.place:
            self.fields["org"] = forms.ModelChoiceField(
                places, label="新的管理单位", required=False, empty_label="不在本系统管辖范围内" if kind == ChangeKind.MOVED_OUT else "不变"
            )
        for name in effect.fields:
            self.fields[name] = self._field(name, name in effect.required, book, today)
        self.fields["document_no"] = TextField(label="依据文号", required=False, max_length=60)
        self.fields["note"] = TextField(label="说明", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def _field(self, name: str, required: bool, book, today) -> forms.Field:
        column = Cadre._meta.get_field(name)
        shared = {"label": str(column.verbose_name), "required": required}
        if name in FIELD_TABLES:
            return forms.ChoiceField(choices=[("", "不变"), *book.choices(FIELD_TABLES[name], today)], **shared)
        if name == "retire_kind":
            return forms.ChoiceField(choices=[("", "不变"), *RetireKind.choices], **shared)
        return PartialDateField(**shared) if name in PARTIAL_DATES else TextField(max_length=column.max_length, **shared)

    def values(self) -> dict:
        extras = ("effective_on", "org", "document_no", "note")
        return {name: value for name, value in self.cleaned_data.items() if name not in extras}
