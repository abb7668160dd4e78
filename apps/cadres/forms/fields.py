"""Fields that take what people really write: dates as far as they are known, ID numbers and phones with spaces in them."""

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.cadres.values import written
from apps.core.dates import PartialDate, parse_date
from apps.core.id_numbers import clean_id
from apps.core.text import clean_name, clean_phone, clean_text
from apps.core.workbooks.problems import Problem

SELECTED = mark_safe(" selected")
CLEARING = ("无", "删除", "清除")


class PlainSelect(forms.Select):
    """A select written in one go: Django renders a template per option, which on a page with a dozen filters costs more than the list."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join("", '<option value="{}"{}>{}</option>', ((key, SELECTED if str(key) == chosen else "", word) for key, word in self.choices))
        return format_html("<select{}>{}</select>", flatatt(self.build_attrs(self.attrs, (attrs or {}) | {"name": name})), options)


class TextField(forms.CharField):
    """Text without invisible characters."""

    def to_python(self, value):
        return clean_text(super().to_python(value))


class NameField(forms.CharField):
    def to_python(self, value):
        return clean_name(super().to_python(value))


class PartialDateField(forms.CharField):
    """1945.08, 1945年8月, 1945-08-15, 1945 → ``PartialDate``; blank → None."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**{"max_length": 20, "required": False} | kwargs)
        self.widget.attrs |= {"class": "short", "inputmode": "decimal", "autocomplete": "off", "placeholder": "如 1945.08"}

    def to_python(self, value):
        found = parse_date(super().to_python(value))
        if isinstance(found, Problem):
            raise forms.ValidationError(found.message, code=found.code)
        return found

    def run_validators(self, value) -> None:
        """The length is a matter of the input alone."""

    def prepare_value(self, value):
        return written(value) if isinstance(value, PartialDate) else value

    def has_changed(self, initial, data) -> bool:
        return (data or "").strip() != (self.prepare_value(initial) or "")


class ClosedField(forms.CharField):
    """A closed value that the form never shows: blank keeps what is there (``KEEP``), 无 clears it (None)."""

    KEEP = object()

    def __init__(self, *, masked: str = "", **kwargs) -> None:
        help_text = f"现登记 {masked}。不改就留空；要清除，填「无」。" if masked else kwargs.pop("help_text", "")
        kwargs.pop("help_text", None)
        super().__init__(**{"max_length": 40, "required": False, "help_text": help_text} | kwargs)
        self.widget.attrs |= {"autocomplete": "off", "data-no-draft": ""}

    def to_python(self, value):
        text = clean_text(super().to_python(value))
        if not text:
            return self.KEEP
        return None if text in CLEARING else self.read(text)

    def read(self, text: str) -> str:
        return text

    def validate(self, value) -> None:
        if value is self.KEEP and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value) -> None:
        if isinstance(value, str):
            super().run_validators(value)


class IdNumberField(ClosedField):
    def read(self, text: str) -> str:
        found = clean_id(text)
        if found.value is None:
            raise forms.ValidationError([forms.ValidationError(one.message, code=one.code) for one in found.problems])
        return found.value


class PhoneField(ClosedField):
    def read(self, text: str) -> str:
        found = clean_phone(text)
        if not found.number:
            raise forms.ValidationError(found.problem.message if found.problem else "请填写电话号码。")
        return found.number


class WordsField(forms.CharField):
    """Words separated by 、 , ， or spaces → list."""

    def to_python(self, value):
        text = super().to_python(value)
        for mark in "，,；;\n\t ":
            text = text.replace(mark, "、")
        return [word for word in text.split("、") if word]

    def prepare_value(self, value):
        return "、".join(value) if isinstance(value, list) else value
