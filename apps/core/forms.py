"""What every form of the portal shares. Rendering is in templates/django/forms/: label above, help and error at the field, summary that links."""

import uuid

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.core.refusal import Refused


class PortalForm(forms.Form):
    """One column; ``sections`` groups fields under headings.

    ``sections = (("基本情况", ("name", "sex")), …)``; without it the fields stand in one group. ``optional_marks`` says 选填 instead of marking
    what is required, for forms where nearly everything is required.
    """

    sections: tuple = ()
    optional_marks = False
    required_css_class = "required"
    error_css_class = "bad"

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = "请选一项。" if hasattr(field, "choices") else "这一项必须填写。"

    def grouped(self) -> list[dict]:
        """``[{"title", "fields": [BoundField]}]`` in order, hidden fields left out, fields no section names at the end."""
        named = [(title, [self[name] for name in names if name in self.fields]) for title, names in self.sections]
        taken = {name for _, names in self.sections for name in names}
        rest = [field for field in self.visible_fields() if field.name not in taken]
        groups = named + ([("", rest)] if rest else [])
        return [{"title": title, "fields": [field for field in fields if not field.is_hidden]} for title, fields in groups if fields]

    def refuse(self, refused: Refused) -> None:
        """Show why an action refused: at the field it names, else above the form."""
        field = refused.field if refused.field in self.fields else None
        self.add_error(field, refused.sentence)


class PortalModelForm(PortalForm, forms.ModelForm):
    """The same for model forms. It only checks; saving is an action's business."""

    def save(self, commit: bool = True):
        raise TypeError("Write through an action, not through a form.")


class Versioned(PortalForm):
    """Carries the version of the record the form was made with."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class CodeForm(PortalForm):
    """What a voter types first."""

    code = forms.CharField(
        label="号码", max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "data-code": ""}), help_text="纸条上的十位数字。"
    )  # fmt: skip


class OnceField(forms.UUIDField):
    """Hidden key that makes pressing twice, or sending again after a lost line, save once: hand ``cleaned_data["once"]`` to the action."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs) -> None:
        super().__init__(**{"required": True, "initial": uuid.uuid4, "error_messages": {"required": "表单不完整，请刷新后再提交。"}} | kwargs)


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs=None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class Chips(forms.RadioSelect):
    """A choice as a row of large buttons: one tap on a phone."""


class ManyChips(forms.CheckboxSelectMultiple):
    """Several choices as a row of large buttons."""


class LongSelect(forms.Select):
    """A select of hundreds of options, written in one go: Django renders a template for each."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join("", '<option value="{}"{}>{}</option>', ((key, mark_safe(" selected") if str(key) == chosen else "", label) for key, label in self.choices))
        return format_html("<select{}>{}</select>", flatatt(self.build_attrs(self.attrs, (attrs or {}) | {"name": name})), options)


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, as a list."""

    def __init__(self, *, accept: str, **kwargs) -> None:
        super().__init__(widget=ManyFiles(attrs={"accept": accept}), **kwargs)

    def clean(self, data, initial=None) -> list:
        return [super(FilesField, self).clean(one, initial) for one in (data or [])]
