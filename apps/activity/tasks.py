"""What the worker does for messages."""

from celery import shared_task
from django.utils import timezone

from apps.activity import sending


@shared_task
def deliver_mail() -> None:
    """Every minute; a second worker at the same time takes other mails."""
    sending.deliver_all(now=timezone.now())
