from django.conf import settings
from django.db import models

from apps.accounts.models import OrgOwned


class VisitSample(OrgOwned):
    """每周抽看: some visits logged in one week, drawn once per place with a seed that is kept, so that the draw can be repeated. ``rows``: visit key → why
    it may be worth a word ([] for those drawn at random). It judges nobody."""

    week = models.DateField("周一")
    seed = models.BigIntegerField("随机种子")
    rows = models.JSONField("抽到的走访", default=list)
    drawn_at = models.DateTimeField("抽取时间", auto_now_add=True)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="抽取人", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "每周抽看"
        verbose_name_plural = "每周抽看"
        ordering = ["-week", "-pk"]
        constraints = [models.UniqueConstraint(fields=["org", "week"], name="one_sample_a_week")]
        indexes = [models.Index(fields=["org_path"], name="visit_sample_org")]
