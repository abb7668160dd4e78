"""What of care doesn't keep a person whose import is taken back: to-dos that rules have opened and nobody has touched."""

from apps.care.models import Reminder, Source, ToDo, ToDoState
from apps.files.registry import OWN_MAKING, OwnMaking

OWN_MAKING.add(
    ToDo._meta.db_table,
    OwnMaking(f"x.source IN ('{Source.OCCASION}', '{Source.REVIEW}') AND x.state = '{ToDoState.OPEN}' AND x.version = 1", with_them=((Reminder._meta.db_table, "todo_id"),)),
)
