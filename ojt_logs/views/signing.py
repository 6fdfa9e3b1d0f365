"""The pages of signing: choose a competency, rate, read and confirm; a signature and its withdrawal."""

import uuid
from dataclasses import replace

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_or_deny, signed_in
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice
from ledger import chain
from ojt_logs import asking, signing
from ojt_logs.forms.asking import CommentForm
from ojt_logs.forms.mentor import PaperForm, WithdrawForm
from ojt_logs.forms.privacy import NO_PATIENTS
from ojt_logs.models import Evidence, Scan, SignOff, SignOffComment
from ojt_logs.models.attestations import ATTESTATIONS, OFFERED
from ojt_logs.progress import progress_of
from ojt_logs.views.desk import RELATED, at_desk, competency_of, own_desk
from ojt_logs.views.fresh import authentication, is_stale
from ojt_logs.views.reach import record

BAD = 400


def _signable(request: HttpRequest, uid: uuid.UUID) -> Apprentice:
    """The apprentice, for whoever may sign some day's work; 403 for others who may know of them."""
    person = signed_in(request)
    visible = Apprentice.objects.visible_to(person).select_related(*RELATED)
    return get_or_deny(visible, Apprentice.objects.signable_by(person), uid=uid)


@require_safe
def sign(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Which competency to sign: what counts and is open first."""
    apprentice = _signable(request, uid)
    person = signed_in(request)
    context = {
        "apprentice": apprentice,
        "choices": signing.choices(apprentice, person),
        "asked": list(asking.waiting_for(person).filter(apprentice=apprentice)),
    }
    return render(request, "ojt_logs/sign.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_competency(request: HttpRequest, uid: uuid.UUID, code: str) -> HttpResponse:
    """Rate the statements of one competency, read what is signed, sign it with a fresh password."""
    apprentice = _signable(request, uid)
    return at_desk(request, apprentice, competency_of(apprentice, code), own_desk(request, apprentice))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, uid: uuid.UUID, code: str) -> HttpResponse:
    """Copy a sheet that was signed in ink: a mentor their own, a coordinator somebody else's."""
    person = signed_in(request)
    visible = Apprentice.objects.visible_to(person).select_related(*RELATED)
    mentored = Apprentice.objects.signable_by(person).values("pk")
    managed = Apprentice.objects.decided_by(person).values("pk")
    copying = Apprentice.objects.visible_to(person).filter(Q(pk__in=mentored) | Q(pk__in=managed))
    apprentice = get_or_deny(visible, copying, uid=uid)
    desk = replace(own_desk(request, apprentice), form=PaperForm)
    return at_desk(request, apprentice, competency_of(apprentice, code), desk)


@require_safe
def sheet(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Statements to print and sign in ink: those of `?of=2g`, several times, or all that is not signed."""
    apprentice = record(request, uid)
    wanted = request.GET.getlist("of")
    parts = [
        (one.competency, [standard for standard in one.standards if wanted or not standard.settled])
        for function in progress_of(apprentice).functions
        for one in function.competencies
        if (one.code in wanted if wanted else one.counts and not one.achieved)
    ]
    scale = apprentice.scale
    context = {
        "apprentice": apprentice,
        "parts": parts,
        "levels": scale.rising if scale else [],
        "attestations": [ATTESTATIONS[method] for method in OFFERED],
    }
    return render(request, "ojt_logs/sheet.html", context)


@require_safe
def sign_off(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One signed act with everything that a printed form needs."""
    return _sign_off_page(request, _visible(request, uid), _withdrawal(request))


def _withdrawal(request: HttpRequest) -> WithdrawForm:
    form = WithdrawForm(request.POST or None)
    form.fields["password"].required = is_stale(request)
    return form


def _visible(request: HttpRequest, uid: uuid.UUID) -> SignOff:
    rows = SignOff.objects.visible_to(signed_in(request)).select_related(
        "apprentice__user",
        "apprentice__program__sponsor",
        "competency",
        "performance_standard",
        "rating__scale",
        "attestation",
        "withdraws",
        "attested__link",
    )
    return get_or_deny(rows, uid=uid)


def _sign_off_page(
    request: HttpRequest,
    row: SignOff,
    form: WithdrawForm,
    *,
    comment: CommentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    person = signed_in(request)
    others = signing.beside(row, person)
    context = {
        "row": row,
        "entry": chain.entries_of(row.apprentice.uid).filter(object=row.uid).first(),
        "withdrawal": row.withdrawals.first(),
        "others": others,
        "lower": [other for other in others if other.contradicts(row)],
        "doubts": [other for other in others if row.contradicts(other)],
        "may_withdraw": SignOff.objects.withdrawable_by(person).filter(pk=row.pk).exists(),
        "needs_password": is_stale(request),
        "reads_record": Apprentice.objects.record_visible_to(person).filter(pk=row.apprentice_id).exists(),
        "form": form,
        "scans": Scan.objects.visible_to(person).beside(row) if row.original_at else (),
        "comments": SignOffComment.objects.visible_to(person).filter(sign_off=row).select_related("by"),
        "comment_form": comment or CommentForm(),
        "mine": row.apprentice.user_id == person.pk,
        "files": Evidence.objects.visible_to(person).of_sheet(row) if row.original_at else (),
        "may_attach": row.may_have_sheet and row.signer_id == person.pk,
        "no_patients": NO_PATIENTS,
    }
    return render(request, "ojt_logs/sign_off.html", context, status=status)


@sensitive_post_parameters("password")
@require_POST
def withdraw(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take one's own signature back, with a reason and a fresh password."""
    row, person = _visible(request, uid), signed_in(request)
    get_or_deny(SignOff.objects.visible_to(person), SignOff.objects.given_by(person), pk=row.pk)
    form = _withdrawal(request)
    if not form.is_valid():
        return _sign_off_page(request, row, form, status=BAD)
    try:
        proof = authentication(request)
    except Refusal as refusal:
        form.add_error("password", refusal.message)
        return _sign_off_page(request, row, form, status=refusal.status)
    SignOff.objects.withdraw(
        row, by=person, now=timezone.now(), authentication=proof, reason=form.cleaned_data["reason"]
    )
    messages.success(request, "Withdrawn. Rating and withdrawal both stay on the record.")
    return redirect("sign-off", row.uid)


@require_POST
def comment(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The apprentice says something to a signature on their own record."""
    row, person = _visible(request, uid), signed_in(request)
    get_or_deny(SignOff.objects.visible_to(person), SignOff.objects.commentable_by(person), pk=row.pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _sign_off_page(request, row, WithdrawForm(), comment=form, status=BAD)
    SignOffComment.objects.add(row, by=person, now=timezone.now(), text=form.cleaned_data["text"])
    messages.success(request, "Your comment stands beside the signature.")
    return redirect("sign-off", row.uid)
