"""The API: each app brings its ``api``, joined here with its description."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from apps.accounts.api_auth import HasRight
from apps.accounts.permissions import Right
from apps.cadres.api import views as cadres
from cadre_portal import (
    api_docs,
    api_schema,  # noqa: F401 - tells the description how callers sign in
)


class Schema(SpectacularAPIView):
    """OpenAPI 3 of everything below ``/api/``."""

    rights = frozenset({Right.ACCOUNT_OWN})
    permission_classes = [HasRight]


urlpatterns = [
    path("cadres/", cadres.CadreList.as_view(), name="api-cadres"),
    path("cadres/<int:pk>/", cadres.CadreDetail.as_view(), name="api-cadre"),
    path("cadres/<int:pk>/changes/", cadres.CadreChanges.as_view(), name="api-cadre-changes"),
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", api_docs.docs, name="api-docs"),
]
