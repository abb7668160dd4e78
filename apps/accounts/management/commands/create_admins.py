from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from apps.accounts import actions, selectors
from apps.accounts.permissions import SEPARATED, Role
from apps.core.refusal import Refused
from apps.core.scope import system_scope

NAMES = {Role.SYSTEM_ADMIN: "sysadmin", Role.SECURITY_ADMIN: "secadmin", Role.AUDIT_ADMIN: "auditadmin"}


class Command(BaseCommand):
    """Makes the first system, security and audit administrator of an organisation and prints their initial passwords, once."""

    help = "建立首批三员（系统、安全、审计管理员），初始密码只显示一次。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--org", required=True, help="行政区划代码，例如 360400")
        parser.add_argument("--suffix", default="", help="用户名后缀，例如 -jj")

    def handle(self, *args, **options) -> None:
        today = timezone.localdate()
        org = selectors.organization_by_code(options["org"], today)
        if org is None:
            raise CommandError(f"没有代码为 {options['org']} 的区划，请先运行 load_reference。")
        try:
            with system_scope("first administrators"), transaction.atomic():
                made = [
                    actions.create_user(username=NAMES[role] + options["suffix"], display_name=f"{org.label}{role.label}", org=org, role=role, starts_on=today, by=None)
                    for role in SEPARATED
                ]
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        for user, text in made:
            self.stdout.write(f"{user.username}\t{text}\t{user.display_name}")
