import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    # What was chosen by kind is kept there first.
    dependencies = [
        ('accounts', '0013_device_keys'),
        ('ojt_logs', '0014_mail_choices'),
    ]

    operations = [
        migrations.RemoveField(model_name='user', name='mails_returned'),
        migrations.RemoveField(model_name='user', name='mails_accepted'),
        migrations.RemoveField(model_name='user', name='digest'),
        migrations.AddField(
            model_name='user',
            name='mails',
            field=models.BooleanField(default=True, help_text='Links that you ask for yourself, such as a new password, come in any case.', verbose_name='Send me mails'),
        ),
        migrations.AddField(
            model_name='user',
            name='quiet_from',
            field=models.TimeField(default=datetime.time(20, 0), verbose_name='No mails from'),
        ),
        migrations.AddField(
            model_name='user',
            name='quiet_until',
            field=models.TimeField(default=datetime.time(7, 0), verbose_name='until'),
        ),
    ]
