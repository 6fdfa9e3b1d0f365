"""Whether somebody was seen to read mails to the address they sign in with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_first_steps")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="address_proved_at",
            field=models.DateTimeField(
                "mailbox proved",
                null=True,
                blank=True,
                help_text="When the password was set through a link that went to the mailbox of this address alone. "
                "Without it no second sponsor gives anything to an account that has a password.",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="by_mail_alone",
            field=models.BooleanField(
                default=False, help_text="The mail server took the link, and nobody else was shown it."
            ),
        ),
    ]
