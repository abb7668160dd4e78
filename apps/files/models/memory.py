from django.conf import settings
from django.db import models

from apps.accounts.models import OrgOwned

ASIDE = "~aside"
"""Instead of a field's name: the column is kept as a side note on the person, under its own title."""
IGNORED = ""


class ColumnMemory(OrgOwned):
    """What a bureau said a column of one kind of sheet means: offered the next time a column of this title comes.

    ``title`` is the title without spaces and width (``apps.core.workbooks.titles.memory_key``); ``field`` a field of the kind, ``ASIDE`` or ``IGNORED``.
    """

    kind = models.CharField("表类", max_length=30)
    title = models.CharField("列名", max_length=120, db_collation="C")
    field = models.CharField("对应项目", max_length=60, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name="确认人", on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", auto_now=True)

    class Meta:
        verbose_name = "列名记忆"
        verbose_name_plural = "列名记忆"
        constraints = [models.UniqueConstraint(fields=["org", "kind", "title"], name="column_memory_once")]

    def __str__(self) -> str:
        return self.title
