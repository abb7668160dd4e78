from django.apps import AppConfig

from apps.core import tones


class CareConfig(AppConfig):
    name = "apps.care"
    verbose_name = "一人一策与走访"

    def ready(self) -> None:
        """Colours and shapes of care's states."""
        tones.add({"routine": "day", "open": "calm", "dropped": "off", "closed": "off", "ended": "off"})
