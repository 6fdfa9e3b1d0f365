"""A credential has a number, and qualifications stated before get the entry that each new one gets.

Nobody is named as who stated them, and the moment is that of this migration: what was not kept is not invented.
"""

from typing import Any

from django.db import migrations, models
from django.utils import timezone

from ledger import chain


def tell(apps: Any, schema_editor: Any) -> None:
    """An entry for every membership that states a qualification."""
    for row in apps.get_model("accounts", "Membership").objects.order_by("pk"):
        expires = row.credential_expires
        if not (row.title or row.credential or row.credential_number or expires):
            continue
        subject = row.user.uid
        chain.keep(
            chain.lock([subject])[subject],
            act="qualification.state",
            actor=None,
            object=row.uid,
            at=timezone.now(),
            payload={
                "sponsor": str(row.sponsor.uid),
                "role": row.role,
                "title": row.title,
                "credential": row.credential,
                "credential_number": row.credential_number,
                "credential_expires": expires.isoformat() if expires else None,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_first_days"), ("ledger", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="credential_number",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.RunPython(tell, migrations.RunPython.noop),
    ]
