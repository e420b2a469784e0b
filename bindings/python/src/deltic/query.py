"""SQL over Delta tables: DuckDB's whole SELECT, with tables by registered names and by ``delta_scan('location')``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deltic import _deltic
from deltic._stream import RecordBatchReader
from deltic.exceptions import InvalidArgumentError
from deltic.table import DeltaTable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["QueryBuilder", "sql"]


class QueryBuilder:
    """Tables by name, and queries over them.

    Example:
        ```python
        from deltic import DeltaTable, QueryBuilder

        builder = QueryBuilder().register("orders", DeltaTable("/data/orders"))
        builder.execute("select country, sum(total) from orders group by 1").read_all()
        ```
    """

    def __init__(
        self, session_config: Mapping[str, str] | None = None, *, storage_options: dict[str, str] | None = None
    ) -> None:
        """``storage_options`` open the tables that a query names by location. ``session_config`` is taken for the sake of the package ``deltalake``; keys that begin with ``datafusion.`` are
        that package's engine's and mean nothing here. Any other is refused."""
        unknown = [key for key in session_config or {} if not key.startswith("datafusion.")]
        if unknown:
            raise InvalidArgumentError(f"deltic knows no such setting: {', '.join(unknown)}")
        self._tables: dict[str, DeltaTable] = {}
        self._storage_options = dict(storage_options or {})

    def register(self, table_name: str, delta_table: DeltaTable) -> QueryBuilder:
        """Makes a table known by a name, at the version that it has when a query begins. Answers this builder."""
        if not isinstance(delta_table, DeltaTable):
            raise TypeError(f"a deltic.DeltaTable is needed, not {type(delta_table).__name__}")
        self._tables[table_name] = delta_table
        return self

    def execute(self, sql: str) -> RecordBatchReader:
        """The rows of a query, as a stream. Each query has a session of its own, so several may be read at once.

        ``delta_scan('location')``, also with ``version => 3`` or ``timestamp => '2026-01-31'``, names a table that is not
        registered; ``'file.parquet'`` and DuckDB's other file functions work beside it.
        """
        tables = {name: table._table for name, table in self._tables.items()}
        return RecordBatchReader(_deltic.query(tables, sql, self._storage_options))


def sql(query: str, *, storage_options: dict[str, str] | None = None, **tables: DeltaTable) -> RecordBatchReader:
    """The rows of a query over the tables given by name: ``deltic.sql("select count(*) from t", t=DeltaTable(path))``.
    ``storage_options`` open the tables that it names by location, with ``delta_scan('s3://...')``."""
    builder = QueryBuilder(storage_options=storage_options)
    for name, table in tables.items():
        builder.register(name, table)
    return builder.execute(query)
