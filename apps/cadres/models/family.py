from django.db import models

from apps.accounts.models import OrgOwned
from apps.cadres.models.cadre import Cadre
from apps.core.crypto import EncryptedTextField
from apps.core.personal_data import PersonalClass


class Relative(OrgOwned):
    """A member of the family: 称谓, name, unit, how to reach."""

    cadre = models.ForeignKey(Cadre, verbose_name="本人", on_delete=models.PROTECT, related_name="relatives")
    relation = models.CharField("称谓", max_length=20)
    name = models.CharField("姓名", max_length=60)
    born_year = models.PositiveSmallIntegerField("出生年份", null=True, blank=True)
    unit = models.CharField("单位及职务", max_length=120, blank=True)
    phone = EncryptedTextField("电话", null=True, blank=True, max_length=30)
    phone_masked = models.CharField("电话（遮盖）", max_length=30, blank=True, editable=False)
    lives_with = models.BooleanField("同住", default=False)
    note = models.CharField("备注", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = {"phone": PersonalClass.MASKED} | dict.fromkeys(("relation", "name", "born_year", "unit", "phone_masked", "lives_with", "note"), PersonalClass.INSIDE)
    MASKS = {"phone": "phone"}

    class Meta:
        verbose_name = "家庭成员"
        verbose_name_plural = "家庭成员"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="relative_org")]

    def __str__(self) -> str:
        return f"{self.relation} {self.name}"


class Survivor(OrgOwned):
    """遗属 of a deceased cadre, who goes on being visited. Opened when a death is registered."""

    cadre = models.ForeignKey(Cadre, verbose_name="已故干部", on_delete=models.PROTECT, related_name="survivors")
    name = models.CharField("姓名", max_length=60)
    relation = models.CharField("与已故干部关系", max_length=20, default="配偶")
    born_year = models.PositiveSmallIntegerField("出生年份", null=True, blank=True)
    phone = EncryptedTextField("电话", null=True, blank=True, max_length=30)
    phone_masked = models.CharField("电话（遮盖）", max_length=30, blank=True, editable=False)
    address = models.CharField("居住地址", max_length=200, blank=True)
    has_income = models.BooleanField("有固定收入", null=True, blank=True)
    monthly_subsidy = models.DecimalField("定期补助（人民币元/月）", max_digits=10, decimal_places=2, null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    alive = models.BooleanField("健在", default=True)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    PERSONAL = {"phone": PersonalClass.MASKED, "has_income": PersonalClass.SECRET, "monthly_subsidy": PersonalClass.SECRET} | dict.fromkeys(
        ("name", "relation", "born_year", "phone_masked", "address", "note", "alive"), PersonalClass.INSIDE
    )
    MASKS = {"phone": "phone"}

    class Meta:
        verbose_name = "遗属"
        verbose_name_plural = "遗属"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="survivor_org")]

    def __str__(self) -> str:
        return self.name
