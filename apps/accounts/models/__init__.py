from apps.accounts.models.letter_key import LetterKey
from apps.accounts.models.membership import Membership
from apps.accounts.models.organization import Level, Organization
from apps.accounts.models.owned import OrgOwned
from apps.accounts.models.user import PasswordRecord, User

__all__ = ["LetterKey", "Level", "Membership", "OrgOwned", "Organization", "PasswordRecord", "User"]
