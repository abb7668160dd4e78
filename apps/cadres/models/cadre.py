from datetime import date

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from apps.accounts.models import OrgOwned
from apps.cadres.models import periods
from apps.core.crypto import EncryptedTextField
from apps.core.personal_data import PersonalClass

UNKNOWN_BIRTH = Value(date(9999, 12, 31), output_field=models.DateField())
"""Where people of unknown birth stand in a list by age: an expression without NULL can be paged by key."""

FILTERED = ("standing", "retire_kind", "attention_class", "born_on", "sex", "political_status", "residence_kind", "health", "self_care", "living", "resettled")
"""What a list may be narrowed by. The columns stand in the list's index, so that any combination is answered from the index, in order."""


class RetireKind(models.TextChoices):
    LIXIU = "lixiu", "离休"
    RETIRED = "retired", "退休"


class AttentionClass(models.TextChoices):
    """The three classes of 一人一策; decided in ``care``, which writes the present one here."""

    KEY = "key", "重点关注"
    REGULAR = "regular", "定期关注"
    ROUTINE = "routine", "日常跟踪"


class Standing(models.TextChoices):
    ACTIVE = "active", "在册"
    MOVED = "moved", "已转出"
    DECEASED = "deceased", "已去世"
    MERGED = "merged", "已并入其他档案"


class Precision(models.TextChoices):
    YEAR = "year", "到年"
    MONTH = "month", "到月"
    DAY = "day", "到日"


def partial(name: str, **kwargs) -> tuple[models.DateField, models.CharField]:
    """A date and how exactly it is known; an unknown month or day is stored as the first."""
    date_field = models.DateField(name, null=True, blank=True, **kwargs)
    return date_field, models.CharField(f"{name}精度", max_length=5, choices=Precision, default=Precision.DAY)


def code(name: str, **kwargs) -> models.CharField:
    """A value of the code table that ``apps.cadres.standards`` names for this field."""
    return models.CharField(name, max_length=20, blank=True, db_collation="C", **kwargs)


