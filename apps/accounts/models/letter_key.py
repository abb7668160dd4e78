from django.conf import settings
from django.db import models

from apps.core.crypto import EncryptedTextField


class LetterKey(models.Model):
    """The secret under which a user's unsent forms lie in their browsers: handed out to whoever is signed in as the user, so that what waits
    outlives the session and opens again only for the same person. 32 random bytes in base64, sealed at rest; taking the row away makes all of it unreadable."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, verbose_name="用户", on_delete=models.CASCADE, related_name="letter_key")
    secret = EncryptedTextField("密钥", max_length=44)
    made_at = models.DateTimeField("生成时间", auto_now_add=True)

    class Meta:
        verbose_name = "待提交内容的密钥"
        verbose_name_plural = "待提交内容的密钥"
