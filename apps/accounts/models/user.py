from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in. What one may do comes from memberships alone; Django's groups and permissions are not used."""

    first_name = None
    last_name = None
    display_name = models.CharField("姓名", max_length=40)
    phone = models.CharField("联系电话", max_length=30, blank=True, default="", db_default="")
    must_change_password = models.BooleanField("须先修改初始密码", default=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    elder_mode = models.BooleanField("大字版", default=False)
    is_demo = models.BooleanField("演示账号", default=False, editable=False)

    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class PasswordRecord(models.Model):
    """Hashes of earlier passwords, so that the last few are not used again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="password_records")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = "历史密码"
        verbose_name_plural = "历史密码"
        ordering = ["-set_at"]
