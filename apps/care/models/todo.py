from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.accounts.models import OrgOwned
from apps.cadres.models import Cadre, Survivor
from apps.care.models.plan import PlanItem
from apps.care.models.visit import Visit


class ToDoState(models.TextChoices):
    OPEN = "open", "待办"
    DONE = "done", "已办"
    CLOSED = "closed", "不再需要"


class Source(models.TextChoices):
    """What a to-do comes from. The rhythm of visits (``apps.care.reminders.rules``) is owed by the plan itself and stands in no row."""

    OCCASION = "occasion", "必访"
    CAMPAIGN = "campaign", "集中走访"
    ITEM = "item", "服务事项"
    PROMISE = "promise", "答应的事"
    DOCTOR = "doctor", "家医续约"
    REVIEW = "review", "类别复核"


WITHOUT_A_VISIT = (Source.REVIEW, Source.DOCTOR)
"""Settled by an act of its own on the plan, not by going there."""


class ToDo(OrgOwned):
    """One thing owed to one person by a day (待办): a visit for an occasion, a step of a service item, a promise, a renewal, a reassessment.

    ``rule`` and ``subject_id`` say what it comes from: an occasion's key and the event, birthday or festival of a year (as ``YYYYMMDD``), a
    campaign, an item and its date (``item.pk * 100000`` + days since 1970), a promise, a doctor's contract. Together with the person they are
    unique, so a rule that runs twice opens it once. ``first_due_on`` is kept when somebody moves the day. What ``concerns`` the survivor outlives the
    person's death. ``meet``: only meeting settles it. ``visit`` settled it; ``promised_at`` is the visit it was promised at.
    """

    cadre = models.ForeignKey(Cadre, verbose_name="服务对象", on_delete=models.PROTECT, related_name="todos", db_index=False)
    survivor = models.ForeignKey(Survivor, verbose_name="遗属", null=True, blank=True, on_delete=models.PROTECT, related_name="todos")
    source = models.CharField("来源", max_length=10, choices=Source)
    rule = models.CharField("规则", max_length=40, db_collation="C")
    subject_id = models.BigIntegerField("来自", default=0)
    title = models.CharField("事项", max_length=80)
    concerns = models.CharField("走访谁", max_length=10, choices=[("cadre", "本人"), ("survivor", "遗属")], default="cadre")
    occasion = models.CharField("走访事由", max_length=20, blank=True, db_collation="C")
    meet = models.BooleanField("须见面", default=False)
    opens_on = models.DateField("开始提示")
    due_on = models.DateField("应办日期")
    first_due_on = models.DateField("原应办日期")
    worker = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="责任人", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField("状态", max_length=6, choices=ToDoState, default=ToDoState.OPEN)
    done_on = models.DateField("办结日期", null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="办结人", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, verbose_name="随走访办结", null=True, blank=True, on_delete=models.PROTECT, related_name="settled")
    item = models.ForeignKey(PlanItem, verbose_name="服务事项", null=True, blank=True, on_delete=models.PROTECT, related_name="todos")
    promised_at = models.ForeignKey(Visit, verbose_name="走访时答应", null=True, blank=True, on_delete=models.PROTECT, related_name="promises")
    result = models.CharField("办理结果", max_length=300, blank=True)
    moved_note = models.CharField("改期原因", max_length=120, blank=True)
    created_at = models.DateTimeField("开出时间", auto_now_add=True)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    class Meta:
        verbose_name = "待办"
        verbose_name_plural = "待办"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cadre", "survivor", "rule", "subject_id"], nulls_distinct=False, name="todo_once"),
            models.CheckConstraint(condition=Q(state__in=ToDoState.values), name="todo_state_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="todo_source_known"),
            models.CheckConstraint(
                condition=(Q(state="open") & Q(done_on=None, visit=None)) | (Q(state="done") & Q(done_on__isnull=False)) | Q(state="closed"), name="todo_done_with_day"
            ),
            models.CheckConstraint(condition=Q(opens_on__lte=models.F("due_on")), name="todo_opens_before_due"),
        ]
        indexes = [
            models.Index(fields=["org_path", "due_on"], condition=Q(state="open"), name="todo_org_due"),
            models.Index(fields=["worker", "due_on"], condition=Q(state="open"), name="todo_worker_due"),
            models.Index(fields=["due_on", "id"], condition=Q(state="open"), name="todo_due"),
            models.Index(fields=["source", "rule", "subject_id"], name="todo_by_subject"),
        ]

    def __str__(self) -> str:
        return self.title
