import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def keep_reasons(apps, schema_editor):
    """The reasons of what is returned now begin its conversation, as they stand on the record."""
    Comment = apps.get_model('ojt_logs', 'Comment')
    rows = apps.get_model('ojt_logs', 'HoursEntry').objects.filter(status='returned').order_by('pk')
    Comment.objects.bulk_create(
        Comment(
            uid=uuid.uuid4(),
            entry_id=row.pk,
            by_id=row.reviewed_by_id,
            note=row.return_reason,
            at=row.reviewed_at,
            returned=True,
        )
        for row in rows
    )


class Migration(migrations.Migration):

    dependencies = [
        ('ojt_logs', '0012_history_from_paper'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('note', models.CharField(blank=True, max_length=1000)),
                ('withheld', models.CharField(blank=True, max_length=64)),
                ('at', models.DateTimeField()),
                ('returned', models.BooleanField(default=False, help_text='It was the reason of a return.')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='ojt_logs.hoursentry')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('note', ''), ('withheld', ''), _negated=True), name='comment_says_something')],
            },
        ),
        migrations.RunPython(keep_reasons, migrations.RunPython.noop, elidable=True),
    ]
