from django.urls import path

from apps.dashboard.views import audit, search

urlpatterns = [
    path("audit/", audit.index, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("search/", search.index, name="search"),
]
