from django.db import migrations

from apps.core.fences import Fence


class Migration(migrations.Migration):
    dependencies = [("care", "0014_hardship_aid")]

    operations = [Fence("care_aidbudget"), Fence("care_hardshipcase"), Fence("care_casestep")]
