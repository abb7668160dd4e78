from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    verbose_name = "组织与账号"

    def ready(self) -> None:
        from apps.accounts import checks  # noqa: F401
