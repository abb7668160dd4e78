from django.urls import path

from apps.files.views import downloads

app_name = "files"
urlpatterns = [
    path("stored/<uuid:key>/", downloads.download, name="download"),
]
