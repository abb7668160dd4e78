"""Demo accounts: one per role. They exist only where ``DEMO_ALLOWED`` is set (never in production)."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import Role
from apps.core.refusal import Refused

DEMO_PASSWORD = "Jiujiang-2026"

DEMO_ACCOUNTS = (
    ("demo_worker", "演示·工作人员（浔阳区）", Role.WORKER, "360403"),
    ("demo_county", "演示·县区干事（浔阳区）", Role.COUNTY_OFFICER, "360403"),
    ("demo_secretary", "演示·支部书记（浔阳区教育体育局）", Role.BRANCH_SECRETARY, "360403/教育体育局"),
    ("demo_leader", "演示·领导（九江市）", Role.LEADER, "360400"),
    ("demo_import", "演示·数据管理员（九江市）", Role.DATA_ADMIN, "360400"),
    ("demo_sys", "演示·系统管理员（九江市）", Role.SYSTEM_ADMIN, "360400"),
    ("demo_sec", "演示·安全管理员（九江市）", Role.SECURITY_ADMIN, "360400"),
    ("demo_audit", "演示·审计管理员（九江市）", Role.AUDIT_ADMIN, "360400"),
    ("demo_city", "演示·市级干事（九江市）", Role.COUNTY_OFFICER, "360400"),
    ("demo_neighbour", "演示·邻县干事（濂溪区）", Role.COUNTY_OFFICER, "360402"),
)
DEMO_LOGINS = [(username, f"{role.label} · {title.split('（')[1].rstrip('）')}") for username, title, role, _ in DEMO_ACCOUNTS]


def place(spec: str) -> Organization:
    """``code`` or ``code/part of a unit's name`` below it."""
    code, _, unit = spec.partition("/")
    org = Organization.objects.get(code=code, valid_to=None)
    return Organization.objects.filter(parent=org, name__endswith=unit).order_by("pk")[0] if unit else org


@transaction.atomic
def create_accounts() -> list[User]:
    """Make the demo accounts that are missing. Raises ``Refused`` where demo data isn't allowed."""
    if not settings.DEMO_ALLOWED:
        raise Refused("正式环境不能建立演示账号。", code="demo_refused")
    made = []
    for number, (username, title, role, spec) in enumerate(DEMO_ACCOUNTS, 1):
        user, created = User.objects.get_or_create(
            username=username,
            defaults={
                "display_name": title,
                "email": f"{username}@demo.invalid",
                "phone": f"0792-812{number:04d}",
                "is_demo": True,
                "must_change_password": False,
                "password_changed_at": timezone.now(),
            },
        )
        if created:
            user.set_password(DEMO_PASSWORD)
            user.save(update_fields=["password"])
            Membership.objects.create(user=user, org=place(spec), role=role, starts_on=timezone.localdate().replace(month=1, day=1))
            made.append(user)
    return made
