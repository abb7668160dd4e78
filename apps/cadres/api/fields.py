"""How values of a person stand in JSON: dates as far as they are known, codes, closed values masked."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.cadres.fields import MASKED_BESIDE
from apps.cadres.values import value_of
from apps.core.dates import PartialDate, parse_date
from apps.core.id_numbers import clean_id
from apps.core.text import clean_phone
from apps.core.workbooks.problems import Problem

LENGTHS = {"year": 4, "month": 7, "day": 10}


@extend_schema_field({"type": "string", "nullable": True, "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$", "example": "1945-08"})
class PartialDateField(serializers.Field):
    """``1945``, ``1945-08`` or ``1945-08-15`` (ISO 8601, reduced precision)."""

    def get_attribute(self, instance):
        return value_of(instance, self.field_name)

    def to_representation(self, value: PartialDate) -> str:
        return value.value.isoformat()[: LENGTHS[value.precision]]

    def to_internal_value(self, data) -> PartialDate | None:
        found = parse_date(data) if isinstance(data, str) else None
        if isinstance(found, Problem) or (found is None and data):
            raise serializers.ValidationError(found.message if found else "日期请写成文本，如 1945-08。")
        return found


@extend_schema_field({"type": "string", "example": "alone"})
class CodeField(serializers.Field):
    """A code of the table; a name or alias is understood too."""

    def __init__(self, *, table: str, **kwargs) -> None:
        self.table = table
        super().__init__(**kwargs)

    def to_representation(self, value: str) -> str:
        return value

    def to_internal_value(self, data) -> str:
        book = self.context["book"]
        code = book.code(self.table, str(data))
        if code is None:
            raise serializers.ValidationError(f"没有这个值。{book.hint(self.table, str(data))}")
        return code


@extend_schema_field({"type": "string", "nullable": True, "example": "3604**********0018"})
class ClosedField(serializers.Field):
    """Read masked, written in the clear; null clears it. What comes back masked is not taken for a value."""

    def get_attribute(self, instance):
        return getattr(instance, MASKED_BESIDE[self.field_name])

    def to_representation(self, value: str) -> str:
        return value

    def to_internal_value(self, data) -> str | None:
        text = str(data).strip()
        if "*" in text:
            raise serializers.ValidationError("这是遮盖后的值。不改请不要带这一项；要改请写原文。")
        return self.read(text) if text else None

    def read(self, text: str) -> str:
        found = clean_phone(text)
        if not found.number:
            raise serializers.ValidationError(found.problem.message if found.problem else "看不懂这个电话号码。")
        return found.number


class IdNumberField(ClosedField):
    def read(self, text: str) -> str:
        found = clean_id(text)
        if found.value is None:
            raise serializers.ValidationError([one.message for one in found.problems])
        return found.value
