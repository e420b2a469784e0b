"""Folders of Parquet files as tables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deltic import _deltic
from deltic._options import checked_options
from deltic._progress import watched
from deltic._sql import column_text
from deltic.exceptions import UnsupportedError
from deltic.schema import PrimitiveType, Schema
from deltic.transaction import _after_commit, _commit_request, _positional, _properties, _warn

if TYPE_CHECKING:
    from deltic.transaction import CommitProperties, PostCommitHookProperties

__all__ = ["convert_to_deltalake"]


def convert_to_deltalake(
    uri: str | Path | os.PathLike[str],
    mode: Literal["error", "ignore"] = "error",
    partition_by: Schema | None = None,
    partition_strategy: Literal["hive", "directory"] | None = None,
    name: str | None = None,
    description: str | None = None,
    configuration: Mapping[str, str | None] | None = None,
    storage_options: dict[str, str] | None = None,
    *args: Any,
    collect_stats: bool = True,
    commit_properties: CommitProperties | None = None,
    post_commithook_properties: PostCommitHookProperties | None = None,
) -> None:
    """Makes a table of a folder of Parquet files, in place: the files stay as they are. No rows are read; statistics come
    from the files' footers.

    Args:
        uri: the folder
        mode: where there is a table: ``error`` refuses, ``ignore`` does nothing
        partition_by: the columns that the folders' names hold, with their types
        partition_strategy: ``hive`` for folders such as ``year=2026``. Without ``partition_by`` columns and types are taken
            from the names. ``directory`` (``2026/01``) is refused
        name: for people
        description: for people
        configuration: the table's properties
        storage_options: credentials, endpoints and settings of the object store, by the names that the package deltalake
            has; environment variables stand behind them. Local tables need none
        collect_stats: whether the table gets the statistics that let reads skip files
        commit_properties: what the commit carries
        post_commithook_properties: what follows it

    Raises:
        AlreadyExistsError: the folder is a table
        NotFoundError: it has no Parquet file
        InvalidArgumentError: files have other columns or types than others, folders do not say the partition columns
    """
    commit_properties, post_commithook_properties = _positional(
        "convert_to_deltalake", args, commit_properties, post_commithook_properties
    )
    if partition_by is not None and partition_strategy is None:
        raise ValueError("Partition strategy has to be provided with partition_by.")
    if partition_strategy not in (None, "hive", "directory"):
        raise ValueError("Partition strategy must be `hive` or `directory`.")
    if partition_strategy == "directory":
        raise UnsupportedError("folders that are partition values without names are not converted: name them as Hive does")
    location = os.fspath(uri)
    request = {
        "mode": mode,
        "partition_by": "" if partition_by is None else _definition(partition_by),
        "infer_partitions": partition_by is None and partition_strategy == "hive",
        "statistics": collect_stats,
        "configuration": _properties(configuration),
        "name": name,
        "description": description,
        "commit": _commit_request(commit_properties, post_commithook_properties),
        "storage_options": checked_options(storage_options),
    }
    with watched("convert") as request["progress"]:
        outcome = _deltic.convert(location, request)
    _warn(outcome["warnings"])
    if outcome["converted"]:
        _after_commit(None, location, post_commithook_properties, storage_options)


def _definition(columns: Schema) -> str:
    """The columns as SQL."""
    parts = []
    for field in Schema.from_json(columns.to_json()).fields:  # also of the package deltalake
        if not isinstance(field.type, PrimitiveType):
            raise UnsupportedError(f"the partition column {field.name} is of a nested type: folders' names hold plain values")
        parts.append(f"{column_text([field.name])} {field.type.type}")
    return ", ".join(parts)
