"""Abstract models every app builds on, and the calendar's exceptions."""

from django.db import models
from django.db.models import Q

from apps.core.scope import Scope, upper_bound


class ScopedQuerySet(models.QuerySet):
    """Rows reach a page only through ``visible_to``."""

    def visible_to(self, scope: Scope):
        """Rows at or below the scope's roots; none for an empty scope."""
        if not scope.roots:
            return self.none()
        inside = Q()
        for root in scope.roots:
            inside |= Q(org_path__gte=root, org_path__lt=upper_bound(root))
        return self.filter(inside)


class Scoped(models.Model):
    """A row that belongs to one place in the organisation tree. Its table needs a ``Fence`` in a migration."""

    org_path = models.CharField("层级路径", max_length=160, db_collation="C", editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


class WorkingDayException(models.Model):
    """A day that the weekday alone would get wrong: a public holiday, or a weekend that is worked (调休)."""

    day = models.DateField("日期", unique=True)
    works = models.BooleanField("是否上班")
    name = models.CharField("说明", max_length=40, blank=True)

    class Meta:
        verbose_name = "工作日调整"
        verbose_name_plural = "工作日调整"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {'上班' if self.works else '放假'} {self.name}"
