from django.db import migrations

from apps.core.fences import Fence


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [
        Fence("files_storedfile"),
        Fence("files_importbatch"),
        Fence("files_importrow"),
        Fence("files_reportrun"),
    ]
