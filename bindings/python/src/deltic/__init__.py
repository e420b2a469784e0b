"""Reads and writes Delta Lake tables without a JVM. The names are those of the package ``deltalake``: changing the import
is all it takes.

    from deltic import DeltaTable, write_deltalake
    write_deltalake("/data/events", frame, mode="append")
    DeltaTable("/data/events").to_pandas(columns=["id"], filters="id > 100")
"""

from __future__ import annotations

from deltic._deltic import version as _version
from deltic._progress import Progress, progress
from deltic._stream import RecordBatchReader
from deltic.query import QueryBuilder, sql
from deltic.schema import DataType, Field, Schema, VariantType
from deltic.table import (
    DeltaTable,
    Metadata,
    ProtocolVersions,
    TableAlterer,
    TableFeatures,
    TableMerger,
    TableOptimizer,
)
from deltic.transaction import CommitProperties, PostCommitHookProperties, Transaction
from deltic.writer import (
    BloomFilterProperties,
    ColumnProperties,
    WriteResult,
    WriterProperties,
    convert_to_deltalake,
    write_deltalake,
    write_query,
)

__version__: str = _version()



def rust_core_version() -> str:
    """The version of deltic's core (the name is that of the package ``deltalake``; there is no Rust here)."""
    return __version__


def enable_nanosecond_timestamps() -> None:
    """Not to be had: RuntimeError, as from a ``deltalake`` that was built without them. Delta has no such type."""
    raise RuntimeError("deltic has no nanosecond timestamps: Delta's timestamps are microseconds")


def init_tracing(endpoint: str | None = None) -> None:
    """Not to be had: RuntimeError. deltic exports no OpenTelemetry traces."""
    raise RuntimeError("deltic has no OpenTelemetry exporter: trace the calls from Python instead")


__all__ = [
    "BloomFilterProperties",
    "ColumnProperties",
    "CommitProperties",
    "DataType",
    "DeltaTable",
    "Field",
    "Metadata",
    "PostCommitHookProperties",
    "Progress",
    "ProtocolVersions",
    "QueryBuilder",
    "RecordBatchReader",
    "Schema",
    "TableAlterer",
    "TableFeatures",
    "TableMerger",
    "TableOptimizer",
    "Transaction",
    "VariantType",
    "WriteResult",
    "WriterProperties",
    "__version__",
    "convert_to_deltalake",
    "enable_nanosecond_timestamps",
    "init_tracing",
    "progress",
    "rust_core_version",
    "sql",
    "write_deltalake",
    "write_query",
]
