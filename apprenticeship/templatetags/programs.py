"""Programs, for pages that know schedules alone: `{% load programs %}`.

{% programs_behind schedule as behind %}  those that go on with an earlier version
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import template
from django.db.models import Count, Q

from apprenticeship.models import Amendment, Apprentice, Program
from apprenticeship.models.status import FINAL
from competencies.models import IN_FORCE, WorkProcessSchedule

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()


@register.simple_tag(takes_context=True)
def programs_behind(context: Mapping[str, Any], schedule: WorkProcessSchedule) -> list[Any]:
    """Programs that may change to `schedule`: `earlier` of their people learn by an earlier version.

    Who was asked already is not counted. A program is also behind whose newcomers would learn by the earlier
    one. Empty for who runs none and for a version that is not in force. One query.
    """
    request: HttpRequest = context["request"]
    if schedule.status not in IN_FORCE or schedule.sponsor_id is None:
        return []
    asked = Amendment.objects.visible_to(request.user).open().values("apprentice")
    people = Apprentice.objects.decided_by(request.user).exclude(status__in=FINAL).exclude(pk__in=asked)
    behind = people.filter(schedule__version__lt=schedule.version).values("pk")
    programs = Program.objects.managed_by(request.user).filter(
        sponsor=schedule.sponsor_id, schedule__lineage=schedule.lineage, schedule__approach=schedule.approach
    )
    found = programs.annotate(earlier=Count("apprentices", filter=Q(apprentices__in=behind)))
    late = found.filter(Q(schedule__version__lt=schedule.version) | Q(earlier__gt=0))
    return list(late.select_related("schedule").order_by("name"))
