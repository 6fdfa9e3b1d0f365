"""The pages about oneself: being let in, the profile, keys for programs, electronic records."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import devices
from accounts.access import OPEN_CONSENT, ask_consent, get_or_deny, signed_in
from accounts.consent_text import TEXTS, VERSION, fingerprint
from accounts.factors import demand
from accounts.factors.codes import has_second_step
from accounts.forms import InvitationForm, ProfileForm, TokenForm
from accounts.glossary import terms
from accounts.listing import Listing
from accounts.models import ApiToken, Consent, Invitation, SignIn, User
from accounts.models.people import authority_day
from accounts.models.sign_ins import How
from accounts.qualifications import earlier_of
from accounts.refusals import Refusal
from accounts.sign_in_list import SIGN_IN_SORTS, SIGN_INS, SignInFilters
from accounts.token_list import TOKEN_SORTS, TOKENS, TokenFilters

BACKEND = "accounts.sign_in.OwnAddress"
BAD = 400
GONE = 410
UNKNOWN = 404


@login_not_required
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Every word of the field that pages explain, with an anchor each."""
    return render(request, "accounts/glossary.html", {"terms": terms().values()})


@login_not_required
@require_safe
def signup_closed(request: HttpRequest) -> HttpResponse:
    """Says how people come in, since nobody signs up by themselves."""
    return render(request, "account/signup_closed.html")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The single-use link: choose a name and a password, or join with the account one has."""
    try:
        invited = Invitation.objects.invited(token, now=timezone.now())
        if invited.user is None and User.objects.by_email(invited.email).exists():
            return _join(request, invited, token)
        return _arrive(request, invited, token)
    except Refusal as refusal:
        status = UNKNOWN if refusal.code == "invitation_unknown" else GONE
        return render(request, "accounts/invitation_closed.html", {"refusal": refusal}, status=status)


def _arrive(request: HttpRequest, invited: Invitation, token: str) -> HttpResponse:
    """Somebody new: makes the account and signs them in."""
    form = InvitationForm(request.POST or None, email=invited.email, initial={"name": invited.name})
    if not form.is_valid():
        return render(request, "accounts/invitation.html", {"form": form, "invitation": invited})
    chosen = form.cleaned_data
    user = Invitation.objects.accept(
        token,
        password=chosen["password"],
        name=chosen["name"],
        time_zone=chosen["time_zone"],
        now=timezone.now(),
    )
    login(request, user, backend=BACKEND)
    devices.note(request)
    devices.note_sign_in(request, user, how=How.INVITATION, now=timezone.now())
    request.session[OPEN_CONSENT] = True
    messages.success(request, f"Welcome, {user.get_short_name()}.")
    return ask_consent(reverse("home"))


def _join(request: HttpRequest, invited: Invitation, token: str) -> HttpResponse:
    """Somebody with an account: the link adds the role for who has signed in to it.

    Whoever made the account may not be who got this mail: where no mail could be sent, a link to a first
    password was shown to those who invite. Who does not know the password, and who never showed that the
    mailbox is theirs, sets one by e-mail, which ends what others hold of the account.
    """
    user = User.objects.by_email(invited.email).get()
    theirs = request.user == user
    unproved = theirs and invited.sponsor and not user.may_be_given_to(invited.sponsor)
    if request.method != "POST" or unproved:
        context = {"invitation": invited, "theirs": theirs, "unproved": unproved}
        context["second_step"] = theirs and has_second_step(user)
        return render(request, "accounts/invitation_join.html", context)
    if not theirs:
        return redirect_to_login(request.path)
    Invitation.objects.join(token, now=timezone.now())
    messages.success(request, "The invitation is accepted.")
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The person's own name, initials and time zone, and what they are to whom."""
    user = signed_in(request)
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    today = authority_day(timezone.now())
    memberships = list(user.memberships.active(on=today).select_related("sponsor"))
    context = {
        "form": form,
        "today": today,
        "consent": Consent.objects.newest(user),
        "consent_version": VERSION,
        "memberships": memberships,
        "earlier": [one for rows in earlier_of(memberships).values() for one in rows],
        "apprenticeships": user.apprenticeships.select_related("program__sponsor"),
    }
    return render(request, "accounts/profile.html", context)


