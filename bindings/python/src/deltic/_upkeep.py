"""What a table's owner does beside its rows: files rearranged and deleted, versions restored, copies, repairs. The facts
that tell when which of them helps are in _facts.py."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deltic import _deltic
from deltic._change import HOOKS_FIRST, after_change
from deltic._optimize import TableOptimizer
from deltic._progress import watched
from deltic._time import to_milliseconds
from deltic.exceptions import InvalidArgumentError
from deltic.transaction import _after_commit, _commit_request, _positional, _properties, _warn

if TYPE_CHECKING:
    from deltic.table import DeltaTable
    from deltic.transaction import CommitProperties, PostCommitHookProperties

__all__ = ["FSCK_METRICS_FILES_REMOVED_LABEL", "Upkeep"]

FSCK_METRICS_FILES_REMOVED_LABEL = "files_removed"
"""The name of the removed files in what `DeltaTable.repair` answers."""

_CLONE_MODES = ("error", "ignore", "replace")
_LOST_VECTORS = ("refuse", "remove_files", "revive_rows")


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise InvalidArgumentError(f"{name} is one of {', '.join(choices)}, not {value!r}")
    return value


class Upkeep:
    """The maintenance that a DeltaTable has."""

    _table: _deltic.RawTable
    _uri: str
    _storage_options: dict[str, str] | None

    @property
    def optimize(self) -> TableOptimizer:
        """Files rearranged for faster reads: compaction, Z-order, clustering, purging."""
        return TableOptimizer(self)  # type: ignore[arg-type]

    def vacuum(
        self,
        retention_hours: float | None = None,
        dry_run: bool = True,
        enforce_retention_duration: bool = True,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
        full: bool = False,
        keep_versions: list[int] | None = None,
        inventory: str | None = None,
    ) -> list[str]:
        """Deletes files that no version within the retention needs. Never a live file or its deletion vector, nor anything
        that was written within the retention. Without ``dry_run=False`` it only tells which.

        Args:
            retention_hours: how long files are kept that no version needs any more;
                ``delta.deletedFileRetentionDuration`` if None, a week by default
            dry_run: only answers the files
            enforce_retention_duration: whether a retention shorter than the table's is refused
            commit_properties: what the commits carry that begin and end a vacuum in the history
            post_commithook_properties: what follows them
            full: lists the table's folder and finds what failed writers left, too; else only what the log says was removed
            keep_versions: versions whose files all stay
            inventory: instead of listing the folder: a SELECT with the columns ``path``, ``length``, ``isDir`` and
                ``modificationTime`` (milliseconds), as of a store's own inventory

        Returns:
            The files' paths, relative to the table. One that could not be deleted is a warning

        Example:
            ```python
            from deltic import DeltaTable

            orders = DeltaTable("/data/orders")
            would_go = orders.vacuum(full=True)
            gone = orders.vacuum(dry_run=False)
            ```
        """
        if len(args) > 4:
            raise TypeError("vacuum() got unexpected positional arguments")
        if len(args) > 3:
            keep_versions = args[3]
        if len(args) > 2:
            full = bool(args[2])
        commit_properties, post_commithook_properties = _positional(
            "vacuum", args[:2], commit_properties, post_commithook_properties, HOOKS_FIRST
        )
        if retention_hours is not None and retention_hours < 0:
            raise ValueError("The retention periods should be positive.")
        request: dict[str, Any] = {
            "mode": "full" if full or inventory is not None else "lite",
            "retention_ms": None if retention_hours is None else int(retention_hours * 3_600_000),
            "enforce_retention": enforce_retention_duration,
            "dry_run": dry_run,
            "keep_versions": list(keep_versions or []),
            "inventory_sql": inventory,
            "commit": _commit_request(commit_properties, post_commithook_properties),
        }
        with watched("vacuum") as request["progress"]:
            outcome, raw = self._table.vacuum(request)
        for each in outcome["failed"]:
            warnings.warn(f"file not deleted: {each}", RuntimeWarning, stacklevel=2)
        outcome["changed"] = outcome["version"] > self._table.version()
        after_change(self, raw, outcome, post_commithook_properties)
        return [path for path, _ in outcome["files"]]

    def restore(
        self,
        target: int | datetime | str,
        *,
        ignore_missing_files: bool = False,
        protocol_downgrade_allowed: bool = False,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> dict[str, Any]:
        """Makes a new version that is as an older one was. The versions in between stay.

        Args:
            target: a version, or a time: the newest version at or before it
            ignore_missing_files: restores what is left of a version whose files were deleted since
            protocol_downgrade_allowed: whether the table's protocol becomes that of the version too
            commit_properties: what the commit carries
            post_commithook_properties: what follows it

        Returns:
            ``numRemovedFile``, ``numRestoredFile`` and more

        Raises:
            NotFoundError: the version is not there any more, or, naming them, files of it

        Example:
            ```python
            from deltic import DeltaTable

            orders = DeltaTable("/data/orders")
            orders.restore(orders.version() - 1)
            ```
        """
        if isinstance(target, bool) or not isinstance(target, (int, str, datetime)):
            raise TypeError("restore takes a version (int) or a time (str or datetime)")
        request: dict[str, Any] = {
            "ignore_missing_files": ignore_missing_files,
            "protocol_downgrade_allowed": protocol_downgrade_allowed,
            "commit": _commit_request(commit_properties, post_commithook_properties),
        }
        request["version" if isinstance(target, int) else "timestamp_ms"] = (
            target if isinstance(target, int) else to_milliseconds(target)
        )
        with watched("restore") as request["progress"]:
            outcome, raw = self._table.restore(request)
        outcome = after_change(self, raw, outcome, post_commithook_properties)
        return {
            "numRemovedFile": outcome["files_removed"],
            "numRestoredFile": outcome["files_restored"],
            "removedFilesSize": outcome["bytes_removed"],
            "restoredFilesSize": outcome["bytes_restored"],
            "numOfFilesAfterRestore": outcome["files_after"],
            "tableSizeAfterRestore": outcome["size_after_bytes"],
            "missingFiles": outcome["missing_files"],
            "restoredVersion": outcome["restored_version"],
            "version": outcome["version"],
        }

    def repair(
        self,
        dry_run: bool = False,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
        lost_vectors: Literal["refuse", "remove_files", "revive_rows"] = "refuse",
        damaged: bool = False,
    ) -> dict[str, Any]:
        """Takes files out of the table that storage has lost, so that the rest can be read.

        Args:
            dry_run: only answers what is lost
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
            lost_vectors: of files whose deletion vectors are lost: ``refuse`` raises, ``remove_files`` gives their live
                rows up, ``revive_rows`` brings their deleted rows back
            damaged: takes out files, too, of another size than the log says, and those that are no Parquet files

        Returns:
            ``dry_run``, ``files_removed``, ``rows_revived_of``, ``vectors_lost``, ``damaged``, ``files_checked`` and
            ``version``

        Raises:
            CorruptError: deletion vectors are lost, and nothing says what becomes of their files

        Example:
            ```python
            from deltic import DeltaTable

            missing = DeltaTable("/data/orders").repair(dry_run=True)["files_removed"]
            ```
        """
        commit_properties, post_commithook_properties = _positional(
            "repair", args, commit_properties, post_commithook_properties, HOOKS_FIRST
        )
        request: dict[str, Any] = {
            "dry_run": dry_run,
            "lost_vectors": _one_of("lost_vectors", lost_vectors, _LOST_VECTORS),
            "damaged": damaged,
            "commit": _commit_request(commit_properties, post_commithook_properties),
        }
        with watched("repair") as request["progress"]:
            outcome, raw = self._table.repair(request)
        return after_change(self, raw, outcome, post_commithook_properties)

    def generate(self) -> None:
        """Writes the lists of live files (``_symlink_format_manifest``) that Presto, Trino, Athena and Hive read, one for
        each partition. Refused for tables with deletion vectors or column mapping, which those would misread.

        Example:
            ```python
            from deltic import DeltaTable

            DeltaTable("/data/orders").generate()
            ```
        """
        self._table.generate()

    def clone(
        self,
        target: str | Path | os.PathLike[str],
        *,
        shallow: bool = False,
        mode: Literal["error", "ignore", "replace"] = "error",
        properties: Mapping[str, str | None] | None = None,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> DeltaTable:
        """A copy of the version that this object is at, as a table of its own.

        Args:
            target: the copy's folder
            shallow: copies no file: the clone reads those of this table, and breaks when they are vacuumed
            mode: where there is a table: ``error`` refuses, ``ignore`` does nothing, ``replace`` replaces it, and copies
                only what an earlier clone does not have
            properties: of the copy, over those of this table
            commit_properties: what the commit carries
            post_commithook_properties: what follows it

        Raises:
            AlreadyExistsError: there is a table

        Example:
            ```python
            from deltic import DeltaTable

            copy = DeltaTable("/data/orders").clone("/data/orders_backup")
            ```
        """
        from deltic.table import DeltaTable

        location = os.fspath(target)
        request = {
            "shallow": shallow,
            "mode": _one_of("mode", mode, _CLONE_MODES),
            "version": self._table.version(),
            "properties": _properties(properties),
            "commit": _commit_request(commit_properties, post_commithook_properties),
            "storage_options": self._storage_options,
        }
        with watched("clone") as request["progress"]:
            outcome = self._table.clone(location, request)
        _warn(outcome["warnings"])
        copy = DeltaTable(location, storage_options=self._storage_options)
        if outcome["cloned"]:
            _after_commit(copy._table, location, post_commithook_properties)
        return copy
