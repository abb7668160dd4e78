"""Side notes of a person, one box each, and room for another."""

from django import forms

from apps.cadres.forms.fields import TextField
from apps.core.forms import PortalForm
from apps.files.importing.asides import LONGEST, LONGEST_LABEL

HELP = "身份证号、电话、银行卡号不要写在附注里：只会保留遮盖后的样子。"


class NotesForm(PortalForm):
    """``note-0`` … are the notes in the order of the record; an emptied one is removed."""

    def __init__(self, *args, notes: dict[str, str], version: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.labels = {f"note-{number}": label for number, label in enumerate(notes)}
        for name, label in self.labels.items():
            self.fields[name] = TextField(label=label, required=False, max_length=LONGEST, initial=notes[label], widget=forms.Textarea(attrs={"rows": 2}))
        self.fields["label"] = TextField(label="新附注的名称", required=False, max_length=LONGEST_LABEL, help_text="如：微信号、车牌号。")
        self.fields["text"] = TextField(label="新附注的内容", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}), help_text=HELP)
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput, initial=version)

    def clean(self) -> dict:
        data = super().clean()
        if data.get("text") and not data.get("label"):
            self.add_error("label", "请写明这条附注叫什么。")
        if data.get("label") and not data.get("text"):
            self.add_error("text", "请写内容。")
        if data.get("label") in self.labels.values():
            self.add_error("label", f"已有“{data['label']}”，请直接修改上面那一条。")
        return data

    def values(self) -> dict[str, str]:
        """Label → text."""
        found = {label: self.cleaned_data[name] for name, label in self.labels.items()}
        return found | ({self.cleaned_data["label"]: self.cleaned_data["text"]} if self.cleaned_data["label"] else {})
