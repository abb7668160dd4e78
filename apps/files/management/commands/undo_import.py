"""``manage.py undo_import BATCH --user NAME [--apply] [--json]``: what taking a batch back would do; with ``--apply`` does it."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.core.refusal import Refused
from apps.core.scope import Scope, entered
from apps.files import actions, selectors
from apps.files.importing import undoing, undone
from apps.files.models import BatchState, ImportBatch, Undone
from apps.files.sheetkinds import SHEETS

LISTED = 200


class Command(BaseCommand):
    help = "Tell what taking an applied batch back would do; with --apply do it. Exit code 1 when it can't be done."

    def add_arguments(self, parser) -> None:
        parser.add_argument("batch", type=int, help="number of the batch")
        parser.add_argument("--user", required=True, help="user name on whose behalf; needs the right to undo there")
        parser.add_argument("--apply", action="store_true", help="do it; without, nothing is written")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a summary")

    def handle(self, *args, **options) -> None:
        try:
            answer = self.run(options)
        except Refused as refused:
            answer = {"error": {"code": refused.code, "message": refused.sentence}}
        self.answer(answer, options["json"])
        if "error" in answer:
            raise SystemExit(1)

    def run(self, options: dict) -> dict:
        """Verdicts with counts and, for what stays, the reasons. Raises ``Refused``."""
        user, today = selectors.importing_user(options["user"]), timezone.localdate()
        if user is None:
            raise Refused(f"没有名为 {options['user']} 的可用账号。", code="user_unknown")
        batch = self._batch(options["batch"])
        scope = Scope((batch.org.path,))
        with entered(scope):
            if reason := actions.reason_against_undoing(batch, user, today):
                raise Refused(reason, code="not_undoable")
        if not options["apply"]:
            with entered(scope):
                return self._dry(batch, scope)
        with entered(scope):
            actions.start_undo(batch=batch, by=user, today=today)
        actions.undo_batch(batch_id=batch.pk, now=timezone.now())
        batch = self._batch(batch.pk)
        if batch.state != BatchState.UNDONE:
            raise Refused(batch.error, code=batch.error_code)
        with entered(scope):
            return {"batch": batch.pk, "applied": True, **batch.undone_counts, "reasons": self._kept(batch, scope)}

    @staticmethod
    def _batch(number: int) -> ImportBatch:
        try:
            return selectors.batch_for_work(number)
        except ImportBatch.DoesNotExist:
            raise Refused(f"没有第 {number} 批。", code="batch_unknown") from None

    @staticmethod
    def _dry(batch: ImportBatch, scope: Scope) -> dict:
        kind = SHEETS[batch.kind]
        undoing.judge(batch, kind)
        lines = [line for verdict in (Undone.PARTLY, Undone.KEPT) for line in undone.before(kind, scope, verdict, 0, LISTED)]
        return {"batch": batch.pk, "applied": False, **undoing.counts(batch), "reasons": [{"where": one["where"], "reasons": one["reasons"]} for one in lines]}

    @staticmethod
    def _kept(batch: ImportBatch, scope: Scope) -> list[dict]:
        kind = SHEETS[batch.kind]
        rows = [row for verdict in (Undone.PARTLY, Undone.KEPT) for row in selectors.undone_rows(scope, batch, verdict)[:LISTED]]
        return [{"where": one["where"], "reasons": one["reasons"]} for one in undone.afterwards(kind, scope, rows, Undone.KEPT)]

    def answer(self, answer: dict, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        elif "error" in answer:
            self.stderr.write(answer["error"]["message"])
        else:
            self.stdout.write(f"第 {answer['batch']} 批：{undone.sentence(answer, '条', answer['applied'])}" + ("" if answer["applied"] else "没有写入；加 --apply 才会撤销。"))
            for one in answer["reasons"]:
                self.stdout.write(f"{one['where']}\t{'；'.join(one['reasons'])}")
