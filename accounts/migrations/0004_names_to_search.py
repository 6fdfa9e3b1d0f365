"""Names without accents, by which people are found."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from accounts.spelling import fold


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for user in apps.get_model("accounts", "User").objects.only("name").iterator():
        user.search_text = fold(user.name)[:160]
        user.save(update_fields=["search_text"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_limited_memberships")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="search_text",
            field=models.CharField(blank=True, editable=False, max_length=160),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
