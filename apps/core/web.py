"""What pages of several apps ask of a request."""

from django.conf import settings


def site(request) -> str:
    """The portal's address as phones outside reach it, for QR codes."""
    return settings.PORTAL_URL or f"{request.scheme}://{request.get_host()}"
