from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_proved_mailboxes'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='digest',
            field=models.CharField(choices=[('off', 'Never'), ('daily', 'Every morning'), ('weekly', 'On Monday mornings')], default='off', max_length=6, verbose_name='E-mail me what waits for me to review'),
        ),
        migrations.AddField(
            model_name='user',
            name='digest_on',
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='mails_accepted',
            field=models.BooleanField(default=False, verbose_name='E-mail me when hours are approved or standards signed'),
        ),
    ]
