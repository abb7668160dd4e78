from django.db import models
from django.db.models import F, Q

from apps.accounts.models import OrgOwned
from apps.branches.models.branch import Branch
from apps.cadres.models import Cadre
from apps.core.personal_data import PersonalClass


class MemberStanding(models.TextChoices):
    FORMAL = "formal", "正式党员"
    PROBATIONARY = "probationary", "预备党员"


class HealthClass(models.TextChoices):
    ABLE = "able", "能正常参加"
    LIMITED = "limited", "行动不便"
    BEDRIDDEN = "bedridden", "长期卧病"


class LeftReason(models.TextChoices):
    TRANSFERRED = "transferred", "组织关系转出"
    DECEASED = "deceased", "去世"
    DISSOLVED = "dissolved", "支部撤销"
    REMOVED = "removed", "退党、除名"
    MERGED = "merged", "档案合并"
    MISTAKEN = "mistaken", "误登"


class PartyMember(OrgOwned):
    """A person's membership in a branch. ``org`` is the person's place, at or below the branch's. ``main``: the membership (组织关系) lies here; of these a
    person has one at a time. When he joined the Party stands on his own record."""

    branch = models.ForeignKey(Branch, verbose_name="党支部", on_delete=models.PROTECT, related_name="members")
    cadre = models.ForeignKey(Cadre, verbose_name="本人", on_delete=models.PROTECT, related_name="party_memberships")
    main = models.BooleanField("组织关系在本支部", default=True)
    standing = models.CharField("党员类别", max_length=12, choices=MemberStanding, default=MemberStanding.FORMAL)
    group = models.CharField("党小组", max_length=40, blank=True)
    health = models.CharField("参加活动", max_length=10, choices=HealthClass, blank=True)
    joined_on = models.DateField("转入时间", null=True, blank=True)
    floating_from = models.DateField("外出起", null=True, blank=True)
    floating_to = models.CharField("外出去向", max_length=80, blank=True)
    floating_contact = models.CharField("联系人", max_length=60, blank=True)
    contacted_on = models.DateField("最近联系", null=True, blank=True)
    dues_base = models.DecimalField("党费月基数（元）", max_digits=10, decimal_places=2, null=True, blank=True)
    dues_rate = models.DecimalField("党费比例（%）", max_digits=5, decimal_places=2, null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    left_on = models.DateField("离开时间", null=True, blank=True)
    left_reason = models.CharField("离开原因", max_length=12, choices=LeftReason, blank=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    PERSONAL = dict.fromkeys(
        str.split("branch main standing group health joined_on floating_from floating_to floating_contact contacted_on dues_base dues_rate note left_on left_reason"),
        PersonalClass.INSIDE,
    )

    class Meta:
        verbose_name = "支部党员"
        verbose_name_plural = "支部党员"
        ordering = ["pk"]
        indexes = [models.Index(fields=["org_path"], name="party_member_org")]
        constraints = [
            models.UniqueConstraint(
                fields=["cadre"], condition=Q(main=True, left_on=None), name="party_member_one_branch", violation_error_message="组织关系已在另一个党支部，请先从那里转出。"
            ),
            models.UniqueConstraint(fields=["branch", "cadre"], condition=Q(left_on=None), name="party_member_once", violation_error_message="已经在这个党支部。"),
            models.CheckConstraint(condition=Q(standing__in=MemberStanding.values), name="party_member_standing_known"),
            models.CheckConstraint(condition=Q(health__in=["", *HealthClass.values]), name="party_member_health_known"),
            models.CheckConstraint(condition=Q(left_on=None, left_reason="") | Q(left_on__isnull=False) & ~Q(left_reason=""), name="party_member_left_with_reason"),
            models.CheckConstraint(condition=Q(left_on=None) | Q(joined_on=None) | Q(left_on__gte=F("joined_on")), name="party_member_dates_in_order"),
            models.CheckConstraint(condition=Q(dues_base=None) | Q(dues_base__gte=0), name="party_member_dues_base"),
            models.CheckConstraint(condition=Q(dues_rate=None) | Q(dues_rate__gte=0, dues_rate__lte=100), name="party_member_dues_rate"),
        ]
