import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.branches.models.branch import Branch
from apps.branches.models.member import PartyMember
from apps.core.personal_data import PersonalClass


class ActivityKind(models.TextChoices):
    MEETING = "meeting", "党员大会"
    COMMITTEE = "committee", "支委会"
    GROUP = "group", "党小组会"
    LECTURE = "lecture", "党课"
    THEME = "theme", "主题党日"
    LIFE = "life", "组织生活会"
    REVIEW = "review", "民主评议党员"
    TALK = "talk", "谈心谈话"
    HOME = "home", "送学上门"
    VOLUNTEER = "volunteer", "志愿服务"
    OTHER = "other", "其他活动"


FOR_ALL = (ActivityKind.MEETING, ActivityKind.LECTURE, ActivityKind.THEME, ActivityKind.LIFE, ActivityKind.REVIEW)
"""Kinds to which all members are called: these make the attendance rate."""


class Activity(OrgOwned):
    """One piece of organisation life (组织生活), once, where the branch that held it lies; each branch that took part counts it by its ``Participation``.

    ``once`` makes pressing twice save once. Logged by mistake, it is kept with the reason (``removed_why``) and counts nowhere.
    """

    branch = models.ForeignKey(Branch, verbose_name="主办党支部", on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField("类别", max_length=10, choices=ActivityKind)
    held_on = models.DateField("日期")
    title = models.CharField("主题", max_length=80)
    place = models.CharField("地点", max_length=80, blank=True)
    speaker = models.CharField("主讲人、主持人", max_length=60, blank=True)
    by_secretary = models.BooleanField("书记讲党课", default=False)
    group = models.CharField("党小组", max_length=40, blank=True)
    hours = models.DecimalField("学时", max_digits=4, decimal_places=1, null=True, blank=True)
    guests = models.PositiveSmallIntegerField("其他参加人数", default=0)
    minutes = models.TextField("记录", max_length=4000, blank=True)
    once = models.UUIDField("一次", unique=True, default=uuid.uuid4, editable=False)
    removed_why = models.CharField("登记有误", max_length=120, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField("登记时间", auto_now_add=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(("speaker", "minutes"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "组织生活"
        verbose_name_plural = "组织生活"
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["org_path", "held_on"], name="activity_org_day")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=ActivityKind.values), name="activity_kind_known")]

    def __str__(self) -> str:
        return self.title


class Participation(OrgOwned):
    """How a branch counts an activity; it lies with that branch, so that a joint one is on the books of each. What the branch must know of it is copied
    here: whoever took part elsewhere can't read the host's record. ``present`` None: a partner hasn't named its people yet."""

    activity = models.ForeignKey(Activity, verbose_name="活动", on_delete=models.CASCADE, related_name="participations")
    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="participations")
    host = models.BooleanField("主办", default=True)
    host_name = models.CharField("主办党支部", max_length=80, blank=True)
    kind = models.CharField("类别", max_length=10, choices=ActivityKind)
    held_on = models.DateField("日期")
    title = models.CharField("主题", max_length=80)
    place = models.CharField("地点", max_length=80, blank=True)
    by_secretary = models.BooleanField("书记讲党课", default=False)
    expected = models.PositiveSmallIntegerField("应到", null=True, blank=True)
    present = models.PositiveSmallIntegerField("实到", null=True, blank=True)
    removed = models.BooleanField("已撤回", default=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "参加活动的党支部"
        verbose_name_plural = "参加活动的党支部"
        ordering = ["-held_on", "-pk"]
        indexes = [
            models.Index(fields=["branch", "held_on", "kind"], condition=Q(removed=False), name="participation_branch_day"),
            models.Index(fields=["org_path", "held_on"], condition=Q(removed=False), name="participation_org_day"),
            models.Index(fields=["-held_on", "-id"], condition=Q(removed=False), name="participation_latest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["activity", "branch"], name="participation_once"),
            models.CheckConstraint(condition=Q(kind__in=ActivityKind.values), name="participation_kind_known"),
            models.CheckConstraint(condition=Q(present=None) | Q(expected=None) | Q(present__lte=F("expected")), name="participation_present_of_expected"),
        ]

    def __str__(self) -> str:
        return self.title


class Attendance(OrgOwned):
    """A member who took part: on the spot, or at home, where what was studied was brought (送学上门). Lies with the branch."""

    participation = models.ForeignKey(Participation, verbose_name="活动", on_delete=models.CASCADE, related_name="attendances")
    member = models.ForeignKey(PartyMember, verbose_name="党员", on_delete=models.PROTECT, related_name="attendances")
    at_home = models.BooleanField("送学上门", default=False)

    PERSONAL = dict.fromkeys(("participation", "member", "at_home"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "到会"
        verbose_name_plural = "到会"
        constraints = [models.UniqueConstraint(fields=["participation", "member"], name="attendance_once")]
