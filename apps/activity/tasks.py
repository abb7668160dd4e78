"""What the worker does for messages."""

from celery import shared_task
from django.utils import timezone

from apps.activity import sending
from apps.activity.robots import sending as robots


@shared_task
def deliver_mail() -> None:
    """Every minute; a second worker at the same time takes other mails."""
    sending.deliver_all(now=timezone.now())


@shared_task
def deliver_to_groups() -> None:
    """Every minute, apart from mail: a robot that doesn't answer keeps no mail waiting."""
    robots.deliver_all(now=timezone.now())
