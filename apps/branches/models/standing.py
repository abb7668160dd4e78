from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import OrgOwned
from apps.branches.models.branch import Branch


class Standing(OrgOwned):
    """How a branch stands on a day: what speaks against it and which figures count it. Derived, kept so that lists and figures needn't judge every branch
    anew; counted when read (``selectors.standing.settle``). Lies with the branch.

    ``findings``: [key, level, sentence, source] each; ``keys`` theirs; ``flags`` the figures that count it. No sentence names a person.
    """

    branch = models.OneToOneField(Branch, verbose_name="党支部", on_delete=models.CASCADE, related_name="standing")
    day = models.DateField("日期")
    members = models.PositiveIntegerField("党员数")
    probationary = models.PositiveIntegerField("预备党员数")
    wrong = models.BooleanField("不合规定")
    findings = models.JSONField("需要核对的")
    keys = ArrayField(models.CharField(max_length=24), verbose_name="事项")
    flags = ArrayField(models.CharField(max_length=24), verbose_name="指标")

    class Meta:
        verbose_name = "党支部现状"
        verbose_name_plural = "党支部现状"
        indexes = [models.Index(fields=["org_path"], name="standing_org")]


class StandingMark(models.Model):
    """Something a standing rests on has changed. Written by triggers (migration 0011) in the transaction of the change, taken away by whoever counts anew;
    inserted, never updated, so that two writers never wait for each other. Not scoped: it says nothing but a key."""

    branch_id = models.BigIntegerField(db_index=True)

    class Meta:
        verbose_name = "党支部现状待更新"
        verbose_name_plural = "党支部现状待更新"
