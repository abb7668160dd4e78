from django.db import migrations

from apps.core.fences import Fence


class Migration(migrations.Migration):
    dependencies = [("activity", "0003_group_robots")]

    operations = [Fence("activity_grouprobot"), Fence("activity_groupmessage")]
