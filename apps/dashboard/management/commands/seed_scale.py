"""``manage.py seed_scale --cadres 1000000 --visits 1000000 --top 36``: an empty database becomes a large one, for measuring."""

import json
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.refusal import Refused
from apps.dashboard.scale import fill, tidy

MOST = 20_000_000


class Command(BaseCommand):
    help = "用虚构人员快速填满一个空库，供测量使用：人员、本年度方案（应办日期已算好）和走访。正式环境和已有人员的库都会拒绝。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--cadres", type=int, required=True, help="人数")
        parser.add_argument("--visits", type=int, default=0, help="走访次数")
        parser.add_argument("--top", default="36", help="行政区划代码的前几位：36 为省，3604 为市，360403 为县")
        parser.add_argument("--json", action="store_true", help="只输出一行 JSON")

    def handle(self, *args, cadres: int, visits: int, top: str, json: bool, **options) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("正式环境不能放入测量用的数据。")
        if not (0 < cadres <= MOST and 0 <= visits <= MOST):
            raise CommandError(f"人数应为 1 到 {MOST:,}，走访次数应为 0 到 {MOST:,}。")
        start = time.monotonic()

        def told(words: str) -> None:
            if not json:
                self.stderr.write(f"{time.monotonic() - start:7.1f} s  {words}")

        try:
            filled = fill(cadres=cadres, visits=visits, top=top, today=timezone.localdate(), now=timezone.now(), told=told)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        told("vacuum and analyze")
        tidy()
        seconds = round(time.monotonic() - start, 1)
        if json:
            self.stdout.write(_line({**filled.as_dict(), "seconds": seconds}))
        else:
            self.stdout.write(
                f"{filled.counties} 个县区、{filled.units} 个单位、{filled.users} 个账号；{filled.cadres:,} 人、{filled.plans:,} 份方案、"
                f"{filled.visits:,} 次走访、{filled.changes:,} 条增减变动，用时 {seconds} 秒。全部虚构。"
            )


def _line(found: dict) -> str:
    return json.dumps(found)
