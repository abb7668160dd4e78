from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.branches.models.committee import Committee


class ElectionStep(models.TextChoices):
    """The papers of a 换届, in their order (as published schemes have it)."""

    REQUEST = "request", "换届请示"
    APPROVAL = "approval", "同意换届的批复"
    CANDIDATES = "candidates", "候选人预备人选请示"
    CANDIDATES_APPROVED = "approved", "候选人预备人选批复"
    ELECTION = "election", "召开党员大会选举"
    RESULT = "result", "选举结果报告"
    CONFIRMED = "confirmed", "选举结果批复"


class ElectionPaper(OrgOwned):
    """A paper of the 换届 that follows a term, once it is there. Lies with the branch."""

    term = models.ForeignKey(Committee, verbose_name="届", on_delete=models.PROTECT, related_name="papers")
    step = models.CharField("材料", max_length=12, choices=ElectionStep)
    done_on = models.DateField("日期")
    document_no = models.CharField("文号", max_length=60, blank=True)
    note = models.CharField("说明", max_length=120, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        verbose_name = "换届材料"
        verbose_name_plural = "换届材料"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["term", "step"], name="election_paper_once", violation_error_message="这份材料已经登记过。"),
            models.CheckConstraint(condition=Q(step__in=ElectionStep.values), name="election_paper_step_known"),
        ]

    def __str__(self) -> str:
        return self.get_step_display()
