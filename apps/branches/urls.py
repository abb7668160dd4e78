from django.urls import path

from apps.branches.views import areas, branches, members

app_name = "branches"
urlpatterns = [
    path("", branches.branch_list, name="list"),
    path("add/", branches.branch_add, name="branch_add"),
    path("export/", branches.branch_export, name="branch_export"),
    path("members/export/", branches.member_export, name="member_export"),
    path("<int:pk>/", branches.branch, name="branch"),
    path("<int:pk>/edit/", branches.branch_edit, name="branch_edit"),
    path("<int:pk>/dissolve/", branches.branch_dissolve, name="branch_dissolve"),
    path("<int:pk>/members/add/", members.member_add, name="member_add"),
    path("<int:pk>/committee/add/", members.committee_add, name="committee_add"),
    path("committees/<int:pk>/", members.committee, name="committee"),
    path("members/<int:pk>/", members.member, name="member"),
    path("members/<int:pk>/leave/", members.member_leave, name="member_leave"),
    path("areas/", areas.areas, name="areas"),
    path("areas/add/", areas.area_add, name="area_add"),
    path("areas/<int:pk>/", areas.area, name="area"),
    path("rules/", areas.rules, name="rules"),
    path("rules/<slug:key>/", areas.rule, name="rule"),
]
