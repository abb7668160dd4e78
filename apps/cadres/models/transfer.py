from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.cadres.models.cadre import Cadre
from apps.core.models import ScopedQuerySet
from apps.core.personal_data import PersonalClass
from apps.core.scope import Scope, upper_bound
from apps.files.models import ImportBatch


class TransferState(models.TextChoices):
    OPEN = "open", "等对方确认"
    CONFIRMED = "confirmed", "已调入"
    REFUSED = "refused", "对方未同意"
    WITHDRAWN = "withdrawn", "已撤回"
    LAPSED = "lapsed", "已失效"
    EXPIRED = "expired", "已过期"


def _below(column: str, scope: Scope) -> Q:
    found = Q(pk__in=[])
    for root in scope.roots:
        found |= Q(**{f"{column}__gte": root, f"{column}__lt": upper_bound(root)})
    return found


class TransferQuerySet(ScopedQuerySet):
    """A request is seen from two sides."""

    def visible_to(self, scope: Scope):
        return self.filter(_below("org_path", scope) | _below("giver_path", scope))

    def asked_by(self, scope: Scope):
        return self.filter(_below("org_path", scope))

    def asked_of(self, scope: Scope):
        return self.filter(_below("giver_path", scope))


class TransferRequest(OrgOwned):
    """A unit asks for a person who is registered in another one (调入申请); the giving side confirms, and then the record moves.

    ``org`` is the asking unit, ``giver_path`` where the record stands (or stood when the request was closed), ``giver_name`` the county's name: all
    that the asking side is told. ``name`` and ``id_masked`` are what the asking side itself has written, never what is on record.
    """

    OTHER_PATHS = ("giver_path",)

    cadre = models.ForeignKey(Cadre, verbose_name="本人", on_delete=models.PROTECT, related_name="transfer_requests")
    giver_path = models.CharField("对方层级路径", max_length=160, db_collation="C", editable=False)
    giver_name = models.CharField("登记在", max_length=80)
    name = models.CharField("姓名", max_length=60, blank=True)
    id_masked = models.CharField("身份证号（遮盖）", max_length=18, blank=True)
    reason = models.CharField("申请理由", max_length=300, blank=True)
    document_no = models.CharField("依据文号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=TransferState, default=TransferState.OPEN)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="申请人", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("申请时间")
    expires_on = models.DateField("过期日期")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="答复人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answer = models.CharField("答复", max_length=300, blank=True)
    batch = models.ForeignKey(ImportBatch, verbose_name="来自导入", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    row_id = models.BigIntegerField("导入行", null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    PERSONAL = dict.fromkeys(("name", "id_masked", "reason", "answer", "giver_name", "document_no"), PersonalClass.INSIDE)

    class Meta:
        verbose_name = "调动申请"
        verbose_name_plural = "调动申请"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["org_path", "state"], name="transfer_asking"),
            models.Index(fields=["giver_path", "state"], name="transfer_giving"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TransferState.values), name="transfer_state_known"),
            models.CheckConstraint(condition=(Q(state="open") & Q(answered_at=None)) | (~Q(state="open") & Q(answered_at__isnull=False)), name="transfer_closed_with_when"),
            models.UniqueConstraint(fields=["cadre", "org"], condition=Q(state="open"), name="transfer_open_once"),
        ]

    def __str__(self) -> str:
        return f"调入申请 {self.pk}"
