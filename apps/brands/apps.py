from django.apps import AppConfig

from apps.core import tones

BRAND_TONES = {
    "draft": "off", "applied": "warn", "returned": "late", "hearing": "calm", "building": "day", "applying": "warn", "shortlisted": "calm", "proposed": "day", "public": "day",
    "named": "ok", "spreading": "ok", "rectifying": "late", "removed": "off", "stopped": "off",
}  # fmt: skip
PLAN_TONES = {"doing": "day", "adopted": "ok", "adapted": "ok", "dropped": "off"}


class BrandsConfig(AppConfig):
    name = "apps.brands"
    verbose_name = "一县一品"

    def ready(self) -> None:
        """Colours and shapes of the states of brands, reports and plans to learn."""
        tones.add({f"brand_{state}": tone for state, tone in BRAND_TONES.items()})
        tones.add({f"study_{state}": tone for state, tone in PLAN_TONES.items()})
