"""Is this the sheet that was imported before, saved once more? Asked by keys, so that new bytes or a few new rows don't hide it."""

from apps.core.scope import upper_bound
from apps.files.importing.asking import by_hash, rows_of
from apps.files.models import BatchState, ImportBatch

LOOKED_AT = 5
FEWEST, SHARE = 5, 80


def earlier(batch: ImportBatch) -> dict:
    """``{"batch", "share"}`` of the applied batch of this kind that has most of this one's keys, ``{}`` when none has at least ``SHARE`` per cent.

    Only the last few batches of about this size or larger are looked at: one query, two index ranges.
    """
    with by_hash():
        found = _most_keys(batch)
    return {"batch": found[0][0], "share": int(found[0][1])} if found and found[0][1] >= SHARE else {}


def _most_keys(batch: ImportBatch) -> list[tuple]:
    return rows_of(
        """
        WITH own AS (SELECT DISTINCT match_index FROM files_importrow WHERE batch_id = %s AND match_index IS NOT NULL),
        many AS (SELECT count(*) AS n FROM own),
        before AS (
          SELECT b.id FROM files_importbatch b, many WHERE b.kind = %s AND b.state = %s AND b.id < %s AND b.org_path >= %s AND b.org_path < %s
            AND (b.counts ->> 'rows')::int BETWEEN n * 0.8 AND greatest(n * 3, 1000) ORDER BY b.id DESC LIMIT %s
        )
        SELECT r.batch_id, floor(100.0 * count(DISTINCT r.match_index) / n) FROM before JOIN files_importrow r ON r.batch_id = before.id
        JOIN own ON own.match_index = r.match_index, many WHERE n >= %s GROUP BY r.batch_id, n ORDER BY 2 DESC, 1 DESC LIMIT 1
        """,
        [batch.pk, batch.kind, BatchState.APPLIED, batch.pk, batch.org.path, upper_bound(batch.org.path), LOOKED_AT, FEWEST],
    )
