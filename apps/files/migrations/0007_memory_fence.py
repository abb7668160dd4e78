from django.db import migrations

from apps.core.fences import Fence


class Migration(migrations.Migration):
    dependencies = [("files", "0006_full_strength")]

    operations = [Fence("files_columnmemory")]
