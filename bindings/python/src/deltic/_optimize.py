"""TableOptimizer: a table's files rearranged, its rows left as they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from deltic._change import HOOKS_FIRST, after_change, change_request
from deltic._filters import FilterConjunctionType
from deltic._progress import watched
from deltic._sql import column_parts, column_text, engine_sql
from deltic.exceptions import InvalidArgumentError
from deltic.transaction import _positional

if TYPE_CHECKING:
    from deltic.table import DeltaTable
    from deltic.transaction import CommitProperties, PostCommitHookProperties
    from deltic.writer.properties import WriterProperties

__all__ = ["TableOptimizer"]


def _milliseconds(interval: int | float | timedelta | None) -> int | None:
    if interval is None:
        return None
    seconds = interval.total_seconds() if isinstance(interval, timedelta) else interval
    if seconds < 0:
        raise InvalidArgumentError(f"min_commit_interval is a time from 0 on, not {interval}")
    return int(seconds * 1000)


def _metrics(outcome: dict[str, Any]) -> dict[str, Any]:
    """The outcome by the names of the package deltalake, where the sizes of files are JSON text."""
    return {
        "numFilesAdded": outcome["files_added"]["totalFiles"],
        "numFilesRemoved": outcome["files_removed"]["totalFiles"],
        "filesAdded": json.dumps(outcome["files_added"]),
        "filesRemoved": json.dumps(outcome["files_removed"]),
        "partitionsOptimized": outcome["partitions_optimized"],
        "numBatches": outcome["num_batches"],
        "totalConsideredFiles": outcome["total_considered_files"],
        "totalFilesSkipped": outcome["total_files_skipped"],
        "preserveInsertionOrder": outcome["preserve_insertion_order"],
        "plannerStrategy": outcome["planner_strategy"],
        "preservedStableOrder": outcome["preserve_insertion_order"],
        "maxBinSpanFiles": outcome["max_bin_span_files"],
        "numDeletionVectorsRemoved": outcome["num_deletion_vectors_removed"],
        "numDeletedRowsRemoved": outcome["num_deletion_vector_rows_removed"],
        "numCommits": outcome["commits"],
        "version": outcome["version"],
    }


class TableOptimizer:
    """Files rearranged for faster reads: ``DeltaTable(path).optimize``. The rows stay what they are. Nothing of it is ever
    in conflict with appends; files that are replaced stay on disk until `DeltaTable.vacuum`.

    All answer what they did: ``numFilesAdded``, ``numFilesRemoved``, ``filesAdded`` and ``filesRemoved`` (sizes, as JSON),
    ``partitionsOptimized``, ``numBatches``, ``totalConsideredFiles``, ``totalFilesSkipped`` and more.

    Example:
        ```python
        from datetime import timedelta
        from deltic import DeltaTable

        orders = DeltaTable("/data/orders")
        orders.optimize.compact(min_commit_interval=timedelta(minutes=10))
        orders.optimize.z_order(["country", "total"])
        ```
    """

    def __init__(self, table: DeltaTable) -> None:
        self.table = table

    def _run(
        self,
        name: str,
        request: dict[str, Any],
        where: FilterConjunctionType | str | None,
        writer: WriterProperties | None,
        commit: CommitProperties | None,
        hooks: PostCommitHookProperties | None,
    ) -> dict[str, Any]:
        request.update(change_request(writer, commit, hooks))
        request["where"] = engine_sql(self.table._pruning(where)) if where else ""
        raw = self.table._table
        with watched(name) as request["progress"]:
            outcome, raw = raw.reorganize(request) if name == "purge" else raw.optimize(request)
        return _metrics(after_change(self.table, raw, outcome, hooks))

    def compact(
        self,
        partition_filters: FilterConjunctionType | str | None = None,
        target_size: int | None = None,
        max_concurrent_tasks: int | None = None,
        max_spill_size: int | None = None,
        max_temp_directory_size: int | None = None,
        min_commit_interval: int | timedelta | None = None,
        writer_properties: WriterProperties | None = None,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> dict[str, Any]:
        """Makes larger files of small ones, and of those of which many rows are deleted. On a table with clustering columns
        it clusters, as Spark's ``OPTIMIZE`` does; see `cluster`.

        Args:
            partition_filters: only these files: (column, op, value) tuples, or SQL
            target_size: bytes of a file; ``delta.targetFileSize`` if None, or 128 MiB
            max_concurrent_tasks: groups of files that are worked on at the same time
            max_spill_size: not looked at: memory is bounded for the process (``deltic.sql("set memory_limit = '2GB'")``)
            max_temp_directory_size: not looked at, likewise (``max_temp_directory_size``)
            min_commit_interval: seconds, or a timedelta: what is done is committed as often, so that a long run does not
                lose all when it fails late. One commit at the end if None
            writer_properties: how files are written
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "compact", args, commit_properties, post_commithook_properties, HOOKS_FIRST
        )
        request = {
            "target_file_size": target_size,
            "max_concurrent_tasks": max_concurrent_tasks,
            "min_commit_interval_ms": _milliseconds(min_commit_interval),
        }
        return self._run(
            "compact", request, partition_filters, writer_properties, commit_properties, post_commithook_properties
        )

    def z_order(
        self,
        columns: Iterable[str],
        partition_filters: FilterConjunctionType | str | None = None,
        target_size: int | None = None,
        max_concurrent_tasks: int | None = None,
        max_spill_size: int | None = None,
        max_temp_directory_size: int | None = None,
        min_commit_interval: int | timedelta | None = None,
        writer_properties: WriterProperties | None = None,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> dict[str, Any]:
        """Writes all files anew so that rows stand together whose values of the columns are near each other, by a Z-order
        curve: filters on any of the columns then skip most files.

        Args:
            columns: the columns, those first that are filtered by most
            partition_filters: see `compact`, as for all that follows
            target_size: see there
            max_concurrent_tasks: see there
            max_spill_size: see there
            max_temp_directory_size: see there
            min_commit_interval: see there
            writer_properties: see there
            commit_properties: see there
            post_commithook_properties: see there

        Raises:
            InvalidArgumentError: a column is not there, a partition column, or cannot be ordered
        """
        commit_properties, post_commithook_properties = _positional(
            "z_order", args, commit_properties, post_commithook_properties, HOOKS_FIRST
        )
        names = [columns] if isinstance(columns, str) else list(columns)
        if not names:
            raise InvalidArgumentError("Z-order needs at least one column")
        request = {
            "zorder_by": [column_text(column_parts(name)) for name in names],
            "target_file_size": target_size,
            "max_concurrent_tasks": max_concurrent_tasks,
            "min_commit_interval_ms": _milliseconds(min_commit_interval),
        }
        return self._run(
            "z_order", request, partition_filters, writer_properties, commit_properties, post_commithook_properties
        )

    def cluster(
        self,
        full: bool = False,
        *,
        target_size: int | None = None,
        max_concurrent_tasks: int | None = None,
        min_commit_interval: int | timedelta | None = None,
        writer_properties: WriterProperties | None = None,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> dict[str, Any]:
        """Clusters a table by its clustering columns (liquid clustering), on a Hilbert curve. What is clustered already
        stays as it is.

        Args:
            full: also files that were clustered by other columns or by another program
            target_size: see `compact`, as for all that follows
            max_concurrent_tasks: see there
            min_commit_interval: see there
            writer_properties: see there
            commit_properties: see there
            post_commithook_properties: see there

        Raises:
            InvalidArgumentError: the table has no clustering columns
        """
        if not self.table._table.clustering_columns():
            raise InvalidArgumentError("the table has no clustering columns: name some with alter.cluster_by")
        request = {
            "full": full,
            "target_file_size": target_size,
            "max_concurrent_tasks": max_concurrent_tasks,
            "min_commit_interval_ms": _milliseconds(min_commit_interval),
        }
        return self._run("cluster", request, None, writer_properties, commit_properties, post_commithook_properties)

    def purge(
        self,
        partition_filters: FilterConjunctionType | str | None = None,
        *,
        target_size: int | None = None,
        max_concurrent_tasks: int | None = None,
        min_commit_interval: int | timedelta | None = None,
        writer_properties: WriterProperties | None = None,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> dict[str, Any]:
        """Writes the files anew that hold what the table does not show any more: rows that deletion vectors mark, columns
        that were dropped (``REORG TABLE ... APPLY (PURGE)``). After a vacuum nothing of it is left.

        Args:
            partition_filters: see `compact`, as for all that follows
            target_size: see there
            max_concurrent_tasks: see there
            min_commit_interval: see there
            writer_properties: see there
            commit_properties: see there
            post_commithook_properties: see there
        """
        request = {
            "target_file_size": target_size,
            "max_concurrent_tasks": max_concurrent_tasks,
            "min_commit_interval_ms": _milliseconds(min_commit_interval),
        }
        return self._run(
            "purge", request, partition_filters, writer_properties, commit_properties, post_commithook_properties
        )
