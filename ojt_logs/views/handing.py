"""The apprentice hands the phone to a mentor, who signs one act with a password of their own.

Nobody is signed in by it: the session stays the apprentice's, the password is checked once and kept nowhere.
"""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.factors import codes, demand
from accounts.factors.codes import has_second_step
from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.numbers import count_of
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency
from ojt_logs.forms.mentor import SignForm
from ojt_logs.models import Authentication, SignOff
from ojt_logs.views.desk import Desk, at_desk, competency_of
from ojt_logs.views.reach import own_registration

TOO_MANY = 429


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def hand_phone(request: HttpRequest, uid: UUID, code: str) -> HttpResponse:
    """Choose the mentor who takes the phone (`?to=`), where there are several; then it is theirs to sign."""
    apprentice = own_registration(request, uid)
    competency = competency_of(apprentice, code)
    mentors = apprentice.mentors(on=authority_day(timezone.now()))
    wanted = request.GET.get("to", "")
    named = [one for one in mentors if str(one.uid) == wanted] if wanted else mentors
    if len(named) != 1:
        context = {"apprentice": apprentice, "competency": competency, "mentors": mentors}
        return render(request, "ojt_logs/hand_phone.html", context)
    return at_desk(request, apprentice, competency, _desk(request, apprentice, competency, named[0]))


def _desk(request: HttpRequest, apprentice: Apprentice, competency: Competency, mentor: User) -> Desk:
    return Desk(
        signer=mentor,
        reader=signed_in(request),
        form=SignForm,
        prove=partial(_prove, mentor),
        done=partial(_given_back, mentor),
        back=reverse("competency", args=[apprentice.uid, competency.code]),
        handed=True,
    )


def _prove(mentor: User, request: HttpRequest) -> Authentication:
    """Check the mentor's password, and code where they have a second step, for this one act.

    Raises Refusal, for the field, and counts the tries of whoever's phone it is: guessing on it locks nobody
    else out.
    """
    if not ratelimit.consume(request, action="hand_over", user=request.user):
        refusal = Refusal(
            "Too many tries on this phone. Sign on your own device.", code="too_many_tries", field="password"
        )
        refusal.status = TOO_MANY
        raise refusal
    if not mentor.check_password(request.POST.get("password", "")):
        raise Refusal(
            f"This is not the password of {mentor}. Try again; nothing was signed.",
            code="wrong_password",
            field="password",
        )
    if Consent.objects.in_force(mentor) is None:
        raise Refusal(
            f"{mentor} has not agreed to electronic records. Sign in on your own device first.",
            code="consent_needed",
            field="password",
        )
    return Authentication(_second_step(mentor, request), timezone.now())


def _second_step(mentor: User, request: HttpRequest) -> str:
    """What the record says of the proof. A passkey cannot be shown on another's phone, a code can."""
    now = timezone.now()
    if not has_second_step(mentor):
        demand.check_nobody_asks(mentor, now=now)
        return "handed"
    if codes.take(mentor, request.POST.get("code", ""), now=now) is None:
        raise Refusal(
            f"This is no code of {mentor}, or was used already. Take the next one of the app, or a recovery "
            "code, or sign on your own device; nothing was signed.",
            code="wrong_code",
            field="code",
        )
    return "handed_code"


def _given_back(
    mentor: User, request: HttpRequest, competency: Competency, signed: Sequence[SignOff]
) -> HttpResponse:
    rated = count_of(len(signed), "rating")
    messages.success(request, f"{mentor} signed {rated} of {competency.code}. The phone is yours again.")
    return redirect("competency", signed[0].apprentice.uid, competency.code)
