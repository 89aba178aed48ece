"""A request that nobody decided in time is marked, and a lapsed appeal is not the only one that a case may have."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("cases", "0002_many_hands")]

    operations = [
        migrations.AddField(
            model_name="request", name="lapsed", field=models.BooleanField(db_default=False, default=False)
        ),
        migrations.RemoveConstraint(model_name="request", name="request_one_appeal"),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lapsed", False), ("wish", "appeal")),
                fields=("case",),
                name="request_one_appeal",
            ),
        ),
    ]
