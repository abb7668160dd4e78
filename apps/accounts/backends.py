"""Password sign-in, closed to demo accounts wherever demo data isn't allowed."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend


class PortalBackend(ModelBackend):
    def user_can_authenticate(self, user) -> bool:
        return super().user_can_authenticate(user) and (settings.DEMO_ALLOWED or not user.is_demo)
