"""What is done for all brands every day: who owes a report is told."""

from celery import shared_task
from django.utils import timezone

from apps.brands.actions.reports import tell_who_owes
from apps.core.scope import system_scope


@shared_task
def tell_reports_due() -> None:
    """Daily at 07:50 Asia/Shanghai."""
    with system_scope("reports of brands") as scope:
        tell_who_owes(scope=scope, today=timezone.localdate(), now=timezone.now())
