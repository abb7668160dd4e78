import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.accounts.models.organization import Organization
from apps.accounts.permissions import SEPARATED, Role

_ADMINS = ", ".join(f"'{role.value}'" for role in SEPARATED)


class MembershipQuerySet(models.QuerySet):
    def in_force(self, today):
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


class Membership(models.Model):
    """A role in an organisation, from–to. The organisation is the root of what the holder sees."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="用户", on_delete=models.PROTECT, related_name="memberships")
    org = models.ForeignKey(Organization, verbose_name="单位", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField("角色", max_length=20, choices=Role)
    starts_on = models.DateField("起")
    ends_on = models.DateField("止", null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="授予人", null=True, on_delete=models.PROTECT, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        ordering = ["user", "-starts_on", "pk"]
        indexes = [models.Index(fields=["org", "role"], name="membership_org_role")]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="membership_dates_in_order"),
            models.UniqueConstraint(fields=["user", "org", "role", "starts_on"], name="membership_once"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="three_admins_apart",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    f"""
                    PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR UPDATE;
                    IF EXISTS (
                      SELECT 1 FROM accounts_membership m
                      WHERE m.user_id = NEW.user_id AND m.id IS DISTINCT FROM NEW.id AND m.role <> NEW.role
                        AND (m.role IN ({_ADMINS}) OR NEW.role IN ({_ADMINS}))
                        AND COALESCE(m.ends_on, 'infinity') >= NEW.starts_on
                        AND COALESCE(NEW.ends_on, 'infinity'::date) >= m.starts_on
                    ) THEN
                      RAISE EXCEPTION 'three_admins_apart' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                    """
                ),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.org} {self.get_role_display()}"
