"""Imports in the background."""

from celery import shared_task
from django.utils import timezone

from apps.files import actions


@shared_task
def read_batch(batch_id: int) -> None:
    actions.read_batch(batch_id=batch_id, now=timezone.now(), today=timezone.localdate())


@shared_task
def apply_batch(batch_id: int) -> None:
    actions.apply_batch(batch_id=batch_id, now=timezone.now())
