import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0004_published_is_frozen")]

    operations = [
        migrations.AddField(
            "importbatch", "moved_at", models.DateTimeField("进入现状态的时间", auto_now_add=True, default=django.utils.timezone.now), preserve_default=False
        ),
    ]
