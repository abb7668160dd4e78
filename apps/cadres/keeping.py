"""Encrypted values outside columns of their own, for key rotation: the records as they stood before and after a merge."""

from apps.cadres.models import Cadre, MergeRecord
from apps.core.key_rotation import KEEPERS, SealedImages

for _column in ("before_kept", "after_kept", "before_absorbed"):
    _title = f"{MergeRecord._meta.verbose_name}（{MergeRecord._meta.get_field(_column).verbose_name}）"
    KEEPERS.add(f"merges {_column}", SealedImages(_title, MergeRecord._meta.db_table, _column, Cadre))
