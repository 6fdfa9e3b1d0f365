"""Addresses of this package."""

from django.urls import path

from accounts import views
from accounts.factors import views as factors

urlpatterns = [
    path("glossary/", views.glossary, name="glossary"),
    path("signup/", views.signup_closed, name="signup-closed"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("me/", views.profile, name="profile"),
    path("me/consent/", views.consent, name="consent"),
    path("me/consent/withdraw/", views.consent_withdraw, name="consent-withdraw"),
    path("accounts/2fa/totp/activate/", factors.app_set_up, name="mfa_activate_totp"),
    path("accounts/2fa/webauthn/add/", factors.passkey_set_up, name="mfa_add_webauthn"),
    path("me/second-step/", factors.needed, name="second-step-needed"),
    path("sponsors/<uuid:uid>/second-step/", factors.of_sponsor, name="second-step"),
    path("sponsors/<uuid:uid>/second-step/set/", factors.set_of_sponsor, name="second-step-set"),
    path("memberships/<uuid:uid>/second-step/reset/", factors.reset, name="second-step-reset"),
    path("me/sign-ins/", views.sign_ins, name="sign-ins"),
    path("me/sessions/others/end/", views.sessions_end_others, name="sessions-end-others"),
    path("me/sessions/<int:pk>/end/", views.session_end, name="session-end"),
    path("me/tokens/", views.tokens, name="tokens"),
    path("me/tokens/new/", views.token_new, name="token-new"),
    path("me/tokens/<uuid:uid>/revoke/", views.token_revoke, name="token-revoke"),
]
