"""What a table's owner does beside its rows: files rearranged, versions restored, copies. The facts that
tell when which of them helps are in _facts.py."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deltic import _deltic
from deltic._change import after_change
from deltic._optimize import TableOptimizer
from deltic._progress import watched
from deltic._time import to_milliseconds
from deltic.exceptions import InvalidArgumentError
from deltic.transaction import _after_commit, _commit_request, _properties, _warn

if TYPE_CHECKING:
    from deltic.table import DeltaTable
    from deltic.transaction import CommitProperties, PostCommitHookProperties

__all__ = ["Upkeep"]

_CLONE_MODES = ("error", "ignore", "replace")


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
        }
        with watched("clone") as request["progress"]:
            outcome = self._table.clone(location, request)
        _warn(outcome["warnings"])
        copy = DeltaTable(location, storage_options=self._storage_options)
        if outcome["cloned"]:
            _after_commit(copy._table, location, post_commithook_properties)
        return copy
