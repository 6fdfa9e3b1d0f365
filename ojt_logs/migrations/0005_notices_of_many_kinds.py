import uuid

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
    ('ending', "A mentor's assignment that ends"),
]
SAID = {
    'returned': ('returned hours to you with a reason.', 'week'),
    'approved': ('approved hours of yours.', 'week'),
    'signed': ('rated and signed work of yours.', 'sign-offs'),
}


def say(apps, schema_editor):
    """Give the notices of the last days a person, words and a place; their mails go out as they would have."""
    for notice in apps.get_model('ojt_logs', 'Notice').objects.select_related('apprentice', 'by'):
        words, place = SAID[notice.about]
        notice.uid = uuid.uuid4()
        notice.person_id = notice.apprentice.user_id
        notice.words = f'{notice.by.name} {words}'
        notice.path = f'/apprentices/{notice.apprentice.uid}/{place}/'
        notice.key = f'{notice.apprentice_id} {notice.by_id} {notice.at.isoformat()}'
        notice.save()


class Migration(migrations.Migration):

    dependencies = [
        ('apprenticeship', '0010_amendments_by_version'),
        ('ojt_logs', '0004_notices_of_approvals_and_signatures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='notice', name='told_once'),
        migrations.RenameField(model_name='notice', old_name='reviewer', new_name='by'),
        migrations.AlterField(
            model_name='notice',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='notice',
            name='apprentice',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='apprenticeship.apprentice'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='about',
            field=models.CharField(choices=KINDS, max_length=16),
        ),
        migrations.AlterField(
            model_name='notice',
            name='taken_at',
            field=models.DateTimeField(blank=True, help_text='When a worker took it for a mail.', null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='uid',
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL),
        ),
        *(
            migrations.AddField(
                model_name='notice',
                name=name,
                field=models.CharField(default='', max_length=length),
                preserve_default=False,
            )
            for name, length in (('words', 300), ('path', 300), ('key', 100))
        ),
        migrations.AddField(
            model_name='notice', name='read_at', field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.RunPython(say, migrations.RunPython.noop, elidable=True),
    ]
