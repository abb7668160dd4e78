from django.urls import path

from apps.accounts.views import organizations, security, tokens, users

app_name = "accounts"
urlpatterns = [
    path("organizations/", organizations.tree, name="organizations"),
    path("organizations/regions/", organizations.regions, name="regions"),
    path("organizations/<int:pk>/", organizations.detail, name="organization"),
    path("organizations/<int:pk>/new/", organizations.create, name="organization_create"),
    path("organizations/<int:pk>/rename/", organizations.rename, name="organization_rename"),
    path("organizations/<int:pk>/move/", organizations.move, name="organization_move"),
    path("organizations/<int:pk>/close/", organizations.close, name="organization_close"),
    path("users/", users.index, name="users"),
    path("users/new/", users.create, name="user_create"),
    path("users/<int:pk>/", users.detail, name="user"),
    path("users/<int:pk>/edit/", users.edit, name="user_edit"),
    path("users/<int:pk>/password/", users.reset_password, name="user_reset_password"),
    path("users/<int:pk>/active/", users.set_active, name="user_set_active"),
    path("users/<int:pk>/grant/", users.grant, name="membership_grant"),
    path("memberships/<int:pk>/end/", users.end, name="membership_end"),
    path("tokens/", tokens.index, name="tokens"),
    path("tokens/<slug:key>/revoke/", tokens.revoke, name="token_revoke"),
    path("security/", security.index, name="security"),
    path("security/unlock/", security.unlock, name="security_unlock"),
    path("security/users/<int:pk>/sessions/", security.end_sessions, name="security_end_sessions"),
    path("security/rights/", security.rights, name="rights"),
]
