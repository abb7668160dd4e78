from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "apps.activity"
    verbose_name = "审计与消息"

    def ready(self) -> None:
        from apps.activity import audit, signals  # noqa: F401
        from apps.core import tones, trail

        trail.plug(audit.record)
        tones.add({"sent": "ok", "sending": "calm"})
