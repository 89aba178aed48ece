"""A helper who finishes without having come says why."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("cases", "0003_lapsed_requests")]

    operations = [
        migrations.AddField(
            model_name="assignment", name="absence", field=models.CharField(db_default="", default="", max_length=200)
        ),
    ]
