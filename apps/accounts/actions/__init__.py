from apps.accounts.actions.letter_keys import letter_key
from apps.accounts.actions.memberships import end_membership, grant_membership
from apps.accounts.actions.organizations import change_organization, close_organization, create_organization, load_regions, move_organization
from apps.accounts.actions.passwords import change_password, reset_password, set_elder_mode
from apps.accounts.actions.tokens import issue_token, revoke_token
from apps.accounts.actions.users import change_user, create_user, end_sessions, set_active, unlock

__all__ = [
    "change_organization",
    "change_password",
    "change_user",
    "close_organization",
    "create_organization",
    "create_user",
    "end_membership",
    "end_sessions",
    "grant_membership",
    "issue_token",
    "letter_key",
    "load_regions",
    "move_organization",
    "reset_password",
    "revoke_token",
    "set_active",
    "set_elder_mode",
    "unlock",
]
