"""A sponsor's list of first steps can be put away."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_mails_returned")]

    operations = [
        migrations.AddField(
            model_name="sponsor",
            name="first_steps_put_away_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
