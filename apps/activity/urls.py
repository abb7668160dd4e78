from django.urls import path

from apps.activity import views

urlpatterns = [
    path("", views.index, name="inbox"),
    path("<int:pk>/", views.open_message, name="inbox_open"),
    path("read/", views.read_all, name="inbox_read_all"),
]
