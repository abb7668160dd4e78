"""A report as files, by hand: document and annex into a folder. A published one is written as it was published."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.selectors import organization_by_code
from apps.core.calendar import Quarter
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered
from apps.files import selectors, storage
from apps.files.reporting import REPORTS


class Command(BaseCommand):
    help = "生成季度报告的正文和附表，写入目录并打印路径。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("kind", help="例如 quarterly_visits")
        parser.add_argument("--org", required=True, help="行政区划代码，例如 360400")
        parser.add_argument("--quarter", required=True, help="例如 2026Q3")
        parser.add_argument("--out", required=True, help="目录；没有则建立")

    def handle(self, *args, kind: str, org: str, quarter: str, out: str, **options) -> None:
        today = timezone.localdate()
        place = organization_by_code(org, today)
        if kind not in REPORTS:
            raise CommandError(f"没有“{kind}”这种报告；现有：{'、'.join(sorted(REPORTS))}。")
        if place is None:
            raise CommandError(f"没有代码为 {org} 的单位。")
        try:
            outputs = self._outputs(REPORTS[kind], place, Quarter.parse(quarter), today)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in outputs:
            (folder / name).write_bytes(content)
            self.stdout.write(str(folder / name))

    @staticmethod
    def _outputs(kind, place, quarter: Quarter, today) -> list[tuple[str, bytes]]:
        with entered(Scope((place.path,))) as scope:
            if run := selectors.published_run(scope, kind.key, place, str(quarter)):
                return [(stored.name, storage.read(stored)) for stored in (run.document, run.annex)]
            context = kind.context(place, quarter, today=today, now=timezone.now())
        return [(one.name, one.content) for one in kind.files(context)]
