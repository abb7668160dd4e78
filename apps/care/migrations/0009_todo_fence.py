from django.db import migrations

from apps.core.fences import Fence


class Migration(migrations.Migration):
    dependencies = [("care", "0008_todos_and_occasions")]

    operations = [Fence("care_todo")]
