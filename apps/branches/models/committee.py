from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.branches.models.branch import Branch
from apps.cadres.models import Cadre
from apps.core.personal_data import PersonalClass


class Post(models.TextChoices):
    SECRETARY = "secretary", "书记"
    DEPUTY = "deputy", "副书记"
    ORGANISATION = "organisation", "组织委员"
    PUBLICITY = "publicity", "宣传委员"
    DISCIPLINE = "discipline", "纪检委员"
    OTHER = "other", "委员"


class Committee(OrgOwned):
    """One term of a branch's 支部委员会 (or of its 书记 alone), with the facts of the election. The present one began last; an earlier
    one ends, whatever its term, when the next begins. Entered by mistake, it is kept with the reason (``removed_why``) and counts nowhere.
    Places below its own read it, as they read the branch."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="committees")
    starts_on = models.DateField("任期起")
    ends_on = models.DateField("任期止")
    elected_on = models.DateField("选举日期", null=True, blank=True)
    approval_no = models.CharField("批复文号", max_length=60, blank=True)
    eligible = models.PositiveSmallIntegerField("有选举权的应到会人数", null=True, blank=True)
    present = models.PositiveSmallIntegerField("实到会人数", null=True, blank=True)
    seats = models.PositiveSmallIntegerField("应选人数", null=True, blank=True)
    candidates = models.PositiveSmallIntegerField("候选人数", null=True, blank=True)
    removed_why = models.CharField("登记有误", max_length=120, blank=True, default="", db_default="")
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "支部委员会"
        verbose_name_plural = "支部委员会"
        ordering = ["-starts_on", "-pk"]
        indexes = [models.Index(fields=["org_path"], name="committee_org")]
        constraints = [
            models.UniqueConstraint(fields=["branch", "starts_on"], condition=Q(removed_why=""), name="committee_once", violation_error_message="从这一天起的一届已经登记过。"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="committee_dates_in_order"),
            models.CheckConstraint(condition=Q(present=None) | Q(eligible=None) | Q(present__lte=F("eligible")), name="committee_present_of_eligible"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y.%m}—{self.ends_on:%Y.%m}"


class CommitteeMember(OrgOwned):
    """Who holds a post: somebody on the register, or a name (a serving cadre as secretary). ``org`` is the person's place."""

    committee = models.ForeignKey(Committee, verbose_name="支部委员会", on_delete=models.CASCADE, related_name="posts")
    post = models.CharField("职务", max_length=12, choices=Post)
    cadre = models.ForeignKey(Cadre, verbose_name="本人", null=True, blank=True, on_delete=models.PROTECT, related_name="branch_posts")
    name = models.CharField("姓名", max_length=60, blank=True)
    left_on = models.DateField("离任日期", null=True, blank=True)

    PERSONAL = dict.fromkeys(("post", "name", "left_on", "committee"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "支委"
        verbose_name_plural = "支委"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="committee_member_org")]
        constraints = [
            models.CheckConstraint(condition=Q(post__in=Post.values), name="committee_post_known"),
            models.CheckConstraint(condition=Q(cadre__isnull=False) | ~Q(name=""), name="committee_member_is_somebody"),
            models.UniqueConstraint(fields=["committee", "post"], condition=~Q(post="other") & Q(left_on=None), name="committee_post_once"),
        ]
