"""Rows into tables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deltic import _deltic
from deltic._options import checked_options
from deltic.exceptions import InvalidArgumentError, NotFoundError, RowsDoNotFitError
from deltic.schema import Schema, StructType
from deltic.table import DeltaTable
from deltic.transaction import (
    CommitProperties,
    PostCommitHookProperties,
    _after_commit,
    _commit_request,
    _names,
    _properties,
    _warn,
)
from deltic.writer._rows import to_stream
from deltic.writer.properties import WriterProperties, _parquet_request

if TYPE_CHECKING:
    from arro3.core.types import ArrowArrayExportable, ArrowStreamExportable

__all__ = ["WriteResult", "write_deltalake", "write_query"]


@dataclass(frozen=True)
class WriteResult:
    """What a write did.

    Attributes:
        written: False when there was nothing to do: the mode ``ignore`` found a table, or ``once`` was recorded before
        version: of the table, as it is now
        rows: written, without those that were copied
        files_added: data files
        bytes_added: of those files
        files_removed: files that are no longer part of the table
        rows_copied: other rows of files that ``predicate`` touched
        retries: how often another writer was first
        warnings: upkeep that did not work: the commit stands
    """

    written: bool
    version: int
    rows: int
    files_added: int
    bytes_added: int
    files_removed: int
    rows_copied: int
    retries: int
    warnings: list[str]


_MODES = ("error", "append", "overwrite", "ignore")
_SCHEMA_MODES = (None, "merge", "overwrite")


def write_deltalake(
    table_or_uri: str | Path | os.PathLike[str] | DeltaTable,
    data: ArrowStreamExportable | ArrowArrayExportable | Iterable[ArrowArrayExportable] | Any,
    *,
    partition_by: list[str] | str | None = None,
    mode: Literal["error", "append", "overwrite", "ignore"] = "error",
    name: str | None = None,
    description: str | None = None,
    configuration: Mapping[str, str | None] | None = None,
    schema_mode: Literal["merge", "overwrite"] | None = None,
    storage_options: dict[str, str] | None = None,
    predicate: str | None = None,
    target_file_size: int | None = None,
    writer_properties: WriterProperties | None = None,
    commit_properties: CommitProperties | None = None,
    post_commithook_properties: PostCommitHookProperties | None = None,
    dynamic_partitions: bool = False,
    cluster_by: list[str] | str | None = None,
    once: tuple[str, int] | None = None,
) -> WriteResult:
    """Writes rows to a table, which is made when there is none. All or nothing: on an error, or Ctrl-C, the table is as it
    was and no file is left behind. Rows are streamed; memory does not grow with them.

    Columns match by name, whatever their case and order. Values are cast where that loses nothing, and refused by column
    and value where it would.

    Args:
        table_or_uri: a table, or its folder. A ``DeltaTable`` is at the new version afterwards
        data: Arrow tables, batches and readers of any library, pandas and polars frames, pyarrow datasets, DuckDB
            relations, results of `sql`, lists and iterators of batches
        partition_by: columns whose values sort the files into partitions; of a new table, or of one that is replaced with
            ``schema_mode="overwrite"``. Otherwise what the table has
        mode: ``error`` makes a table and refuses where there is one; ``append`` adds rows; ``overwrite`` replaces rows: all,
            or those that ``predicate`` or ``dynamic_partitions`` say; ``ignore`` does nothing where there is a table
        name: of a new table, for people
        description: of a new table, for people
        configuration: properties of a new table
        schema_mode: ``merge`` adds the columns that the table lacks; ``overwrite`` takes the columns of the rows
        storage_options: credentials, endpoints and settings of the object store, by the names that the package deltalake
            has; environment variables stand behind them. Local tables need none
        predicate: with ``overwrite``: SQL; rows for which it is true are replaced. The new rows must satisfy it
        target_file_size: bytes of a data file; ``delta.targetFileSize`` if None
        writer_properties: how Parquet files are written
        commit_properties: what the commit carries, and how often it tries
        post_commithook_properties: what follows the commit
        dynamic_partitions: with ``overwrite``: replaces the partitions that the rows have, and no other
        cluster_by: columns of a new table by which files are to be clustered
        once: an application and a version of its work: the write is skipped when the table has recorded this version of
            it, or a later one

    Returns:
        WriteResult: the new version, and how much was written

    Raises:
        RowsDoNotFitError: columns that the table does not have, or of types that cannot be cast
        ConstraintViolationError: a row breaks a rule of the table; the message names rule and row
        AlreadyExistsError: mode ``error``, and there is a table
        ConflictError: a concurrent writer was in the way; the class says how
    """
    request = _request(
        mode=mode,
        schema_mode=schema_mode,
        partition_by=partition_by,
        name=name,
        description=description,
        configuration=configuration,
        predicate=predicate,
        target_file_size=target_file_size,
        writer_properties=writer_properties,
        dynamic_partitions=dynamic_partitions,
        cluster_by=cluster_by,
        once=once,
    )
    request["commit"] = _commit_request(commit_properties, post_commithook_properties)
    request["storage_options"] = checked_options(storage_options)
    if not isinstance(table_or_uri, (str, os.PathLike, DeltaTable)):
        raise ValueError("table_or_uri must be a str, Path or DeltaTable")
    if mode == "ignore" and isinstance(table_or_uri, DeltaTable):
        return WriteResult(False, table_or_uri.version(), 0, 0, 0, 0, 0, 0, [])
    stream, schema = to_stream(data)
    try:
        return _write(table_or_uri, stream, "", request, post_commithook_properties)
    except InvalidArgumentError as error:
        about_columns = type(error) is InvalidArgumentError and "column" in str(error)
        if about_columns and schema is not None and _differs(table_or_uri, schema, storage_options):
            raise RowsDoNotFitError(*error.args) from None
        raise


def write_query(
    table_or_uri: str | Path | os.PathLike[str] | DeltaTable,
    query: str,
    *,
    partition_by: list[str] | str | None = None,
    mode: Literal["error", "append", "overwrite", "ignore"] = "error",
    name: str | None = None,
    description: str | None = None,
    configuration: Mapping[str, str | None] | None = None,
    schema_mode: Literal["merge", "overwrite"] | None = None,
    storage_options: dict[str, str] | None = None,
    predicate: str | None = None,
    target_file_size: int | None = None,
    writer_properties: WriterProperties | None = None,
    commit_properties: CommitProperties | None = None,
    post_commithook_properties: PostCommitHookProperties | None = None,
    dynamic_partitions: bool = False,
    cluster_by: list[str] | str | None = None,
    once: tuple[str, int] | None = None,
) -> WriteResult:
    """Writes the rows of a query, which never pass through Python. ``delta_scan('location')``, ``read_parquet``,
    ``read_csv`` and all of DuckDB's SELECT are at hand. Everything else is as for `write_deltalake`.

    Args:
        table_or_uri: a table, or its folder
        query: a SELECT
        partition_by: see `write_deltalake`, as for all that follows
        mode: see there
        name: see there
        description: see there
        configuration: see there
        schema_mode: see there
        storage_options: see there
        predicate: see there
        target_file_size: see there
        writer_properties: see there
        commit_properties: see there
        post_commithook_properties: see there
        dynamic_partitions: see there
        cluster_by: see there
        once: see there
    """
    request = _request(
        mode=mode,
        schema_mode=schema_mode,
        partition_by=partition_by,
        name=name,
        description=description,
        configuration=configuration,
        predicate=predicate,
        target_file_size=target_file_size,
        writer_properties=writer_properties,
        dynamic_partitions=dynamic_partitions,
        cluster_by=cluster_by,
        once=once,
    )
    request["commit"] = _commit_request(commit_properties, post_commithook_properties)
    request["storage_options"] = checked_options(storage_options)
    if not query.strip():
        raise InvalidArgumentError("the query is empty")
    return _write(table_or_uri, None, query, request, post_commithook_properties)


def _request(
    *,
    mode: str,
    schema_mode: str | None,
    partition_by: list[str] | str | None,
    name: str | None,
    description: str | None,
    configuration: Mapping[str, str | None] | None,
    predicate: str | None,
    target_file_size: int | None,
    writer_properties: WriterProperties | None,
    dynamic_partitions: bool,
    cluster_by: list[str] | str | None,
    once: tuple[str, int] | None,
) -> dict[str, Any]:
    if mode not in _MODES:
        raise InvalidArgumentError(f"mode is one of {', '.join(_MODES)}, not {mode!r}")
    if schema_mode not in _SCHEMA_MODES:
        raise InvalidArgumentError(f"schema_mode is merge, overwrite or None, not {schema_mode!r}")
    if target_file_size is not None and target_file_size <= 0:
        raise InvalidArgumentError(f"target_file_size is a number of bytes above 0, not {target_file_size}")
    return {
        "mode": mode,
        "schema_mode": schema_mode,
        "partition_by": _names(partition_by),
        "cluster_by": _names(cluster_by),
        "name": name,
        "description": description,
        "configuration": _properties(configuration),
        "predicate": predicate,
        "dynamic_partitions": dynamic_partitions,
        "once": once,
        "target_file_size": target_file_size,
        "parquet": _parquet_request(writer_properties),
    }


def _write(
    table_or_uri: str | Path | os.PathLike[str] | DeltaTable,
    stream: object | None,
    query: str,
    request: dict[str, Any],
    hooks: PostCommitHookProperties | None,
) -> WriteResult:
    table = table_or_uri if isinstance(table_or_uri, DeltaTable) else None
    location = "" if isinstance(table_or_uri, DeltaTable) else os.fspath(table_or_uri)
    outcome, raw = _deltic.write(location, None if table is None else table._table, stream, query, request)
    # Another thread may have written to the same object, and moved it further.
    if table is not None and raw is not None and raw.version() >= table._table.version():
        table._table = raw
    result = WriteResult(**outcome)
    _warn(result.warnings)
    if result.written:
        _after_commit(raw, location, hooks, request["storage_options"])
    return result


def _differs(
    table_or_uri: str | Path | os.PathLike[str] | DeltaTable, arrow: Any, storage_options: dict[str, str] | None
) -> bool:
    """Whether rows have other columns than the table, or of other types."""
    try:
        rows = Schema.from_arrow(arrow)
    except (TypeError, ValueError, AttributeError):
        return True  # a type that Delta does not have
    try:
        table = table_or_uri if isinstance(table_or_uri, DeltaTable) else DeltaTable(table_or_uri, None, storage_options)
    except NotFoundError:
        return False
    return _types(rows) != _types(table.schema())


def _types(columns: StructType) -> dict[str, str]:
    return {field.name.lower(): str(field.type) for field in columns.fields}
