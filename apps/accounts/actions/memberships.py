"""Giving and ending roles."""

from django.db import IntegrityError, transaction

from apps.accounts.models import Membership, Organization, User
from apps.accounts.permissions import Role
from apps.core import trail
from apps.core.refusal import Refused

APART = "系统管理员、安全管理员、审计管理员互相排斥，也不能兼任其他角色。请先结束此人现有的任职，或另设账号。"


@transaction.atomic
def grant_membership(*, user: User, org: Organization, role: str, starts_on, ends_on=None, by: User | None) -> Membership:
    """Give ``user`` a role in ``org`` from–to.

    Refuses: to oneself; an unknown role; the end before the start; the same role twice; and whatever would join one of the three
    administrators with another role (held by a trigger of the database too).
    """
    if by is not None and by.pk == user.pk:
        raise Refused("不能给自己授予角色，请由另一位管理员办理。", code="self_grant")
    if role not in Role.values:
        raise Refused("没有这个角色。", field="role")
    if ends_on and ends_on < starts_on:
        raise Refused("结束日期早于开始日期。", field="ends_on")
    try:
        with transaction.atomic():
            made = Membership.objects.create(user=user, org=org, role=role, starts_on=starts_on, ends_on=ends_on, granted_by=by)
    except IntegrityError as error:
        if "three_admins_apart" in str(error):
            raise Refused(APART, code="three_admins_apart", field="role") from error
        raise Refused("此人已有同样的任职。", code="membership_twice", field="role") from error
    trail.record("membership.granted", user, by=by, org_path=org.path, data={"role": role, "org": str(org), "from": str(starts_on), "to": str(ends_on or "")})
    return made


@transaction.atomic
def end_membership(*, membership: Membership, on, by: User) -> Membership:
    """End a role on a day; one that never began is ended on its first day."""
    if membership.user_id == by.pk:
        raise Refused("不能结束自己的任职，请由另一位管理员办理。", code="self_grant")
    membership.ends_on = max(on, membership.starts_on)
    membership.save(update_fields=["ends_on"])
    facts = {"role": membership.role, "org": str(membership.org), "on": str(membership.ends_on)}
    trail.record("membership.ended", membership.user, by=by, org_path=membership.org.path, data=facts)
    return membership


