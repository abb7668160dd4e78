"""Forms about to-dos: putting off, finishing, dropping."""

from datetime import date

from django import forms

from apps.care.forms.plans import Versioned
from apps.core.forms import Chips, DateInput, FilesField


class MoveForm(Versioned):
    due_on = forms.DateField(label="改到哪一天", widget=DateInput)
    note = forms.CharField(label="改期原因", max_length=120, help_text="如：本人外出探亲，月底回来。原定日期会保留。")

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()


class FinishForm(Versioned):
    end = forms.ChoiceField(label="结果", choices=[("done", "办完了"), ("dropped", "不再需要")], widget=Chips, initial="done")
    result = forms.CharField(label="说明", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text="怎么办的、谁办的、本人是否满意。")
    files = FilesField(accept="image/jpeg,image/png,application/pdf,.docx,.xlsx", label="照片或材料", required=False, help_text="选填，最多 9 个。")
