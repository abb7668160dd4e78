from random import Random

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.demo import create_accounts
from apps.cadres.models import Cadre
from apps.care.reminders import open_reminders, send_digests
from apps.core.scope import system_scope
from apps.dashboard.demo.people import make_people
from apps.dashboard.demo.places import build_units
from apps.dashboard.demo.work import do_the_work


class Command(BaseCommand):
    """Fills an empty deployment with invented people of two cities. Refused where demo data isn't allowed, and beside real people."""

    help = "建立演示数据：九江市、齐齐哈尔市的虚构人员、方案、走访和演示账号。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="已有人员时不做任何事")

    def handle(self, *args, **options) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("正式环境不能建立演示数据。")
        today = timezone.localdate()
        with system_scope("seed demo data"):
            if Cadre.objects.exists():
                if options["if_empty"]:
                    return
                raise CommandError("已有人员登记，演示数据只放进空库。")
            random = Random(2026)
            units = build_units()
            create_accounts()
            people = make_people(units, today=today, random=random)
            counts = do_the_work(units, today=today, random=random)
        with system_scope("remind of demo data"):
            open_reminders(today=today)
            send_digests(today=today, now=timezone.now())
        self.stdout.write(f"演示数据：{people} 人，{counts['plans']} 份方案，{counts['visits']} 次走访，{counts['items']} 个服务事项，{counts['todos']} 件待办。全部虚构。")
