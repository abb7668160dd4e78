from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CadresConfig(AppConfig):
    name = "apps.cadres"
    verbose_name = "一人一档"

    def ready(self) -> None:
        """Find what the apps above add to a person's page and do on a life event."""
        autodiscover_modules("person_page", "life_events", "merge_relations")
        import_module("apps.cadres.statistics.annual")  # its cells are metrics, wherever a list is asked
