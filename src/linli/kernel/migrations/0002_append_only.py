from django.db import migrations

from linli.kernel import guards


def up(apps, editor):
    for statement in guards.create(editor.connection.vendor):
        editor.execute(statement)


def down(apps, editor):
    for statement in guards.drop(editor.connection.vendor):
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunPython(up, down)]
