import json

from django.core.management.base import BaseCommand, CommandError

from apps.activity.chain import verify


class Command(BaseCommand):
    """Recomputes the audit's hash chain. Exit 0 when it is whole, 1 when an event was changed, removed or slipped in."""

    help = "核验审计记录的散列链；末端散列值可抄录到平台之外留存。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args, **options) -> None:
        verdict = verify()
        if options["json"]:
            facts = {"checked": verdict.checked, "broken_at": verdict.broken_at, "unsealed": verdict.unsealed, "head": verdict.head, "sound": verdict.sound}
            self.stdout.write(json.dumps(facts))
        if not verdict.sound:
            raise CommandError(f"审计链不完整：已核 {verdict.checked} 条，第 {verdict.broken_at} 处不符，未封 {verdict.unsealed} 条。")
        if not options["json"]:
            self.stdout.write(f"审计链完整：{verdict.checked} 条，末端 {verdict.head}")
