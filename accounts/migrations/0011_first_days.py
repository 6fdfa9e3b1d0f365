"""An invitation says since when its role is held."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_more_mails")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="starts_on",
            field=models.DateField(
                null=True, blank=True, help_text="The first day of the role it gives, where that is past."
            ),
        ),
    ]
