from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from apps.accounts import actions
from apps.accounts.regions import seed_rows
from apps.core.scope import system_scope


class Command(BaseCommand):
    """Puts reference data into the tables: regions (GB/T 2260) and every app's published rules. Runs again without harm; edited rows stay."""

    help = "载入行政区划、代码表和规则的初始数据；可重复运行，不覆盖已修改的内容。"

    def handle(self, *args, **options) -> None:
        today = timezone.localdate()
        with system_scope("load reference data"), transaction.atomic():
            change = actions.load_regions(rows=seed_rows(), by=None, today=today)
            self.stdout.write(f"行政区划：新增 {len(change.added)}，改名 {len(change.renamed)}，无变化 {change.unchanged}。")
            for config in apps.get_app_configs():
                name = f"{config.name}.standards"
                if config.name.startswith("apps.") and find_spec(name):
                    load = getattr(import_module(name), "load", None)
                    if load:
                        added = load()
                        self.stdout.write(f"{config.verbose_name}：新增 {sum(added.values()) if isinstance(added, dict) else added}。")
