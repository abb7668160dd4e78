from django.db import migrations

from apps.core.fences import Fence

before = Fence("branches_committee")


class Migration(migrations.Migration):
    """Places below a branch read its terms: whoever registers a death or a transfer there must end the person's posts."""

    dependencies = [("branches", "0001_initial")]

    operations = [
        migrations.RunSQL(before.reverse_sql, before.sql),
        Fence("branches_committee", seen_below=True),
    ]
