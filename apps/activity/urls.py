from django.urls import path

from apps.activity.views import inbox, robots

urlpatterns = [
    path("", inbox.index, name="inbox"),
    path("<int:pk>/", inbox.open_message, name="inbox_open"),
    path("read/", inbox.read_all, name="inbox_read_all"),
    path("robots/", robots.index, name="robots"),
    path("robots/add/", robots.add, name="robot_add"),
    path("robots/<int:pk>/", robots.edit, name="robot_edit"),
    path("robots/<int:pk>/try/", robots.try_out, name="robot_try"),
    path("deliveries/", robots.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/retry/", robots.retry, name="delivery_retry"),
]
