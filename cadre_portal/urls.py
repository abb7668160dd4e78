"""Every page of the portal. Each view names the right it needs; tests walk this tree."""

from django.conf import settings
from django.urls import include, path

from apps.accounts.permissions import signed_in
from apps.accounts.views import offline, session
from apps.branches.views import applications, pledges, voting
from apps.brands.views import reviews
from apps.core.views import gallery
from cadre_portal import health

handler400 = "apps.core.errors.bad_request"
handler403 = "apps.core.errors.forbidden"
handler404 = "apps.core.errors.not_found"
handler500 = "apps.core.errors.server_error"

urlpatterns = [
    path("", session.home, name="home"),
    path("login/", session.sign_in, name="login"),
    path("logout/", session.sign_out, name="logout"),
    path("password/", session.password_change, name="password_change"),
    path("elder/", session.elder_mode, name="elder_mode"),
    path("role/", session.choose_membership, name="choose_membership"),
    path("keepalive/", session.keepalive, name="keepalive"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("offline/", offline.page, name="offline"),
    path("offline/key/", offline.letter_key, name="letter_key"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("apps.accounts.urls")),
    path("inbox/", include("apps.activity.urls")),
    path("files/", include("apps.files.urls")),
    path("cadres/", include("apps.cadres.urls")),
    path("care/", include("apps.care.urls")),
    path("vote/", voting.vote, name="vote"),
    path("brand-vote/", reviews.brand_vote, name="brand_vote"),
    path("brand-vote/thanks/", reviews.brand_voted, name="brand_voted"),
    path("vote/thanks/", voting.voted, name="voted"),
    path("pledges/<str:key>/", pledges.pledge_page, name="pledge_page"),
    path("naming/<uuid:key>/", applications.public_name, name="public_name"),
    path("branches/", include("apps.branches.urls")),
    path("brands/", include("apps.brands.urls")),
    path("api/", include("cadre_portal.api_urls")),
    path("", include("apps.dashboard.urls")),
]
if settings.DEMO_ALLOWED:
    urlpatterns.append(path("gallery/", signed_in(gallery), name="gallery"))
if settings.ADMIN_ENABLED:
    from django.contrib import admin

    urlpatterns.append(path("developer-admin/", admin.site.urls))
