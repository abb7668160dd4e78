from django.apps import AppConfig

from apps.core import tones

APPLICATION_TONES = {
    "draft": "off", "submitted": "warn", "returned": "late", "to_inspect": "calm", "scored": "calm", "rectifying": "warn", "proposed": "day", "public": "day", "named": "ok",
    "yellow": "late", "removed": "off", "failed": "off", "withdrawn": "off",
}  # fmt: skip


class BranchesConfig(AppConfig):
    name = "apps.branches"
    verbose_name = "党支部"

    def ready(self) -> None:
        """Colours and shapes of a branch's states."""
        tones.add({"dissolved": "off", "probationary": "calm", "formal": "plain", "kept": "ok", "partly": "warn", "void": "off"})
        tones.add({f"application_{state}": tone for state, tone in APPLICATION_TONES.items()})
        tones.add({"in_force": "ok", "retired": "off"})
        tones.add({"reported": "warn", "planned": "calm", "cancelled": "off", "accepted": "ok"})
