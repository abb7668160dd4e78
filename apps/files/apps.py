from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FilesConfig(AppConfig):
    name = "apps.files"
    verbose_name = "文件、导入与报告"

    def ready(self) -> None:
        """Find the sheets, reports and attachment rules that the apps above declare."""
        autodiscover_modules("sheets", "reports", "attachments")
