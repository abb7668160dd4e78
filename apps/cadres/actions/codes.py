"""Code tables: a value is added, renamed, given aliases, retired by date; never deleted."""

from datetime import date

from django.db import transaction

from apps.accounts.models import User
from apps.activity import audit
from apps.cadres.constraints import as_sentences
from apps.cadres.models import Code
from apps.cadres.selectors.codes import codebook
from apps.cadres.standards import plain
from apps.core.refusal import Refused

OWN = "本单位补充"


def _free(table: str, code: str, spellings: list[str]) -> None:
    """Refuses a spelling that already means another value."""
    book = codebook()
    for text in spellings:
        taken = book.code(table, text)
        if taken and taken != code:
            raise Refused(f"「{text}」已经表示「{book.name(table, taken)}」。", code="spelling_taken", field="name" if text == spellings[0] else "aliases")


@transaction.atomic
def add_code(*, table: str, code: str, name: str, aliases: list[str], valid_from: date | None, by: User) -> Code:
    if not plain(name) or not plain(code):
        raise Refused("请填写代码和名称。", code="required_missing", field="name")
    _free(table, code, [name, *aliases])
    last = Code.objects.filter(table=table).order_by("-order").first()
    row = Code(table=table, code=code, name=name, aliases=aliases, valid_from=valid_from, order=(last.order + 10) if last else 10, source=OWN)
    with as_sentences(Code):
        row.save()
    audit.record("code.changed", row, by=by, note="新增", data={"table": table, "code": code, "name": name})
    return row


@transaction.atomic
def change_code(*, code: Code, name: str, aliases: list[str], valid_from: date | None, valid_to: date | None, by: User) -> Code:
    """Rename, give other spellings, set from when to when it may be chosen; records that carry the code keep it."""
    _free(code.table, code.code, [name, *aliases])
    before = {"name": code.name, "aliases": code.aliases}
    code.name, code.aliases, code.valid_from, code.valid_to = name, aliases, valid_from, valid_to
    with as_sentences(Code):
        code.save()
    audit.record("code.changed", code, by=by, note="修改", data={"table": code.table, "code": code.code, "before": before, "after": {"name": name, "aliases": aliases}})
    return code


@transaction.atomic
def retire_code(*, code: Code, on: date | None, by: User) -> Code:
    """Last day it may be chosen; None takes it back into use."""
    code.valid_to = on
    with as_sentences(Code):
        code.save(update_fields=["valid_to"])
    audit.record("code.changed", code, by=by, note="停用" if on else "恢复使用", data={"table": code.table, "code": code.code})
    return code
