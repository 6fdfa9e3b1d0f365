from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ojt_logs', '0003_course_results'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='returnnotice', name='return_told_once'),
        migrations.RenameModel(old_name='ReturnNotice', new_name='Notice'),
        migrations.RenameIndex(model_name='notice', old_name='return_to_tell', new_name='to_tell'),
        migrations.AddField(
            model_name='notice',
            name='about',
            field=models.CharField(choices=[('returned', 'Hours returned'), ('approved', 'Hours approved'), ('signed', 'Standards signed')], default='returned', max_length=8),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('about', 'apprentice', 'reviewer', 'at'), name='told_once'),
        ),
    ]
