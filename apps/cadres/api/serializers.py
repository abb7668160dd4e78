"""A person, a page of people, a change, as JSON."""

from rest_framework import serializers

from apps.cadres.api.fields import ClosedField, CodeField, IdNumberField, PartialDateField
from apps.cadres.columns import PARTIAL_DATES
from apps.cadres.fields import EDITABLE, MASKED_BESIDE
from apps.cadres.models import AttentionClass, Cadre, ChangeKind, RetireKind, Standing, StatusChange, periods
from apps.cadres.rules import findings
from apps.cadres.selectors.history import title_of
from apps.cadres.standards import FIELD_TABLES
from apps.cadres.values import values_of


def field_of(name: str) -> serializers.Field:
    """The serializer field of a field of ``Cadre``; none is required here, the rules say what is."""
    shared = {"required": False, "label": title_of(name)}
    if name in PARTIAL_DATES:
        return PartialDateField(allow_null=True, **shared)
    if name in FIELD_TABLES:
        return CodeField(table=FIELD_TABLES[name], **shared)
    if name in MASKED_BESIDE:
        return (IdNumberField if name == "id_number" else ClosedField)(allow_null=True, **shared)
    if name == "retire_kind":
        return serializers.ChoiceField(choices=RetireKind.choices, **shared)
    if name == "revolution_period_confirmed":
        return serializers.ChoiceField(choices=periods.CHOICES, allow_blank=True, **shared)
    if name in ("resettled", "counts_in_statistics"):
        return serializers.BooleanField(**shared)
    longest = Cadre._meta.get_field(name).max_length or 2000
    return serializers.CharField(max_length=longest, allow_blank=name != "name", **shared)


class PersonValues(serializers.Serializer):
    """The writable fields, checked together with what is on record."""

    def get_fields(self):
        return super().get_fields() | {name: field_of(name) for name in EDITABLE}

    def validate(self, attrs):
        given = {name: value for name, value in attrs.items() if name in EDITABLE}
        base = values_of(self.instance) if self.instance is not None else {}
        errors: dict[str, list[str]] = {}
        for found in findings(base | given, self.context["today"]):
            if found.is_error:
                errors.setdefault(found.field, []).append(found.problem.message)
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class OrgSerializer(serializers.Serializer):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    code = serializers.CharField(read_only=True, allow_null=True)
    path = serializers.CharField(read_only=True)


class CadreSerializer(PersonValues):
    """A person as read: codes as codes, closed values masked."""

    id = serializers.IntegerField(read_only=True, label="编号")
    version = serializers.IntegerField(read_only=True, label="版本")
    org = OrgSerializer(read_only=True, label="管理单位")
    standing = serializers.ChoiceField(choices=Standing.choices, read_only=True, label="状态")
    deceased_on = serializers.DateField(read_only=True, allow_null=True, label="去世日期")
    attention_class = serializers.ChoiceField(choices=[("", "未定"), *AttentionClass.choices], read_only=True, label="类别")
    revolution_period = serializers.CharField(read_only=True, allow_null=True, label="参加革命工作时期", help_text="1 至 5；空为无或待确认。")
    updated_at = serializers.DateTimeField(read_only=True, label="修改时间")


class CadreCreateSerializer(PersonValues):
    """A new person: ``name``, ``retire_kind``, ``org``, and an ID number or a birth date are needed."""

    org = serializers.IntegerField(label="管理单位编号")
    arrival = serializers.ChoiceField(choices=[("", "补录"), ("registered", "新办离退休"), ("received", "接收调入")], default="", label="建档来源")
    arrived_on = serializers.DateField(required=False, label="办理日期")
    document_no = serializers.CharField(max_length=60, required=False, allow_blank=True, label="依据文号")


class CadreChangeSerializer(PersonValues):
    """Some fields of a person and the ``version`` they were read at."""

    version = serializers.IntegerField(label="读取时的版本")
    basis = serializers.CharField(max_length=60, required=False, allow_blank=True, label="更正依据", help_text="更改参加革命工作时间时必填。")


class ListingSerializer(serializers.Serializer):
    """A page of people. ``count`` stops at 1000; ``more`` then says there are more."""

    count = serializers.IntegerField()
    more = serializers.BooleanField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CadreSerializer(many=True)


class StatusChangeSerializer(serializers.ModelSerializer):
    recorded_by = serializers.CharField(read_only=True)

    class Meta:
        model = StatusChange
        fields = ["id", "kind", "effective_on", "recorded_at", "recorded_by", "document_no", "note", "before", "after"]
        read_only_fields = fields


class StatusChangeCreateSerializer(serializers.Serializer):
    """What happened to a person; ``values`` are fields the kind may set (see the form of the same kind)."""

    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    effective_on = serializers.DateField()
    document_no = serializers.CharField(max_length=60, required=False, allow_blank=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    org = serializers.IntegerField(required=False, allow_null=True, help_text="调入调出后的管理单位编号。")
    values = serializers.DictField(required=False, help_text="随变动更新的字段，写法同人员。")


class ErrorSerializer(serializers.Serializer):
    """Every error: a code for programs, a sentence for people; ``errors`` by field where input was wrong."""

    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(required=False)
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)
