from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CadresConfig(AppConfig):
    name = "apps.cadres"
    verbose_name = "一人一档"

    def ready(self) -> None:
        """Find what the apps above add to a person's page and do on a life event."""
        autodiscover_modules("person_page", "life_events")
