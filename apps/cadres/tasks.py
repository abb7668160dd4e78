"""What the registry does by itself."""

from celery import shared_task
from django.utils import timezone

from apps.cadres import actions


@shared_task
def settle_transfers() -> None:
    """Daily at 07:10 Asia/Shanghai."""
    actions.settle_transfers(today=timezone.localdate(), now=timezone.now())
