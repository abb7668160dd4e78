from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "apps.care"
    verbose_name = "一人一策与走访"
