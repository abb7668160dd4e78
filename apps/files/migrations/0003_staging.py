from django.db import migrations, models

import apps.core.crypto


class Migration(migrations.Migration):
    dependencies = [("files", "0002_fences")]

    operations = [
        migrations.AddField("importbatch", "checked_at", models.DateTimeField("核对时间", null=True, blank=True)),
        migrations.AddField("importrow", "fresh", models.JSONField("新建时的值", default=dict)),
        migrations.AddField("importrow", "org_id", models.BigIntegerField("管理单位", default=0), preserve_default=False),
        migrations.AddField("importrow", "county_path", models.CharField("表中写明的地区", max_length=160, blank=True, default="", db_collation="C"), preserve_default=False),
        migrations.AddField("importrow", "key_shown", apps.core.crypto.EncryptedTextField("关键列原值", null=True, blank=True)),
        migrations.AddField("importrow", "target_version", models.PositiveIntegerField("对应记录的版本", null=True, blank=True)),
    ]
