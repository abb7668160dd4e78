"""System checks about accounts."""

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.database)
def no_demo_accounts(app_configs, databases=None, **kwargs):
    """Demo accounts can't exist where demo data isn't allowed (production)."""
    if settings.DEMO_ALLOWED or not databases:
        return []
    from apps.accounts.selectors import demo_account_names

    names = demo_account_names()
    if not names:
        return []
    return [Error(f"演示账号不能存在于正式环境：{'、'.join(names[:5])}", id="accounts.E001")]
