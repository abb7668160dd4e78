"""Running any kind of sheet through the pipeline in tests."""

from apps.core.scope import Scope, entered
from apps.files import actions
from tests.cadres.sheets_kit import NOW, TODAY, Outcome, looked_at
from tests.import_corpus.books import xlsx


def read(kind: str, path, org, by, given=None) -> Outcome:
    with entered(Scope((org.path,))):
        batch = actions.open_batch(kind=kind, content=path.read_bytes(), name=path.name, content_type="", org=org, by=by, today=TODAY, given=given)
    actions.read_batch(batch_id=batch.pk, now=NOW, today=TODAY)
    return looked_at(batch)


def sheet(tmp_path, titles: str, *rows: tuple, name: str = "a", merged: tuple[str, ...] = ()):
    """A workbook with one sheet; ``titles`` parted by spaces."""
    return xlsx(tmp_path / f"{name}.xlsx", ("表", [titles.split(), *map(list, rows)]), merged={"表": merged})
