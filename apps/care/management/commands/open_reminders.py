"""Open and tell the reminders of a day: what beat does at 07:30, by hand. Doing a day twice adds nothing."""

import json
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.care.tasks import run_day


class Command(BaseCommand):
    help = "开出某一天的走访提醒并发送每日摘要；同一天重复执行不会重复提醒。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--date", help="YYYY-MM-DD，缺省为今天（北京时间）")
        parser.add_argument("--json", action="store_true", help="只输出一行 JSON")

    def handle(self, *args, date: str | None, json: bool, **options) -> None:
        done = run_day(_day(date), now=timezone.now())
        self.stdout.write(_json(done) if json else f"新开提醒 {done['opened']} 条，此前已开 {done['already']} 条，发出每日摘要 {done['digests']} 份。")


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError as wrong:
        raise CommandError(f"日期“{text}”看不懂，请写成 2026-11-21 的形式。") from wrong


def _json(done: dict) -> str:
    return json.dumps(done)
