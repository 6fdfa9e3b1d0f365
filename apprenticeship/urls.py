"""Every address of the site. Packages are named by dotted text only, never imported."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# The admin has no door of its own: allauth's sign-in counts the tries.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

api_docs = require_safe(
    login_not_required(
        SpectacularSwaggerSplitView.as_view(
            url_name="api-schema", template_name="apprenticeship/api_docs.html"
        )
    )
)


@csrf_exempt
@login_not_required
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Whatever is not below is a problem for whoever asked the API, with DEBUG on too (handler404)."""
    raise Http404


urlpatterns = [
    path("", include("reports.urls")),
    path("", include("ojt_logs.urls")),
    path("", include("apprenticeship.routes")),
    path("", include("competencies.urls")),
    path("", include("competencies.case.urls")),
    path("", include("accounts.urls")),
    path("accounts/sessions/", RedirectView.as_view(pattern_name="sign-ins"), name="usersessions_list"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("reports.api_urls")),
    path("api/v1/", include("ojt_logs.api_urls")),
    path("api/v1/", include("apprenticeship.api_urls")),
    path("api/v1/", include("competencies.api_urls")),
    path("api/v1/schema/", login_not_required(SpectacularAPIView.as_view()), name="api-schema"),
    path("api/v1/docs/", api_docs, name="api-docs"),
    re_path(r"^api/.*/$", nothing_here, name="api-nothing"),
]

if settings.SSO_ID:  # pages with which people would make accounts and links by themselves (accounts/sso.py)
    urlpatterns.insert(0, re_path(r"^accounts/(?:3rdparty|social)/", nothing_here))

handler400 = "accounts.api.unreadable"
handler404 = "accounts.api.not_found"
handler500 = "accounts.api.breakdown"
