"""One person with everything the registry keeps about him or her."""

from apps.activity.models import AuditEvent
from apps.cadres.models import Cadre, Relative, StatusChange, Survivor, Treatment
from apps.core.scope import Scope
from apps.files.models import StoredFile

LABEL = "cadres.Cadre"
READINGS = ("cadre.viewed", "cadre.revealed", "cadre.printed", "file.opened")


def cadre(scope: Scope, pk: int) -> Cadre:
    """Raises ``Cadre.DoesNotExist`` outside the scope."""
    return Cadre.objects.visible_to(scope).select_related("org", "org__parent").get(pk=pk)


def relatives(scope: Scope, cadre: Cadre):
    return Relative.objects.visible_to(scope).filter(cadre=cadre)


def survivors(scope: Scope, cadre: Cadre):
    return Survivor.objects.visible_to(scope).filter(cadre=cadre)


def treatments(scope: Scope, cadre: Cadre):
    return Treatment.objects.visible_to(scope).filter(cadre=cadre)


def status_changes(scope: Scope, cadre: Cadre):
    return StatusChange.objects.visible_to(scope).filter(cadre=cadre).select_related("recorded_by")


def documents(scope: Scope, cadre: Cadre):
    """Files kept with the person, newest first."""
    return StoredFile.objects.visible_to(scope).filter(label=LABEL, subject_id=cadre.pk).select_related("created_by").order_by("-created_at", "-pk")


def readings(scope: Scope, cadre: Cadre, limit: int = 30):
    """Who looked at the person's page, opened a closed value or printed, newest first."""
    return AuditEvent.objects.visible_to(scope).filter(label=LABEL, key=str(cadre.pk), verb__in=READINGS).order_by("-pk")[:limit]