@pghistory.track(
    pghistory.InsertEvent(level=pghistory.Statement),
    pghistory.UpdateEvent(level=pghistory.Statement),
    exclude=["id_number", "id_index", "phone", "phone_index", "landline", "emergency_phone", "name_sort", "search"],
    model_name="CadreEvent",
)
class Cadre(OrgOwned):
    """One retired cadre: 一人一档. ``org`` is the managing unit. Never deleted."""

    # identity
    name = models.CharField("姓名", max_length=60)
    name_key = models.CharField("姓名（比对用）", max_length=60, db_collation="C", editable=False)
    former_name = models.CharField("曾用名", max_length=60, blank=True)
    name_sort = models.CharField("姓名（排序用）", max_length=200, db_collation="C", default="", editable=False)
    search = SearchVectorField("检索词", null=True, editable=False)
    sex = code("性别")
    id_number = EncryptedTextField("身份证号", null=True, blank=True, max_length=18)
    id_index = models.BinaryField(null=True, editable=False, max_length=32)
    id_masked = models.CharField("身份证号（遮盖）", max_length=18, blank=True, editable=False)
    id_last4 = models.CharField("身份证号后四位", max_length=4, blank=True, editable=False, db_collation="C")
    born_on, born_precision = partial("出生日期")
    ethnicity = code("民族")
    native_place = models.CharField("籍贯", max_length=60, blank=True)
    marital = code("婚姻状况")
    education = code("文化程度")
    professional_title = models.CharField("职称", max_length=60, blank=True)
    # political
    political_status = code("政治面貌")
    party_joined_on, party_joined_precision = partial("入党时间")
    party_branch = models.CharField("所在党支部", max_length=80, blank=True)
    party_post = models.CharField("党内职务", max_length=40, blank=True)
    # career
    work_started_on, work_started_precision = partial("参加工作时间")
    revolution_started_on, revolution_started_precision = partial("参加革命工作时间")
    revolution_period_confirmed = models.CharField("时期（人工确认）", max_length=1, blank=True, choices=periods.CHOICES)
    revolution_period = models.GeneratedField(
        expression=periods.expression(), output_field=models.CharField(max_length=1, null=True), db_persist=True, verbose_name="参加革命工作时期"
    )
    original_unit = models.CharField("原工作单位", max_length=120, blank=True)
    original_post = models.CharField("原职务", max_length=80, blank=True)
    unit_nature = code("单位性质")
    personnel_kind = code("人员类别")
    rank = code("离退休时职级")
    honours = models.CharField("主要荣誉", max_length=200, blank=True)
    # retirement
    retire_kind = models.CharField("离退休类型", max_length=10, choices=RetireKind)
    retired_on, retired_precision = partial("离退休时间")
    treatment_level = code("现享受待遇级别")
    medical_treatment = code("享受医疗待遇")
    counts_in_statistics = models.BooleanField("计入年报统计", default=True)
    # residence
    residence_region = models.CharField("居住地代码", max_length=12, blank=True, db_collation="C")
    address = models.CharField("居住地址", max_length=200, blank=True)
    living = code("居住状况")
    residence_kind = code("居住地类型")
    resettled = models.BooleanField("易地安置", default=False)
    resettled_place = models.CharField("安置地", max_length=80, blank=True)
    receiving_unit = models.CharField("接受安置单位", max_length=80, blank=True)
    # contact
    phone = EncryptedTextField("手机", null=True, blank=True, max_length=30)
    phone_index = models.BinaryField(null=True, editable=False, max_length=32)
    phone_masked = models.CharField("手机（遮盖）", max_length=30, blank=True, editable=False)
    landline = EncryptedTextField("固定电话", null=True, blank=True, max_length=30)
    landline_masked = models.CharField("固定电话（遮盖）", max_length=30, blank=True, editable=False)
    emergency_name = models.CharField("紧急联系人", max_length=60, blank=True)
    emergency_relation = models.CharField("与本人关系", max_length=20, blank=True)
    emergency_phone = EncryptedTextField("紧急联系电话", null=True, blank=True, max_length=30)
    emergency_phone_masked = models.CharField("紧急联系电话（遮盖）", max_length=30, blank=True, editable=False)
    # health
    health = code("健康状况")
    self_care = code("自理能力")
    illness = models.CharField("主要疾病", max_length=200, blank=True)
    hospital = models.CharField("就近医院", max_length=80, blank=True)
    family_doctor = models.CharField("家庭医生", max_length=80, blank=True)
    # role
    skills = models.CharField("特长", max_length=120, blank=True)
    hobbies = models.CharField("兴趣爱好", max_length=120, blank=True)
    note = models.TextField("备注", blank=True)
    extra = models.JSONField("其他列", default=dict, blank=True)
    # state
    standing = models.CharField("状态", max_length=10, choices=Standing, default=Standing.ACTIVE)
    deceased_on = models.DateField("去世日期", null=True, blank=True)
    merged_into = models.ForeignKey("self", verbose_name="并入", null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed", editable=False, db_index=False)
    attention_class = models.CharField("类别", max_length=10, blank=True, choices=AttentionClass, editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    created_at = models.DateTimeField("建档时间", auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False)
    updated_at = models.DateTimeField("修改时间", auto_now=True)

    PERSONAL = (
        dict.fromkeys(("id_number", "phone", "landline", "emergency_phone"), PersonalClass.MASKED)
        | {"illness": PersonalClass.SECRET}
        | dict.fromkeys(
            str.split(
                "name name_key name_sort former_name search sex id_masked id_last4 born_on ethnicity native_place marital education professional_title political_status "
                "party_joined_on party_branch party_post work_started_on revolution_started_on revolution_period original_unit original_post unit_nature personnel_kind "
                "rank honours retire_kind retired_on treatment_level medical_treatment residence_region address living residence_kind resettled resettled_place "
                "receiving_unit phone_masked landline_masked emergency_name emergency_relation emergency_phone_masked health self_care hospital family_doctor skills "
                "hobbies note extra standing deceased_on merged_into attention_class"
            ),
            PersonalClass.INSIDE,
        )
        | dict.fromkeys(("id_index", "phone_index"), PersonalClass.SECRET)
    )
    MASKS = {"id_number": "id", "phone": "phone", "landline": "phone", "emergency_phone": "phone"}

    class Meta:
        verbose_name = "离退休干部"
        verbose_name_plural = "离退休干部"
        ordering = ["org_path", "pk"]
        indexes = [
            models.Index(fields=["org_path", "name_sort", "id"], include=["search", *FILTERED], name="cadre_list"),
            models.Index(fields=["name_sort", "id"], name="cadre_by_name"),
            models.Index(Coalesce("born_on", UNKNOWN_BIRTH), "id", name="cadre_by_birth"),
            models.Index(fields=["updated_at", "id"], name="cadre_by_change"),
            models.Index(fields=["org_path", "name_key"], name="cadre_org_name"),
            models.Index(fields=["org_path", "standing", "retire_kind"], name="cadre_org_standing"),
            models.Index(fields=["id"], condition=~Q(standing="active"), name="cadre_off_register"),
            models.Index(fields=["id_last4"], name="cadre_last4"),
            models.Index(fields=["phone_index"], name="cadre_phone"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="cadre_merged"),
            GinIndex(fields=["search"], name="cadre_search"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id_index"], name="cadre_id_number_once", violation_error_message="这个身份证号已经登记过。"),
            models.CheckConstraint(condition=Q(retire_kind__in=RetireKind.values), name="cadre_retire_kind_known"),
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="cadre_standing_known"),
            models.CheckConstraint(
                condition=(Q(standing="merged") & Q(merged_into__isnull=False)) | (~Q(standing="merged") & Q(merged_into=None)), name="cadre_merged_into_one"
            ),
            models.CheckConstraint(condition=Q(attention_class__in=["", *AttentionClass.values]), name="cadre_class_known"),
            models.CheckConstraint(
                condition=~Q(retire_kind="lixiu") | Q(revolution_started_on=None) | Q(revolution_started_on__lte=periods.LAST_DAY),
                name="cadre_lixiu_by_1949",
                violation_error_message="离休干部的参加革命工作时间应在 1949 年 9 月 30 日以前。",
            ),
            models.CheckConstraint(
                condition=(Q(standing="deceased") & Q(deceased_on__isnull=False)) | (~Q(standing="deceased") & Q(deceased_on=None)),
                name="cadre_death_has_date",
                violation_error_message="去世日期与状态不一致。",
            ),
            models.CheckConstraint(
                condition=Q(born_on=None) | Q(work_started_on=None) | Q(work_started_on__gte=F("born_on")),
                name="cadre_born_before_work",
                violation_error_message="参加工作时间早于出生日期。",
            ),
            models.CheckConstraint(
                condition=Q(work_started_on=None) | Q(retired_on=None) | Q(retired_on__gte=F("work_started_on")),
                name="cadre_work_before_retired",
                violation_error_message="离退休时间早于参加工作时间。",
            ),
            models.CheckConstraint(
                condition=Q(born_on=None) | Q(deceased_on=None) | Q(deceased_on__gte=F("born_on")), name="cadre_born_before_death", violation_error_message="去世日期早于出生日期。"
            ),
        ]

    def __str__(self) -> str:
        return self.name
