import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KINDS = [
    ('returned', 'Hours returned'),
    ('approved', 'Hours approved'),
    ('asked', 'A sign-off requested'),
    ('signed', 'Standards signed, or a request answered'),
    ('attested', 'An attestation link used'),
    ('commented', 'Comments on hours'),
    ('period', 'Hours not submitted'),
    ('waiting', 'Hours that wait for review'),
    ('raise', 'A raise that is due'),
    ('ending', "Mentors' assignments"),
]


def keep_choices(apps, schema_editor):
    """What people had chosen on their profile stays chosen."""
    MailChoice = apps.get_model('ojt_logs', 'MailChoice')
    rows = []
    for person in apps.get_model('accounts', 'User').objects.order_by('pk'):
        if not person.mails_returned:
            rows.append(MailChoice(person=person, about='returned', how='off'))
        if person.mails_accepted:
            rows.append(MailChoice(person=person, about='approved', how='daily'))
        if person.digest == 'weekly':
            rows.append(MailChoice(person=person, about='waiting', how='weekly'))
    MailChoice.objects.bulk_create(rows)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_qualifications_on_the_record'),
        ('ojt_logs', '0013_comments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MailChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(choices=KINDS, max_length=16)),
                ('how', models.CharField(choices=[('now', 'At once'), ('daily', 'In one mail a day'), ('weekly', 'In one mail on Mondays'), ('off', 'Not by mail')], max_length=8)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mail_choices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'about'), name='one_choice_a_kind')],
            },
        ),
        migrations.AlterField(
            model_name='notice', name='about', field=models.CharField(choices=KINDS, max_length=16)
        ),
        migrations.RunPython(keep_choices, migrations.RunPython.noop, elidable=True),
    ]
