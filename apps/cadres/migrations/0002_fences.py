from django.db import migrations

from apps.core.fences import Fence


class Migration(migrations.Migration):
    dependencies = [("cadres", "0001_initial")]

    operations = [
        Fence("cadres_cadre"),
        Fence("cadres_cadreevent"),
        Fence("cadres_relative"),
        Fence("cadres_survivor"),
        Fence("cadres_treatment"),
        Fence("cadres_statuschange"),
    ]
