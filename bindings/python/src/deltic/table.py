"""DeltaTable: one table at one version, and the ways to read and change it. What is read and written is decided in the
extension module; here are the names and types of the package ``deltalake``, and what deltic has beyond it."""

from __future__ import annotations

import html
import json
import os
import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from arro3.core import RecordBatchReader as ArrowReader
from arro3.core import Table

from deltic import _deltic
from deltic._alter import TableAlterer
from deltic._change import RowChanges
from deltic._facts import Facts
from deltic._filters import (
    FilePruningPredicateType,
    FilterConjunctionType,
    FilterDNFType,
    FilterLiteralType,
    FilterType,
    PartitionFilterType,
    to_sql,
)
from deltic._merge import TableMerger
from deltic._optimize import TableOptimizer
from deltic._options import checked_options
from deltic._stream import RecordBatchReader
from deltic._time import to_milliseconds
from deltic._upkeep import FSCK_METRICS_FILES_REMOVED_LABEL, Upkeep
from deltic.exceptions import CorruptError, DeltaError, InvalidArgumentError, UnsupportedError
from deltic.schema import PrimitiveType, Schema
from deltic.transaction import (
    AddAction,
    CommitProperties,
    PostCommitHookProperties,
    RemoveAction,
    _add_action,
    _after_commit,
    _commit_request,
    _names,
    _positional,
    _properties,
)

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow
    import pyarrow.dataset
    from arro3.core.types import ArrowSchemaExportable

__all__ = [
    "FSCK_METRICS_FILES_REMOVED_LABEL",
    "DeltaTable",
    "DeltaTableConfig",
    "FilePruningPredicateType",
    "FilterConjunctionType",
    "FilterDNFType",
    "FilterLiteralType",
    "FilterType",
    "Metadata",
    "PartitionFilterType",
    "ProtocolVersions",
    "TableAlterer",
    "TableFeatures",
    "TableMerger",
    "TableOptimizer",
]

MAX_SUPPORTED_PYARROW_WRITER_VERSION = 7
NOT_SUPPORTED_PYARROW_WRITER_VERSIONS: list[int] = []
SUPPORTED_WRITER_FEATURES: set[str] = set(_deltic.writable_features())
"""The features, by their names in a table's protocol, that every way of writing honours."""

MAX_SUPPORTED_READER_VERSION = 3
NOT_SUPPORTED_READER_VERSION = -1
SUPPORTED_READER_FEATURES: set[str] = set(_deltic.readable_features())
"""The reader features, by their names in a table's protocol, that every way of reading honours."""


class TableFeatures(Enum):
    """The table features of the Delta protocol that deltic knows by name."""

    ColumnMapping = "ColumnMapping"
    DeletionVectors = "DeletionVectors"
    TimestampWithoutTimezone = "TimestampWithoutTimezone"
    V2Checkpoint = "V2Checkpoint"
    AppendOnly = "AppendOnly"
    Invariants = "Invariants"
    CheckConstraints = "CheckConstraints"
    ChangeDataFeed = "ChangeDataFeed"
    GeneratedColumns = "GeneratedColumns"
    IdentityColumns = "IdentityColumns"
    RowTracking = "RowTracking"
    DomainMetadata = "DomainMetadata"
    IcebergCompatV1 = "IcebergCompatV1"
    VariantType = "VariantType"
    VariantTypePreview = "VariantTypePreview"


class ProtocolVersions(NamedTuple):
    """What a table asks of its readers and writers."""

    min_reader_version: int
    min_writer_version: int
    writer_features: list[str] | None
    reader_features: list[str] | None


class _DeltaTableConfigBase(NamedTuple):
    without_files: bool
    log_buffer_size: int
    skip_stats: bool = False


class DeltaTableConfig(_DeltaTableConfigBase):
    """How a table was opened. Deprecated, as in the package ``deltalake``: none of it changes anything."""

    def __new__(cls, without_files: bool, log_buffer_size: int, skip_stats: bool = False) -> DeltaTableConfig:
        warnings.warn(
            "DeltaTableConfig is deprecated: files, log and statistics are read when they are asked for",
            DeprecationWarning,
            stacklevel=2,
        )
        return super().__new__(cls, without_files, log_buffer_size, skip_stats)


