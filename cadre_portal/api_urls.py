"""The API: each app brings its ``api.py``, joined here."""

urlpatterns = []
