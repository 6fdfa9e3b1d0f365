"""Kept files that no row names: a process that is killed between a file and its row leaves one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.apps import apps
from django.db.models import FileField

from apprenticeship.storages import kept
from reports.models import KEPT_AS, ReportRun

YOUNG = timedelta(days=1)
"""What was written since may still get its row."""
AT_ONCE = 500


def left_over(*, now: datetime) -> Iterator[str]:
    """Names of files that no row names and that are older than a day. Raises OSError."""
    names = kept().names()
    while asked := list(islice(names, AT_ONCE)):
        named = _named(asked)
        for name in asked:
            if name not in named and kept().get_modified_time(name) < now - YOUNG:
                yield name


def _named(names: list[str]) -> set[str]:
    """Which of these a row names: every file of every table, and the newest try of each report."""
    fields = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, FileField)
    ]
    found = {
        str(name)
        for model, field in fields
        for name in model._base_manager.filter(**{f"{field}__in": names}).values_list(field, flat=True)
    }
    uids = {told[1] for name in names if (told := KEPT_AS.match(name))}
    return found | {run.kept_as for run in ReportRun.objects.everyone().filter(uid__in=uids)}
