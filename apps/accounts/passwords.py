"""Password rules that Django doesn't bring; the numbers are settings."""

import string

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError


def kinds(password: str) -> int:
    """How many of the four kinds occur: lower case, upper case, digit, anything else."""
    found = {
        "lower" if char in string.ascii_lowercase else "upper" if char in string.ascii_uppercase else "digit" if char in string.digits else "other" for char in password
    }
    return len(found)


class KindsValidator:
    """At least ``PASSWORD_MIN_KINDS`` of lower case, upper case, digits and other characters."""

    def validate(self, password, user=None) -> None:
        if kinds(password) < settings.PASSWORD_MIN_KINDS:
            raise ValidationError(self.get_help_text(), code="password_kinds")

    def get_help_text(self) -> str:
        return f"密码须含大写字母、小写字母、数字、其他符号中的至少 {settings.PASSWORD_MIN_KINDS} 类。"


class NotReusedValidator:
    """Not the present password and none of the last ``PASSWORD_REMEMBERED``."""

    def validate(self, password, user=None) -> None:
        if user is None or user.pk is None:
            return
        earlier = [record.password for record in user.password_records.all()[: settings.PASSWORD_REMEMBERED]]
        if any(check_password(password, hashed) for hashed in [user.password, *earlier] if hashed):
            raise ValidationError(self.get_help_text(), code="password_reused")

    def get_help_text(self) -> str:
        return f"不能与最近 {settings.PASSWORD_REMEMBERED} 次用过的密码相同。"
