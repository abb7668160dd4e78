from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.branches.models.branch import Branch
from apps.core.personal_data import PersonalClass


class Exemplar(OrgOwned):
    """典型: a branch described for others to learn from, in a quarter. Once published, it is read in the whole city; taken down, only where it lies."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="exemplars")
    year = models.PositiveSmallIntegerField("年度")
    quarter = models.PositiveSmallIntegerField("季度")
    title = models.CharField("标题", max_length=60)
    text = models.TextField("做法", max_length=2000)
    published_on = models.DateField("发布日期", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="选树人", on_delete=models.PROTECT, related_name="+", editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("text",), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "典型党支部"
        verbose_name_plural = "典型党支部"
        ordering = ["-year", "-quarter", "-pk"]
        indexes = [models.Index(fields=["org_path", "year", "quarter"], name="exemplar_org")]
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "year", "quarter"], name="exemplar_once", violation_error_message="这个党支部这个季度已经选为典型，请在那一篇上改。"
            ),
            models.CheckConstraint(condition=Q(quarter__gte=1, quarter__lte=4), name="exemplar_quarter"),
        ]

    def __str__(self) -> str:
        return self.title
