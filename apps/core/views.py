"""The gallery of components."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.gallery import sample


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component with long names, no rows and every state; for developers, behind the login."""
    return render(request, "components/gallery.html", sample())