@require_safe
def sign_ins(request: HttpRequest) -> HttpResponseBase:
    """Where this person is signed in now, and how and from where they came in lately."""
    user = signed_in(request)
    listing = Listing(
        request,
        SignIn.objects.visible_to(user),
        filters=SignInFilters(request.GET),
        sorts=SIGN_IN_SORTS,
        table=SIGN_INS,
    )
    context = {
        "listing": listing,
        "devices": devices.devices_of(user, request),
        "tokens": ApiToken.objects.live(now=timezone.now()).filter(user=user).count(),
    }
    return listing.answer() or render(request, "accounts/sign_ins.html", context)


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Signs one of the person's other browsers out."""
    session = get_or_deny(devices.others(signed_in(request), request), pk=pk)
    session.end()
    messages.success(request, f"{devices.device_name(session.user_agent)} is signed out.")
    return redirect("sign-ins")


@require_POST
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """Signs the person out everywhere but here."""
    for session in devices.others(signed_in(request), request):
        session.end()
    messages.success(request, "You are signed out everywhere but here.")
    return redirect("sign-ins")


@require_safe
def tokens(request: HttpRequest) -> HttpResponseBase:
    """Every key of this person, the ones in force first; never a secret."""
    listing = Listing(
        request,
        ApiToken.objects.with_state(now=timezone.now()).filter(user=signed_in(request)),
        filters=TokenFilters(request.GET),
        sorts=TOKEN_SORTS,
        table=TOKENS,
    )
    return listing.answer() or render(request, "accounts/tokens.html", {"listing": listing})


@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_new(request: HttpRequest) -> HttpResponse:
    """Makes a key after a fresh password, and shows its secret this one time."""
    form = TokenForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/token_new.html", {"form": form})
    token, secret = ApiToken.objects.issue(
        signed_in(request),
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        days=form.cleaned_data["days"],
        now=timezone.now(),
        second_step=demand.shown(request, signed_in(request)),
    )
    return render(request, "accounts/token_made.html", {"token": token, "secret": secret})


@require_POST
def token_revoke(request: HttpRequest, uid: str) -> HttpResponse:
    """Ends a key at once; a key that has ended stays in the list."""
    token = get_or_deny(ApiToken.objects.filter(user=signed_in(request)), uid=uid)
    if token.revoked_at is None:
        token.revoke(now=timezone.now())
        messages.success(request, f"“{token.name}” is revoked. Programs that use it are refused from now on.")
    return redirect("tokens")


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """The text, and the button that agrees to exactly this one."""
    user, then = signed_in(request), _then(request)
    shown = fingerprint(VERSION)
    agreed = request.POST.get("agree") == shown
    if agreed:
        Consent.objects.give(user, now=timezone.now())
        request.session.pop(OPEN_CONSENT, None)
        messages.success(request, "You agreed to electronic records. You find the text on your profile.")
        return redirect(then)
    context = {
        "text": TEXTS[VERSION],
        "version": VERSION,
        "fingerprint": shown,
        "consent": Consent.objects.in_force(user),
        "then": then,
        "problem": request.method == "POST",
    }
    return render(request, "accounts/consent.html", context, status=BAD if context["problem"] else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def consent_withdraw(request: HttpRequest) -> HttpResponse:
    """What follows from taking the consent back, and the button that does."""
    user = signed_in(request)
    if request.method != "POST":
        context = {"consent": Consent.objects.in_force(user)}
        return render(request, "accounts/consent_withdraw.html", context)
    Consent.objects.withdraw(user, now=timezone.now())
    request.session[OPEN_CONSENT] = True
    messages.success(request, "Your consent is withdrawn. Tell your coordinator, who keeps your paper forms.")
    return redirect("profile")


def _then(request: HttpRequest) -> str:
    """Where the person was going, a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    secure = request.is_secure()
    return (
        wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=secure) else "/"
    )
