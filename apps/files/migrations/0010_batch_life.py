from django.db import migrations, models

UPLOADED_BEFORE = """
UPDATE files_importbatch SET may = '["create", "update"]' WHERE may = '[]';
UPDATE files_importbatch SET confirmed_at = applied_at WHERE applied_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    """What a batch remembers of its way. Those uploaded while importing was one right may do both."""

    dependencies = [("files", "0009_exports")]

    operations = [
        migrations.AddField("importbatch", "attempts", models.PositiveSmallIntegerField(default=0, verbose_name="已处理次数")),
        migrations.AddField("importbatch", "facts", models.JSONField(blank=True, default=dict, verbose_name="处理情况")),
        migrations.AddField("importbatch", "confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="确认时间")),
        migrations.RunSQL(
            "ALTER TABLE files_importbatch NO FORCE ROW LEVEL SECURITY;" + UPLOADED_BEFORE + "ALTER TABLE files_importbatch FORCE ROW LEVEL SECURITY;", migrations.RunSQL.noop
        ),
    ]
