"""``manage.py import_sheet roster FILE --org CODE --user NAME [--apply] [--set kind=退休] [--column 列名=项目] [--json]``."""

import json
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.accounts import selectors as people
from apps.accounts.models import Organization, User
from apps.core.refusal import Refused
from apps.core.scope import Scope, entered
from apps.core.workbooks.titles import memory_key
from apps.files import actions, selectors
from apps.files.models import BatchState, ImportBatch
from apps.files.sheetkinds import SHEETS

CHUNK = 2**20


class Command(BaseCommand):
    help = "Read and check a sheet for an organisation; with --apply also write it. Exit code 1 when the file can't be read."

    def add_arguments(self, parser) -> None:
        parser.add_argument("kind", help="kind of sheet: " + ", ".join(sorted(SHEETS)))
        parser.add_argument("file", type=Path)
        parser.add_argument("--org", required=True, help="GB/T 2260 code, key or path of the organisation the file speaks for")
        parser.add_argument("--user", required=True, help="user name on whose behalf; needs the right to import there")
        parser.add_argument("--apply", action="store_true", help="write the good rows")
        parser.add_argument("--all-or-nothing", action="store_true", help="with --apply: write only if no row is refused")
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="one value for a column the file lacks, e.g. kind=退休")
        parser.add_argument("--column", action="append", default=[], metavar="TITLE=FIELD", help="what a column is: a field, ~aside (side note) or nothing (ignored)")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a summary")

    def handle(self, *args, **options) -> None:
        try:
            answer = self.run(options)
        except Refused as refused:
            self.answer({"error": {"code": refused.code, "message": refused.sentence}}, options["json"])
            raise SystemExit(1) from None
        self.answer(answer, options["json"])

    def run(self, options: dict) -> dict:
        """The whole way of one file; raises ``Refused`` when it can't be gone."""
        today = timezone.localdate()
        org, user = self._org(options["org"], today), self._user(options["user"], options["kind"])
        scope = self._scope(user, org, options["kind"], today)
        batch = self._open(options, org, user, scope, today)
        actions.read_batch(batch_id=batch.pk, now=timezone.now(), today=today)
        batch = self._told(self._fresh(batch, scope), options["column"], user, scope, today)
        if batch.state == BatchState.FAILED:
            raise Refused(batch.error, code=batch.error_code)
        self._ask(batch, options)
        self._tell_same_file(batch, scope)
        if options["apply"] and (batch.counts["new"] or batch.counts["changed"]):
            with entered(scope):
                actions.confirm_batch(batch=batch, by=user, whole_only=options["all_or_nothing"])
            actions.apply_batch(batch_id=batch.pk, now=timezone.now())
            batch = self._fresh(batch, scope)
            if batch.state != BatchState.APPLIED:
                raise Refused(batch.error, code=batch.error_code)
        with entered(scope):
            problems = list(selectors.problems(scope, batch))
        return {key: batch.counts[key] for key in ("rows", "new", "changed", "unchanged", "refused")} | {"batch": batch.pk, "problems": problems}

    def _open(self, options: dict, org: Organization, user: User, scope: Scope, today) -> ImportBatch:
        path = options["file"]
        if not path.is_file():
            raise Refused(f"找不到文件 {path}。", code="file_missing")
        if path.stat().st_size > settings.UPLOAD_MAX_BYTES:
            raise Refused(f"文件超过 {settings.UPLOAD_MAX_BYTES // 2**20} MB，无法读取。请分成几个文件。", code="too_large")
        with path.open("rb") as content, entered(scope):
            return actions.open_batch(
                kind=options["kind"], content=iter(lambda: content.read(CHUNK), b""), name=path.name, content_type="application/octet-stream",
                org=org, by=user, today=today, given=self._given(options["set"]),
            )  # fmt: skip

    def _tell_same_file(self, batch: ImportBatch, scope: Scope) -> None:
        with entered(scope):
            if same := selectors.same_file(scope, batch):
                self.stderr.write(f"这个文件和第 {same.pk} 批（{same.get_state_display()}）完全相同。")

    def _told(self, batch: ImportBatch, pairs: list[str], user: User, scope: Scope, today) -> ImportBatch:
        """Answer the columns named, and read once more where that makes a difference."""
        if not pairs:
            return batch
        kind, said = SHEETS[batch.kind], {}
        for pair in pairs:
            title, equals, use = pair.rpartition("=")
            if not equals:
                raise Refused(f"--column 要写成“列名=项目”，例如 单位=original_unit；这里是“{pair}”。", code="set_unknown")
            said[memory_key(title)] = kind.named(use) or use.strip()
        mapping = {
            sheet["name"]: {column["letter"]: said[memory_key(column["title"])] for column in sheet["columns"] if memory_key(column["title"]) in said} for sheet in batch.sheets
        }
        with entered(scope):
            again = actions.read_again(batch=batch, by=user, today=today, mapping=mapping)
        if again:
            actions.read_batch(batch_id=batch.pk, now=timezone.now(), today=today)
        return self._fresh(batch, scope)

    @staticmethod
    def _ask(batch: ImportBatch, options: dict) -> None:
        """Refuse to write while columns are open, naming each with what it may be."""
        if options["apply"] and (open_ones := selectors.open_columns(batch)):
            fields = SHEETS[batch.kind].fields
            words = "；".join(f"“{one['title']}”（{one['letter']} 列，可能是{'、'.join(fields[name].column_name for name in one['may']) or '任何项目'}）" for one in open_ones)
            raise Refused(f"还有 {len(open_ones)} 列需要说明：{words}。请加 --column 列名=项目。", code="columns_open")

    @staticmethod
    def _given(pairs: list[str]) -> dict[str, str]:
        found = {}
        for pair in pairs:
            key, equals, value = pair.partition("=")
            if not equals:
                raise Refused(f"--set 要写成“项目=值”，例如 kind=退休；这里是“{pair}”。", code="set_unknown")
            found[key.strip()] = value
        return found

    @staticmethod
    def _fresh(batch: ImportBatch, scope: Scope) -> ImportBatch:
        with entered(scope):
            return selectors.batch(scope, batch.pk)

    @staticmethod
    def _org(text: str, today) -> Organization:
        found = people.organization_by_code(text, today) or selectors.organization_by_key(text)
        if found is None:
            raise Refused(f"没有代码为 {text} 的组织机构。", code="org_unknown")
        return found

    @staticmethod
    def _user(name: str, kind: str) -> User:
        if kind not in SHEETS:
            raise Refused(f"没有“{kind}”这种表；可用：{'、'.join(SHEETS)}。", code="kind_unknown")
        found = selectors.importing_user(name)
        if found is None:
            raise Refused(f"没有名为 {name} 的可用账号。", code="user_unknown")
        return found

    @staticmethod
    def _scope(user: User, org: Organization, kind: str, today) -> Scope:
        """The scope in which this user may import for ``org``."""
        for held in people.memberships_of(user, today):
            scope = people.scope_of(held)
            if SHEETS[kind].rights & people.rights_of(held) and scope.covers(org.path):
                return scope
        raise Refused(f"{user.username} 没有为“{org.name}”导入表格的权限。", code="not_allowed")

    def answer(self, answer: dict, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        elif "error" in answer:
            self.stderr.write(answer["error"]["message"])
        else:
            self.stdout.write("共 {rows} 行：新增 {new}，变更 {changed}，无变化 {unchanged}，不能导入 {refused}。批次 {batch}。".format(**answer))
            for one in answer["problems"]:
                where = f"{one['sheet']}!{one['column']}{one['row']}" if one["sheet"] else f"{one['column']}{one['row']}"
                self.stdout.write(f"{where}\t{one['title']}\t{one['value']}\t{one['code']}\t{one['message']}")
