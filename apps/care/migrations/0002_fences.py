from django.db import migrations

from apps.core.fences import Fence


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial")]

    operations = [
        Fence("care_serviceplan"),
        Fence("care_serviceplanevent"),
        Fence("care_classdecision"),
        Fence("care_planitem"),
        Fence("care_visit"),
        Fence("care_visitevent"),
        Fence("care_visitphoto"),
        Fence("care_reminder"),
    ]
