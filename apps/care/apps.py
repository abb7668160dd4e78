from django.apps import AppConfig

from apps.core import tones

AID_TONES = {
    "draft": "off", "applied": "calm", "first_reviewed": "calm", "published": "day", "approved": "reg", "paid": "warn", "receipted": "ok", "returned": "warn",
    "refused": "late", "withdrawn": "off",
}  # fmt: skip


class CareConfig(AppConfig):
    name = "apps.care"
    verbose_name = "一人一策与走访"

    def ready(self) -> None:
        """Colours and shapes of care's states."""
        tones.add({"routine": "day", "open": "calm", "dropped": "off", "closed": "off", "ended": "off"})
        tones.add({"submitted": "warn", "approved": "ok", "returned": "late", "withdrawn": "off"})
        tones.add({f"aid_{state}": tone for state, tone in AID_TONES.items()})
