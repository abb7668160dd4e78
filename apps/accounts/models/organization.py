from django.db import models
from django.db.models import F, Q

from apps.core.scope import Scope, upper_bound


class Level(models.TextChoices):
    COUNTRY = "country", "全国"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"
    TOWNSHIP = "township", "乡镇街道"
    COMMUNITY = "community", "村（社区）"
    BUREAU = "bureau", "老干部局（室）"
    UNIT = "unit", "单位"


class OrganizationQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Organisations at or below the scope's roots; none for an empty scope."""
        inside = Q(pk__in=[])
        for root in scope.roots:
            inside |= Q(path__gte=root, path__lt=upper_bound(root))
        return self.filter(inside)

    def in_force(self, today):
        """Organisations that exist on ``today`` (regions come and go by GB/T 2260)."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_to=None) | Q(valid_to__gte=today))


class Organization(models.Model):
    """A node of the tree. County and above carry their GB/T 2260 code and stand for the place and its veteran-cadre bureau alike."""

    parent = models.ForeignKey("self", verbose_name="上级", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    name = models.CharField("名称", max_length=80)
    short_name = models.CharField("简称", max_length=40, blank=True)
    level = models.CharField("类别", max_length=12, choices=Level)
    code = models.CharField("行政区划代码", max_length=12, null=True, blank=True, db_collation="C", help_text="GB/T 2260 六位；省两位、市四位补零前的前缀用于层级路径")
    path = models.CharField("层级路径", max_length=160, unique=True, editable=False, db_collation="C")
    order = models.PositiveIntegerField("排序", default=0)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = "组织机构"
        verbose_name_plural = "组织机构"
        ordering = ["path"]
        indexes = [models.Index(fields=["parent", "order"], name="org_parent_order"), models.Index(fields=["code"], name="org_code")]
        constraints = [
            models.CheckConstraint(condition=Q(path__startswith="/", path__endswith="/"), name="org_path_shape"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="org_level_known"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")), name="org_dates_in_order"),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="org_code_once_in_force"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.short_name or self.name

    @property
    def depth(self) -> int:
        """Number of segments in the path: country 0, province 1, city 2, county 3."""
        return self.path.count("/") - 1
