"""Reads Delta Lake tables without a JVM. The names are those of the package ``deltalake``: changing the import is all it
takes to read.

    from deltic import DeltaTable
    DeltaTable("/data/events").to_pandas(columns=["id"], filters="id > 100")
"""

from __future__ import annotations

from deltic._deltic import version as _version
from deltic._stream import RecordBatchReader
from deltic.query import QueryBuilder, sql
from deltic.schema import DataType, Field, Schema, VariantType
from deltic.table import DeltaTable, Metadata, ProtocolVersions, TableFeatures

__version__: str = _version()

__all__ = [
    "DataType",
    "DeltaTable",
    "Field",
    "Metadata",
    "ProtocolVersions",
    "QueryBuilder",
    "RecordBatchReader",
    "Schema",
    "TableFeatures",
    "VariantType",
    "__version__",
    "sql",
]
