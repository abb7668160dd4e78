"""What a person may do with a batch, asked at the moment it is done: creating and updating by import are rights of their own."""

from datetime import date

from apps.accounts import selectors as people
from apps.accounts.models import Organization, User
from apps.accounts.permissions import Right
from apps.files.models import ImportBatch
from apps.files.sheetkinds import SHEETS, SheetKind


def may(kind: SheetKind, user: User, org: Organization, today: date) -> list[str]:
    """"create" and "update" as far as the user's present roles over the organisation go."""
    held = people.rights_over(user, org.path, today)
    return [word for word, right in (("create", kind.creates), ("update", kind.updates)) if right in held]


def reason_against_writing(batch: ImportBatch, user: User, today: date) -> str:
    """Why this person can't have the batch written (or taken back), as its rows stand; "" when they can."""
    kind = SHEETS[batch.kind]
    allowed = may(kind, user, batch.org, today)
    if not allowed:
        return f"您现在的角色不能为“{batch.org.name}”导入{kind.title}。"
    for word, state, verb in (("create", "new", "新增"), ("update", "changed", "变更")):
        if batch.counts.get(state) and word not in allowed:
            return f"这一批要{verb} {batch.counts[state]} {kind.unit}，您现在的角色没有通过导入{verb}的权限。请由有权限的人处理。"
    return ""


def reason_against_undoing(batch: ImportBatch, user: User, today: date) -> str:
    """Why this person can't have the batch taken back: it asks a right of its own beside those it was written with."""
    if Right.IMPORT_UNDO not in people.rights_over(user, batch.org.path, today):
        return f"您现在的角色不能撤销“{batch.org.name}”的导入。"
    return reason_against_writing(batch, user, today)
