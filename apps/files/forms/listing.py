"""Narrowing the list of imports."""

from django import forms

from apps.core.forms import PortalForm
from apps.files.models import BatchState

ANY = ("", "全部")


class BatchFilter(PortalForm):
    """GET form of the list of imports: an unknown value is ignored rather than refused, because links grow old. ``people``: (key, name) of uploaders; ``kinds``: of sheets."""

    q = forms.CharField(label="文件名", required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search", "placeholder": "文件名中的字"}))
    state = forms.ChoiceField(label="状态", required=False, choices=[ANY, *BatchState.choices])
    kind = forms.ChoiceField(label="表类", required=False)
    by = forms.TypedChoiceField(label="上传人", required=False, coerce=int, empty_value=None)

    def __init__(self, *args, people: list[tuple[int, str]], kinds: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [ANY, *kinds]
        self.fields["by"].choices = [ANY, *people]

    def wanted(self) -> dict:
        """Arguments of ``selectors.batches``, blanks and nonsense left out."""
        self.is_valid()
        names = {"q": "text", "state": "state", "kind": "kind", "by": "by"}
        return {names[name]: value for name, value in self.cleaned_data.items() if value}
