"""Writing: rows into tables, and how their Parquet files are made."""

from deltic.writer.convert_to import convert_to_deltalake
from deltic.writer.properties import BloomFilterProperties, ColumnProperties, WriterProperties
from deltic.writer.writer import WriteResult, write_deltalake, write_query

__all__ = [
    "BloomFilterProperties",
    "ColumnProperties",
    "WriteResult",
    "WriterProperties",
    "convert_to_deltalake",
    "write_deltalake",
    "write_query",
]