class Metadata:
    """What a table says of itself."""

    def __init__(self, table: _deltic.RawTable) -> None:
        self._info = table.info()

    @property
    def id(self) -> str:
        """The table's unique identifier."""
        return str(self._info["id"])

    @property
    def name(self) -> str | None:
        """The name that a user gave it."""
        name: str | None = self._info["name"]
        return name

    @property
    def description(self) -> str | None:
        """The description that a user gave it."""
        description: str | None = self._info["description"]
        return description

    @property
    def partition_columns(self) -> list[str]:
        """The columns whose values sort the files into partitions."""
        return list(self._info["partition_columns"])

    @property
    def created_time(self) -> int | None:
        """When the metadata was made, in milliseconds since the Unix epoch."""
        created: int | None = self._info["created_time_ms"]
        return created

    @property
    def configuration(self) -> dict[str, str]:
        """The table's properties."""
        return dict(self._info["configuration"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Metadata) and str(self) == str(other)

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return (
            f"Metadata(id: {self.id}, name: {self.name}, description: {self.description}, "
            f"partition_columns: {self.partition_columns}, created_time: {self.created_time}, "
            f"configuration: {self.configuration})"
        )

    __repr__ = __str__


def _merged(
    old_name: str, old: FilterType | None, predicate: FilePruningPredicateType | None
) -> FilePruningPredicateType | None:
    """The one of an argument's two names that was used."""
    if old is None:
        return predicate
    if predicate is not None:
        raise ValueError(f"`{old_name}` is deprecated; pass only `file_pruning_predicate`")
    warnings.warn(
        f"`{old_name}` is deprecated; pass the filters to `file_pruning_predicate` instead",
        DeprecationWarning,
        stacklevel=3,
    )
    return old


def _ignored(name: str, why: str) -> None:
    warnings.warn(f"The '{name}' parameter is deprecated and ignored. {why}", DeprecationWarning, stacklevel=3)


class DeltaTable(RowChanges, Upkeep, Facts):
    """A Delta table at one version.

    Opening reads the end of the log only; everything else is read when it is asked for. May be shared among threads, and
    pickled: it opens again at the version it had.

    Example:
        ```python
        from deltic import DeltaTable

        table = DeltaTable("/data/events", version=3)
        table.to_pandas(columns=["id", "total"], filters=[("country", "=", "JP")])
        ```
    """

    def __init__(
        self,
        table_uri: str | Path | os.PathLike[str],
        version: int | None = None,
        storage_options: dict[str, str] | None = None,
        without_files: bool = False,
        log_buffer_size: int | None = None,
        skip_stats: bool = False,
        *,
        timestamp: str | datetime | None = None,
    ) -> None:
        """Opens a table.

        Args:
            table_uri: its folder, or a URL of it: ``s3://bucket/path`` and others
            version: a version instead of the newest
            storage_options: credentials, endpoints and settings of the object store, by the names that the package deltalake
                has; environment variables stand behind them. Local tables need none
            without_files: deprecated and ignored: files are never read before they are asked for
            log_buffer_size: deprecated and ignored
            skip_stats: deprecated and ignored
            timestamp: the newest version that was committed at or before this time (ISO 8601, or a datetime; without a
                zone it is UTC) instead of a version

        Raises:
            TableNotFoundError: there is no table, or no such version
            UnsupportedError: the table needs a feature that this build lacks; the message names it
            CorruptError: the log breaks the protocol; the message names the file
        """
        if without_files:
            _ignored("without_files", "Files are never read before they are asked for.")
        if log_buffer_size is not None:
            _ignored("log_buffer_size", "Reading the log manages its own memory.")
        if skip_stats:
            _ignored("skip_stats", "Statistics are never read before they are asked for.")
        if version is not None and timestamp is not None:
            raise InvalidArgumentError("a table is opened at a version or at a timestamp, not at both")
        self._uri = os.fspath(table_uri)
        self._storage_options = checked_options(storage_options)
        self._table = self._open(version, timestamp)

    def _open(self, version: int | None, timestamp: str | datetime | None) -> _deltic.RawTable:
        if version is not None and version < 0:
            raise InvalidArgumentError(f"a version is a number from 0 on, not {version}")
        moment = None if timestamp is None else to_milliseconds(timestamp)
        return _deltic.open(self._uri, version, moment, self._storage_options or {})

    # The table itself.

    @property
    def table_config(self) -> DeltaTableConfig:
        """How the table was opened. Deprecated: the answer is always the same."""
        warnings.warn("`table_config` is deprecated: its settings change nothing", DeprecationWarning, stacklevel=2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return DeltaTableConfig(False, 8, False)

    @classmethod
    def create(
        cls,
        table_uri: str | Path | os.PathLike[str],
        schema: Schema | ArrowSchemaExportable | str,
        mode: Literal["error", "append", "overwrite", "ignore"] = "error",
        partition_by: list[str] | str | None = None,
        name: str | None = None,
        description: str | None = None,
        configuration: Mapping[str, str | None] | None = None,
        storage_options: dict[str, str] | None = None,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
        raise_if_key_not_exists: bool = True,
        cluster_by: list[str] | str | None = None,
    ) -> DeltaTable:
        """Makes a table without rows.

        Args:
            table_uri: its folder
            schema: its columns: a schema of deltic, of any Arrow library, or SQL (``"id bigint not null, name string"``)
            mode: what is done when there is a table: ``error`` and ``append`` refuse, ``ignore`` opens it, ``overwrite``
                replaces it: its rows go, its history stays
            partition_by: columns whose values sort the files into partitions
            name: for people
            description: for people
            configuration: the table's properties, which switch on the features that they need
            storage_options: credentials, endpoints and settings of the object store, by the names that the package deltalake
                has; environment variables stand behind them. Local tables need none
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
            raise_if_key_not_exists: taken for the sake of the package deltalake: a ``delta.`` name that Delta does not have
                is always refused, as in Spark, and one of your own never
            cluster_by: columns by which files are to be clustered

        Raises:
            AlreadyExistsError: there is a table
            InvalidArgumentError: what is wrong with a column or property
        """
        if len(args) > 2:
            raise_if_key_not_exists, args = bool(args[2]), args[:2]
        commit_properties, post_commithook_properties = _positional(
            "create", args, commit_properties, post_commithook_properties
        )
        if mode not in ("error", "append", "overwrite", "ignore"):
            raise InvalidArgumentError(f"mode is error, append, overwrite or ignore, not {mode!r}")
        location = os.fspath(table_uri)
        columns: dict[str, Any]
        if isinstance(schema, str):
            columns = {"schema_ddl": schema}
        else:
            columns = {"schema_json": schema.to_json() if hasattr(schema, "to_json") else Schema.from_arrow(schema).to_json()}
        raw = _deltic.create(
            location,
            {
                **columns,
                "mode": mode,
                "partition_by": _names(partition_by),
                "cluster_by": _names(cluster_by),
                "name": name,
                "description": description,
                "configuration": _properties(configuration),
                "commit": _commit_request(commit_properties, post_commithook_properties),
                "storage_options": checked_options(storage_options),
            },
            [],
        )
        _after_commit(raw, location, post_commithook_properties)
        table = cls.__new__(cls)
        table._uri, table._storage_options, table._table = location, storage_options, raw
        return table

    @staticmethod
    def is_deltatable(table_uri: str | Path | os.PathLike[str], storage_options: dict[str, str] | None = None) -> bool:
        """Whether there is a Delta table at the location. A damaged table, or one that this build cannot read, is one."""
        from deltic.exceptions import NotFoundError

        try:
            _deltic.open(os.fspath(table_uri), None, None, storage_options or {})
        except NotFoundError:
            return False
        except (CorruptError, UnsupportedError):
            return True
        return True

    def version(self) -> int:
        """The version that this object is at."""
        return self._table.version()

    @property
    def table_uri(self) -> str:
        """The table's location as a URL, ending in a slash."""
        uri = str(self._table.info()["uri"])
        if uri.startswith("file://"):
            from urllib.parse import quote, unquote

            # What a URL's path may hold as it is stays, as in the package deltalake.
            uri = "file://" + quote(unquote(uri[len("file://") :]), safe="/!$&'()*+,;=:@~")
        return uri if uri.endswith("/") else uri + "/"

    def schema(self) -> Schema:
        """The table's columns."""
        return Schema.from_json(self._table.info()["schema_json"])

    def metadata(self) -> Metadata:
        """What the table says of itself: name, partition columns, properties."""
        return Metadata(self._table)

    def protocol(self) -> ProtocolVersions:
        """What the table asks of readers and writers. Features are None below the versions that name features."""
        info = self._table.info()
        reader, writer = info["min_reader_version"], info["min_writer_version"]
        return ProtocolVersions(
            reader,
            writer,
            list(info["writer_features"]) if writer >= 7 else None,
            list(info["reader_features"]) if reader >= 3 else None,
        )

    def history(self, limit: int | None = None) -> list[dict[str, Any]]:
        """The commits, newest first: what each commit says of itself, and its ``version`` and ``timestamp``."""
        entries = []
        for version, timestamp_ms, text in self._table.history(limit):
            entry: dict[str, Any] = json.loads(text) if text else {}
            entry.setdefault("timestamp", timestamp_ms)
            entry["version"] = version
            entries.append(entry)
        return entries

    def transaction_version(self, app_id: str) -> int | None:
        """The latest transaction that a streaming application committed, or None."""
        return self._table.transaction_version(app_id)

    def load_as_version(self, version: int | str | datetime) -> None:
        """Moves this object to another version: by its number, or the newest at or before a time (ISO 8601, or a
        datetime; without a zone it is UTC)."""
        if isinstance(version, bool) or not isinstance(version, (int, str, datetime)):
            raise TypeError("Invalid datatype provided for version, only int, str or datetime are accepted.")
        if isinstance(version, int):
            self._table = self._open(version, None)
        else:
            self._table = self._open(None, version)

    def update_incremental(self) -> None:
        """Moves this object to the newest version, reading only what is new."""
        self._table = self._table.refreshed()

    # Changing it.

    @property
    def alter(self) -> TableAlterer:
        """Changes of what the table is: columns, properties, constraints, features."""
        return TableAlterer(self)

    def create_write_transaction(
        self,
        actions: list[AddAction | RemoveAction],
        mode: str,
        schema: Schema | ArrowSchemaExportable,
        partition_by: list[str] | str | None = None,
        partition_filters: FilterType | None = None,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Commits files that somebody else wrote. They must be in the table's folder and have the size that their action
        says; their rows and statistics are taken for right, so prefer `write_deltalake`.

        Args:
            actions: files to add, and with ``append`` files to remove
            mode: ``append``, or ``overwrite``, which removes the files that are there
            schema: of the files; must be the table's
            partition_by: must be what the table has
            partition_filters: with ``overwrite``: only files of these partitions are removed
            commit_properties: what the commit carries
            post_commithook_properties: what follows it

        Raises:
            InvalidArgumentError: the schema is another, a file is of another size or not in the table
            NotFoundError: a file is not there
        """
        commit_properties, post_commithook_properties = _positional(
            "create_write_transaction", args, commit_properties, post_commithook_properties
        )
        if mode not in ("append", "overwrite"):
            raise InvalidArgumentError(f"mode is append or overwrite, not {mode!r}")
        add: list[dict[str, Any]] = []
        remove: list[dict[str, Any]] = []
        for action in actions:
            if hasattr(action, "modification_time"):
                add.append(_add_action(action))
            else:
                remove.append(
                    {
                        "path": action.path,
                        "data_change": action.data_change,
                        "deletion_timestamp": action.deletion_timestamp,
                    }
                )
        request = {
            "schema_json": schema.to_json() if hasattr(schema, "to_json") else Schema.from_arrow(schema).to_json(),
            "partition_by": _names(partition_by),
            "overwrite": mode == "overwrite",
            "predicate": self._pruning(partition_filters) if partition_filters else None,
            "commit": _commit_request(commit_properties, post_commithook_properties),
        }
        self._table = self._table.commit_files(add, remove, request)
        _after_commit(self._table, "", post_commithook_properties)

    # Its log.

    def create_checkpoint(self) -> None:
        """Writes the checkpoint of the version that this object is at. Commits do so by themselves, each
        ``delta.checkpointInterval`` versions."""
        self._table.checkpoint()

    def compact_logs(self, starting_version: int, ending_version: int) -> None:
        """Writes one file that stands for the commits between two versions, both included.

        Args:
            starting_version: the first version
            ending_version: the last version
        """
        self._table.compact_log(starting_version, ending_version)

    def cleanup_metadata(self, *, dry_run: bool = False, retention_hours: float | None = None) -> list[str]:
        """Deletes log files that no version within ``delta.logRetentionDuration`` needs, and answers their names.

        Args:
            dry_run: only answers them
            retention_hours: instead of the property
        """
        milliseconds = None if retention_hours is None else int(retention_hours * 3_600_000)
        deleted, failed = self._table.clean_log(dry_run, milliseconds)
        for each in failed:
            warnings.warn(f"old log file not deleted: {each}", RuntimeWarning, stacklevel=2)
        return deleted

    # Its files.

    def _types(self) -> dict[str, str]:
        return {
            field.name: field.type.type if isinstance(field.type, PrimitiveType) else "nested"
            for field in self.schema().fields
        }

    def _pruning(self, predicate: FilePruningPredicateType | None) -> str:
        """SQL of a predicate on files, where an empty string means a partition value that is null."""
        if predicate is None:
            return ""
        if isinstance(predicate, str):
            return predicate
        return to_sql(predicate, self._types(), self._table.info()["partition_columns"])

    def _row_filter(self, filters: FilterType | str | None) -> str:
        if filters is None or isinstance(filters, str):
            return filters or ""
        return to_sql(filters, self._types())

    def _both(self, one: str, other: str) -> str:
        """SQL for both filters. Each must be SQL by itself: two halves could make something else together."""
        if one and other:
            for part in (one, other):
                self._stream(None, part, 0).close()
            return f"({one}\n) AND ({other}\n)"
        return one or other

    def files(
        self,
        partition_filters: FilterType | None = None,
        *,
        file_pruning_predicate: FilePruningPredicateType | None = None,
    ) -> list[str]:
        """The live files' paths as the log has them. For the arguments see `file_uris`."""
        return self._table.paths(
            self._pruning(_merged("partition_filters", partition_filters, file_pruning_predicate)), False
        )

    def file_uris(
        self,
        partition_filters: FilterType | None = None,
        *,
        file_pruning_predicate: FilePruningPredicateType | None = None,
    ) -> list[str]:
        """Where the live files are: absolute paths, or URLs.

        Args:
            partition_filters: deprecated; pass it as ``file_pruning_predicate``
            file_pruning_predicate: only files that may hold a row for which this is true: an SQL expression, or
                (column, op, value) tuples. A list of tuples must all hold; of a list of such lists one must. The operators
                are ``= != < <= > >= in`` and ``not in``. Files are judged exactly by partition columns, and by minimum,
                maximum and null counts for the others. An empty string stands for a partition value that is null.
        """
        return self._table.paths(
            self._pruning(_merged("partition_filters", partition_filters, file_pruning_predicate)), True
        )

    def partitions(
        self,
        partition_filters: FilterType | None = None,
        *,
        file_pruning_predicate: FilePruningPredicateType | None = None,
    ) -> list[dict[str, str | None]]:
        """The partitions that have files: ``[{'year': '2026', 'month': '1'}, ...]``, each once, sorted."""
        return self._table.partition_values(
            self._pruning(_merged("partition_filters", partition_filters, file_pruning_predicate))
        )

    def get_add_actions(self, flatten: bool = False) -> Table:
        """One row for each live file: ``path``, ``size_bytes``, ``modification_time`` and ``num_records``, and the structs
        ``null_count``, ``min``, ``max`` and ``partition`` with the types of the columns. ``flatten`` makes columns such as
        ``min.x`` of them."""
        return Table.from_arrow(self._table.add_actions(flatten))

    def deletion_vectors(self) -> ArrowReader:
        """The files that have a deletion vector: ``filepath``, and ``selection_vector``, which has true for each row of the
        file that lives and false for each that is deleted."""
        return ArrowReader.from_arrow(self._table.deletion_vectors())

    # Its rows.

    def _stream(
        self, columns: Iterable[str] | None, where: str, limit: int | None, row_ids: bool = False
    ) -> RecordBatchReader:
        return RecordBatchReader(self._table.scan(list(columns or []), where, limit, row_ids))

    def scan(
        self,
        columns: list[str] | None = None,
        predicate: FilterType | str | None = None,
        limit: int | None = None,
        *,
        where: FilterType | str | None = None,
        row_ids: bool = False,
    ) -> RecordBatchReader:
        """The rows as a stream that any Arrow library takes. Their order is not promised.

        Args:
            columns: top-level columns, in this order; all if None
            predicate: only rows for which this is true: an SQL expression, or (column, op, value) tuples
            limit: at most so many rows
            where: another name for ``predicate``
            row_ids: adds ``_row_id`` and ``_row_commit_version`` (tables with row tracking)
        """
        if predicate is not None and where is not None:
            raise InvalidArgumentError("`where` is another name for `predicate`: give one of them")
        if columns is not None and len(columns) == 0:
            raise InvalidArgumentError("name at least one column, or pass columns=None for all")
        if limit is not None and limit < 0:
            raise InvalidArgumentError(f"a limit is a number from 0 on, not {limit}")
        return self._stream(columns, self._row_filter(predicate if where is None else where), limit, row_ids)

    def load_cdf(
        self,
        starting_version: int = 0,
        ending_version: int | None = None,
        starting_timestamp: str | datetime | None = None,
        ending_timestamp: str | datetime | None = None,
        columns: list[str] | None = None,
        predicate: FilterType | str | None = None,
        allow_out_of_range: bool = False,
    ) -> RecordBatchReader:
        """The changes between two versions, both included, as a stream: the table's columns, and ``_change_type`` (insert,
        delete, update_preimage, update_postimage), ``_commit_version`` and ``_commit_timestamp``, in no order.

        Args:
            starting_version: the first version
            ending_version: the last version; the one that this object is at if None
            starting_timestamp: instead of a starting version: the first one committed at or after this time
            ending_timestamp: instead of an ending version: the last one committed at or before this time
            columns: columns in the order wanted, the three among them if they are named; all if None
            predicate: only changes for which this is true; it may name the three columns
            allow_out_of_range: no changes, instead of an error, where the range reaches beyond the newest version

        Raises:
            InvalidArgumentError: the table did not record changes in the whole range
            NotFoundError: versions are not there, or not any more
        """
        newest = self.version()
        from_ms = None if starting_timestamp is None else to_milliseconds(starting_timestamp)
        to_ms = None if ending_timestamp is None or ending_version is not None else to_milliseconds(ending_timestamp)
        first = starting_version if from_ms is None or starting_version else None
        where = self._row_filter_of_changes(predicate)
        limit = None
        if allow_out_of_range:
            if ending_version is not None:
                ending_version = min(ending_version, newest)
            if first is not None and first > newest:
                first, ending_version, to_ms, limit = newest, None, None, 0
        return RecordBatchReader(
            self._table.scan_changes(
                first, None if first is not None else from_ms, ending_version, to_ms, list(columns or []), where, limit
            )
        )

    def _row_filter_of_changes(self, filters: FilterType | str | None) -> str:
        if filters is None or isinstance(filters, str):
            return filters or ""
        added = {"_change_type": "string", "_commit_version": "long", "_commit_timestamp": "timestamp"}
        return to_sql(filters, {**self._types(), **added})

    def count(self, where: FilterType | str | None = None) -> int:
        """How many rows there are, or how many for which ``where`` is true. Exact; from statistics alone where they tell."""
        return self._table.count(self._row_filter(where))

    def explain(self, where: FilterType | str | None = None, max_paths: int = 20) -> dict[str, Any]:
        """Which files a filter lets a read skip: ``predicate`` (what was understood of it), ``files_total``,
        ``files_dropped_by_partition``, ``files_dropped_by_statistics``, ``files_kept``, ``bytes_kept``, ``kept_paths``."""
        return self._table.explain(self._row_filter(where), max_paths)

    def _pyarrow_filter(self, filters: Any) -> tuple[str, Any]:
        """SQL and a pyarrow expression, of which one at least says nothing."""
        if filters is None or isinstance(filters, (str, list, tuple)):
            return self._row_filter(list(filters) if isinstance(filters, tuple) else filters), None
        return "", filters

    def to_pyarrow_dataset(
        self,
        partitions: FilterType | None = None,
        filesystem: Any | None = None,
        parquet_read_options: Any | None = None,
        schema: pyarrow.Schema | None = None,
        as_large_types: bool = False,
        file_pruning_predicate: FilePruningPredicateType | None = None,
        *,
        filters: FilterType | str | pyarrow.dataset.Expression | None = None,
    ) -> pyarrow.dataset.Dataset:
        """A pyarrow dataset over the table; every read of it is deltic's, so that all table features are honoured.

        Args:
            partitions: deprecated; pass it as ``file_pruning_predicate``
            filesystem: not to be had: deltic reads through its own storage
            parquet_read_options: not to be had, for the same reason
            schema: types to cast the rows to
            as_large_types: 64-bit lengths of strings, binaries and lists
            file_pruning_predicate: see `file_uris`. Rows for which it is not true may come or not
            filters: only rows for which this is true: tuples, SQL, or a pyarrow expression
        """
        for name, value in (("filesystem", filesystem), ("parquet_read_options", parquet_read_options)):
            if value is not None:
                raise UnsupportedError(f"{name} is for reading Parquet files by pyarrow; deltic reads them itself")
        from deltic._dataset import DeltaDataset, arrow_schema

        pruning = self._pruning(_merged("partitions", partitions, file_pruning_predicate))
        where, expression = self._pyarrow_filter(filters)
        both = self._both(pruning, where)
        return DeltaDataset(self._frozen(), both, schema or arrow_schema(self.schema(), as_large_types), expression)

    def _frozen(self) -> DeltaTable:
        """A copy that stays at this version when this object moves on."""
        copy = DeltaTable.__new__(DeltaTable)
        copy._uri, copy._storage_options, copy._table = self._uri, self._storage_options, self._table
        return copy

    def to_pyarrow_table(
        self,
        partitions: FilterType | None = None,
        columns: list[str] | None = None,
        filesystem: Any | None = None,
        filters: FilterType | str | pyarrow.dataset.Expression | None = None,
    ) -> pyarrow.Table:
        """All rows as a pyarrow table.

        Args:
            partitions: deprecated; use ``filters``
            columns: columns in the order wanted; they may repeat
            filesystem: not to be had: deltic reads through its own storage
            filters: only rows for which this is true: (column, op, value) tuples, SQL, or a pyarrow expression. Tuples and
                SQL let files be skipped
        """
        if partitions is not None:
            warnings.warn("`partitions` is deprecated; use `filters` instead", DeprecationWarning, stacklevel=2)
        if filesystem is not None:
            raise UnsupportedError("filesystem is for reading Parquet files by pyarrow; deltic reads them itself")
        from deltic._dataset import DeltaDataset, arrow_schema, read_table

        where, expression = self._pyarrow_filter(filters)
        both = self._both(self._pruning(partitions), where)
        if expression is None:
            return read_table(self, columns, both)
        dataset = DeltaDataset(self, both, arrow_schema(self.schema()), expression)
        return dataset.to_table(columns=columns)

    def to_pandas(
        self,
        partitions: FilterType | None = None,
        columns: list[str] | None = None,
        filesystem: Any | None = None,
        filters: FilterType | str | pyarrow.dataset.Expression | None = None,
        types_mapper: Callable[[pyarrow.DataType], Any] | None = None,
    ) -> pandas.DataFrame:
        """All rows as a pandas frame. For the arguments see `to_pyarrow_table`; ``types_mapper`` is pyarrow's."""
        return self.to_pyarrow_table(
            partitions=partitions, columns=columns, filesystem=filesystem, filters=filters
        ).to_pandas(types_mapper=types_mapper)

    @overload
    def to_polars(
        self,
        columns: list[str] | None = ...,
        filters: FilterType | str | None = ...,
        *,
        limit: int | None = ...,
        lazy: Literal[False] = ...,
    ) -> polars.DataFrame: ...

    @overload
    def to_polars(
        self,
        columns: list[str] | None = ...,
        filters: FilterType | str | None = ...,
        *,
        limit: int | None = ...,
        lazy: Literal[True],
    ) -> polars.LazyFrame: ...

    def to_polars(
        self,
        columns: list[str] | None = None,
        filters: FilterType | str | None = None,
        *,
        limit: int | None = None,
        lazy: bool = False,
    ) -> polars.DataFrame | polars.LazyFrame:
        """The rows as a polars frame: now, or as a LazyFrame (``lazy=True``) that reads when it is collected, only the
        columns and files that its query needs."""
        if lazy:
            if columns is not None or filters is not None or limit is not None:
                raise InvalidArgumentError(
                    "a lazy frame takes its columns, filters and limit from the query: write .select, .filter and .head"
                )
            from deltic._polars import lazy_frame

            return lazy_frame(self._frozen())
        import polars

        return polars.DataFrame(self.scan(columns, filters, limit)._stream.read_all())

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._stream(None, "", None).__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self.schema().to_arrow().__arrow_c_schema__()

    # Being a Python object.

    def __reduce__(self) -> Any:
        return _reopen, (self._uri, self.version(), self._storage_options)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same table at the same version."""
        if not isinstance(other, DeltaTable):
            return NotImplemented
        ours, theirs = self._table.info(), other._table.info()
        return all(ours[key] == theirs[key] for key in ("uri", "id", "version"))

    # It can be moved to another version, and its equality with it.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"DeltaTable({self._uri!r}, version={self.version()})"

    def _repr_html_(self) -> str:
        info = self._table.info()
        try:
            totals = self._table.totals()
        except DeltaError:
            totals = {}
        rows = totals.get("num_rows")
        facts = [
            ("Version", str(info["version"])),
            ("Files", f"{totals.get('num_files', 0):,} ({totals.get('size_bytes', 0):,} bytes)"),
            ("Rows", "not known from statistics" if rows is None else f"{rows:,}"),
            ("Partitioned by", ", ".join(info["partition_columns"]) or "none"),
            ("Protocol", f"reader {info['min_reader_version']}, writer {info['min_writer_version']}"),
        ]
        head = "".join(f"<tr><th>{name}</th><td>{html.escape(value)}</td></tr>" for name, value in facts)
        columns = "".join(
            f"<tr><td>{html.escape(field.name)}</td><td>{html.escape(_type_text(field.type))}</td></tr>"
            for field in self.schema().fields
        )
        return (
            f"<div><b>DeltaTable</b> <code>{html.escape(self._uri)}</code><table>{head}</table>"
            f"<table><tr><th>Column</th><th>Type</th></tr>{columns}</table></div>"
        )


def _type_text(data_type: Any) -> str:
    return data_type.type if isinstance(data_type, PrimitiveType) else repr(data_type)


def _reopen(uri: str, version: int, storage_options: dict[str, str] | None) -> DeltaTable:
    return DeltaTable(uri, version=version, storage_options=storage_options)
