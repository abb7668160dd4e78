"""What is done for all brands every day: whoever has something to do is told."""

from celery import shared_task
from django.utils import timezone

from apps.brands.actions.telling import tell_duties
from apps.core.scope import system_scope


@shared_task
def tell_brand_duties() -> None:
    """Daily at 07:50 Asia/Shanghai."""
    with system_scope("duties of brands") as scope:
        tell_duties(scope=scope, today=timezone.localdate(), now=timezone.now())
