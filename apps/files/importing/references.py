"""Who refers to a record: asked of the models and of the database itself, so that a relation nobody thought of still keeps a record from being removed."""

from dataclasses import dataclass

import pghistory.models
from django.db import models

from apps.files.importing.asking import rows_of
from apps.files.models import StoredFile
from apps.files.registry import OWN_MAKING


@dataclass(frozen=True)
class Reference:
    """Rows of ``table`` whose ``column`` holds a record's key; ``words`` say what they are, ``condition`` (SQL over the table) narrows them."""

    table: str
    column: str
    words: str
    condition: str = "true"


def references(model: type[models.Model]) -> list[Reference]:
    """Every reference to records of ``model``, their own history left out. A foreign key no model knows is there too, by its table's name."""
    declared = [
        Reference(one.related_model._meta.db_table, one.field.column, str(one.related_model._meta.verbose_name), _touched(one.related_model._meta.db_table))
        for one in model._meta.get_fields(include_hidden=True)
        if one.auto_created and not one.concrete and not issubclass(one.related_model, pghistory.models.Event)
    ]
    files = Reference(StoredFile._meta.db_table, "subject_id", "附件", f"label = '{model._meta.label}'")
    known = {(one.table, one.column) for one in declared}
    unknown = [Reference(table, column, f"其他资料（{table}）") for table, column in _foreign_keys(model._meta.db_table) if (table, column) not in known]
    return [*declared, files, *unknown]


def _touched(table: str) -> str:
    """All rows but those the portal has opened by itself."""
    return f"NOT ({OWN_MAKING[table].condition})" if table in OWN_MAKING else "true"


def own_making(model: type[models.Model]) -> list[Reference]:
    """Rows the portal has opened by itself for records of ``model``, nobody having touched them."""
    found = [one for one in references(model) if one.table in OWN_MAKING]
    return [Reference(one.table, one.column, one.words, OWN_MAKING[one.table].condition) for one in found]


def _foreign_keys(table: str) -> list[tuple[str, str]]:
    return rows_of(
        "SELECT k.conrelid::regclass::text, a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)"
        " WHERE k.contype = 'f' AND k.confrelid = %s::regclass",
        [table],
    )
