"""What tells a table's owner how the table is kept: the facts of the whole, which upkeep would help, what commits did."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deltic import _deltic

__all__ = ["Facts"]


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, timezone.utc)


class Facts:
    """The facts on its upkeep that a DeltaTable has."""

    _table: _deltic.RawTable

    def detail(self) -> dict[str, Any]:
        """What the table is, by the names of Spark's ``DESCRIBE DETAIL``: ``format``, ``id``, ``name``, ``description``,
        ``location``, ``createdAt``, ``lastModified``, ``partitionColumns``, ``clusteringColumns``, ``numFiles``,
        ``sizeInBytes``, ``properties``, ``minReaderVersion``, ``minWriterVersion``, ``tableFeatures``; and ``numRows`` (None
        where no statistics tell), ``numDeletionVectors``, ``numDeletedRows``."""
        found = self._table.detail()
        found["createdAt"] = _moment(found["createdAt"])
        found["lastModified"] = _moment(found["lastModified"])
        return found

    def health(self, target_size: int | None = None) -> dict[str, Any]:
        """How the table is kept: sizes of files, small files, deleted rows, statistics, partitions, the log, files that a
        vacuum would find; and under ``findings`` what maintenance would help (``code``, ``problem``, ``help``), the most
        pressing first.

        Args:
            target_size: how large files should be, in bytes; ``delta.targetFileSize`` if None, or 128 MiB
        """
        return self._table.health(target_size or 0, None)

    def summarize_history(self, limit: int | None = None) -> list[dict[str, Any]]:
        """What each commit did in numbers, newest first, the same for every writer: ``version``, ``timestamp``,
        ``operation``, ``mode``, ``files_added``, ``files_removed``, ``bytes_added``, ``bytes_removed``, ``rows_added`` and
        ``rows_removed`` (None where nobody tells), ``rows_updated``, ``changes_schema``, ``changes_protocol``,
        ``has_checkpoint``.

        Args:
            limit: at most so many commits
        """
        return self._table.commits(limit)
