"""What happens to sealed files as time goes by: written anew under a new key, emptied when their time is over."""

from collections.abc import Iterator
from datetime import date, datetime

from apps.activity import audit
from apps.core.key_rotation import KEEPERS, SealedImages
from apps.core.scope import system_scope
from apps.core.sealed_streams import header_of
from apps.core.sealing import current_header
from apps.files import selectors, storage
from apps.files.models import ImportRow, StoredFile
from apps.files.sheetkinds import SHEETS


class SealedFiles:
    """Sealed files, as key rotation sees them. One whose bytes are lost is nobody's business here."""

    title = "加密存放的文件"

    def outdated(self) -> int:
        return sum(1 for _ in self._old())

    def rotate(self) -> tuple[int, list]:
        done, closed = 0, []
        for stored in list(self._old()):
            try:
                storage.reseal(stored)
                done += 1
            except storage.NotToBeHad:
                closed.append(stored.pk)
        return done, closed

    @staticmethod
    def _old() -> Iterator[StoredFile]:
        with system_scope("sealed files under old keys") as scope:
            for stored in selectors.sealed_files(scope):
                try:
                    with storage.path_of(stored).open("rb") as content:
                        if header_of(content) != current_header():
                            yield stored
                except FileNotFoundError:
                    continue


class StagedRows:
    """Values of imported rows, and what stood there before: undoing needs both."""

    title = "导入行里的加密值"

    def outdated(self) -> int:
        return sum(images.outdated() for images in self._images())

    def rotate(self) -> tuple[int, list]:
        done, closed = 0, []
        for images in self._images():
            changed, unopened = images.rotate()
            done += changed
            closed += unopened
        return done, closed

    @staticmethod
    def _images() -> Iterator[SealedImages]:
        by_model: dict = {}
        for key, kind in SHEETS.items():
            by_model.setdefault(kind.model, []).append(key)
        for model, kinds in by_model.items():
            for column in ("values", "before"):
                batches = "t.batch_id IN (SELECT id FROM files_importbatch WHERE kind = ANY(%s))"
                images = SealedImages(f"{StagedRows.title}（{model._meta.verbose_name}）", ImportRow._meta.db_table, column, model, batches, (kinds,))
                if images.sealed:
                    yield images


KEEPERS.add("files", SealedFiles())
KEEPERS.add("staged rows", StagedRows())


def remove_expired(*, today: date, now: datetime) -> int:
    """Take the bytes of files whose time is over off the disk; the row stays and says when. Returns how many.

    The bytes go first: whatever happens then, the next day finds the row and finishes.
    """
    with system_scope("files whose time is over") as scope:
        due = list(selectors.expired_files(scope, today))
        for stored in due:
            storage.path_of(stored).unlink(missing_ok=True)
            StoredFile.objects.filter(pk=stored.pk).update(removed_at=now)
            audit.record("file.expired", stored, title=stored.name[:120], data={"label": stored.label, "subject": stored.subject_id, "until": f"{stored.expires_on}"})
    return len(due)
