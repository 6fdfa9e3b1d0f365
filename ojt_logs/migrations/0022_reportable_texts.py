"""What is hidden says so itself: a tombstone stands in the text, and a report names its row by word and id."""

import uuid

from django.db import migrations, models

from ledger import triggers
from ledger.tombstones import Tombstone

SUBJECTS = {
    "entry": "hoursentry",
    "sign_off": "signoff",
    "course_result": "courseresult",
    "comment": "comment",
    "evidence": "evidence",
}


def put_tombstones(apps, schema_editor):
    for name, model in SUBJECTS.items():
        if name != "evidence":
            for row in apps.get_model("ojt_logs", model).objects.exclude(withheld=""):
                row.note = Tombstone.over(row.withheld)
                row.save(update_fields=["note"])
    for row in apps.get_model("ojt_logs", "PrivacyReport").objects.select_related(*SUBJECTS):
        row.about = next(name for name in SUBJECTS if getattr(row, f"{name}_id"))
        row.row = getattr(row, row.about).uid
        row.save(update_fields=["about", "row"])


def name_explanations(apps, schema_editor):
    for row in apps.get_model("ojt_logs", "PayrollExplanation").objects.all():
        row.uid = uuid.uuid4()
        row.save(update_fields=["uid"])


class Migration(migrations.Migration):
    dependencies = [("ojt_logs", "0021_sheets_of_paper")]

    operations = [
        migrations.RunPython(triggers.lifted, migrations.RunPython.noop),
        migrations.AddField("payrollexplanation", "uid", models.UUIDField(editable=False, null=True)),
        migrations.RunPython(name_explanations, migrations.RunPython.noop),
        migrations.AlterField(
            "payrollexplanation", "uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
        ),
        migrations.AddField("privacyreport", "about", models.CharField(max_length=24, default="")),
        migrations.AddField("privacyreport", "row", models.UUIDField(null=True)),
        migrations.RunPython(put_tombstones, migrations.RunPython.noop),
        migrations.RemoveConstraint("comment", "comment_says_something"),
        migrations.RemoveConstraint("privacyreport", "privacy_report_of_one_thing"),
        *(
            migrations.RemoveField(model, "withheld")
            for model in ("comment", "courseresult", "hoursentry", "signoff")
        ),
        *(migrations.RemoveField("privacyreport", name) for name in SUBJECTS),
        migrations.AlterField(
            "privacyreport", "about", models.CharField(max_length=24, help_text="A word of REPORTABLE.")
        ),
        migrations.AlterField(
            "privacyreport", "row", models.UUIDField(help_text="The `uid` of what was reported.")
        ),
        migrations.AlterField("comment", "note", models.CharField(max_length=1000)),
        migrations.AddConstraint(
            "comment",
            models.CheckConstraint(condition=~models.Q(note=""), name="comment_says_something"),
        ),
    ]
