"""Report runs and export runs."""

from datetime import date

from django.urls import reverse

from apps.accounts.models import Organization, User
from apps.core.scope import Scope, system_scope
from apps.files.models import ExportRun, ReportRun


def runs(scope: Scope):
    """Reports of organisations in the scope, newest first, without their data."""
    return ReportRun.objects.visible_to(scope).select_related("org", "document", "annex", "created_by", "published_by").defer("context").order_by("-pk")


def run(scope: Scope, pk: int) -> ReportRun:
    """Raises ``ReportRun.DoesNotExist`` outside the scope."""
    return runs(scope).get(pk=pk)


def run_for_work(pk: int) -> ReportRun | None:
    """For workers, who know no more than the number; what they do then happens inside the report's own organisation."""
    with system_scope("report: whose run is this") as scope:
        return runs(scope).filter(pk=pk).first()


def run_url(pk: int) -> str:
    return reverse("files:report", args=[pk])


def published_run(scope: Scope, kind: str, org: Organization, period: str) -> ReportRun | None:
    return runs(scope).filter(kind=kind, org=org, period=period, state="published").first()


def reporting_places(scope: Scope, levels: tuple[str, ...], today: date):
    """Organisations of the given levels in the scope, in the order of the register."""
    return Organization.objects.visible_to(scope).in_force(today).filter(level__in=levels).order_by("path")


def all_exports(scope: Scope):
    return ExportRun.objects.visible_to(scope).select_related("org", "file", "created_by").order_by("-pk")


def exports_of(user: User, scope: Scope):
    """One's own exports for places in the scope, newest first: nobody else sees them."""
    return all_exports(scope).filter(created_by=user)


def export_for_work(pk: int) -> ExportRun | None:
    """For workers, who know no more than the number; what they do then happens inside the scope of the one who asked."""
    with system_scope("export: whose run is this") as scope:
        return all_exports(scope).filter(pk=pk).first()


def export_url(pk: int) -> str:
    return reverse("files:export", args=[pk])
