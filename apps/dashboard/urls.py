from django.urls import path

from apps.dashboard.views import audit, leader, search, worklist

urlpatterns = [
    path("dashboard/", leader.index, name="dashboard"),
    path("worklist/", worklist.index, name="worklist"),
    path("worklist/sheet/", worklist.sheet, name="worklist_sheet"),
    path("worklist/carry/", worklist.carry, name="worklist_carry"),
    path("audit/", audit.index, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("search/", search.index, name="search"),
]
