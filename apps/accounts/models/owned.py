from django.db import models

from apps.accounts.models.organization import Organization
from apps.core.models import Scoped


class OrgOwned(Scoped):
    """A scoped row that hangs on an organisation; ``org_path`` follows it on save. Bulk writers set both."""

    org = models.ForeignKey(Organization, verbose_name="管理单位", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        self.org_path = self.org.path
        fields = kwargs.get("update_fields")
        if fields is not None and "org" in fields:
            kwargs["update_fields"] = {*fields, "org_path"}
        super().save(*args, **kwargs)
