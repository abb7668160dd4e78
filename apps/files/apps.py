from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from apps.core import tones


class FilesConfig(AppConfig):
    name = "apps.files"
    verbose_name = "文件、导入与报告"

    def ready(self) -> None:
        """Find the sheets, reports and attachment rules that the apps above declare."""
        tones.add({"reading": "calm", "checked": "warn", "confirmed": "calm", "applying": "calm", "undoing": "calm"})
        autodiscover_modules("sheets", "reports", "attachments", "keeping", "exports", "undoing")
