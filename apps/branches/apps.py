from django.apps import AppConfig

from apps.core import tones


class BranchesConfig(AppConfig):
    name = "apps.branches"
    verbose_name = "党支部"

    def ready(self) -> None:
        """Colours and shapes of a branch's states."""
        tones.add({"dissolved": "off", "probationary": "calm", "formal": "plain", "kept": "ok", "partly": "warn", "void": "off"})
        tones.add({"reported": "warn", "planned": "calm", "cancelled": "off", "accepted": "ok"})
