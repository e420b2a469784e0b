"""A Delta table as a pyarrow dataset, whose every read is deltic's own: column mapping, deletion vectors and type widening
are honoured, which a dataset over the Parquet files themselves cannot do. Imported only when a dataset or a pyarrow table
is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as pads

from deltic._filters import quote_name
from deltic.exceptions import InvalidArgumentError
from deltic.schema import ArrayType, DataType, Field, MapType, PrimitiveType, Schema, StructType, VariantType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltic.table import DeltaTable

__all__ = ["DeltaDataset", "read_table"]


def _holds_variant(data_type: DataType) -> bool:
    if isinstance(data_type, ArrayType):
        return _holds_variant(data_type.element_type)
    if isinstance(data_type, MapType):
        return _holds_variant(data_type.key_type) or _holds_variant(data_type.value_type)
    if isinstance(data_type, StructType):
        return any(_holds_variant(field.type) for field in data_type.fields)
    return isinstance(data_type, VariantType)


def _as_read(field: Field) -> Field:
    """A column as its rows come: one with a variant anywhere in it comes as JSON text, for Arrow has no variants."""
    if not _holds_variant(field.type):
        return field
    return Field(field.name, PrimitiveType("string"), nullable=field.nullable, metadata=field.metadata)


def arrow_schema(schema: Schema, as_large_types: bool = False) -> pa.Schema:
    """The pyarrow schema of the rows of a table."""
    return pa.schema(Schema([_as_read(field) for field in schema.fields]).to_arrow(as_large_types))


def read_table(table: DeltaTable, columns: list[str] | None, where: str, target: pa.Schema | None = None) -> pa.Table:
    """Rows with the types of the table's schema. Columns may repeat, and may be none at all."""
    target = arrow_schema(table.schema()) if target is None else target
    names = list(target.names) if columns is None else list(columns)
    read = list(dict.fromkeys(names)) or list(target.names)[:1]
    unknown = [name for name in read if name not in target.names]
    if unknown:
        raise InvalidArgumentError(f"there is no column {unknown[0]!r}; there are: {', '.join(target.names)}")
    rows = pa.table(table._stream(read, where, None).read_all())
    return _cast(rows, pa.schema([target.field(name) for name in read])).select(names)


def _cast(rows: pa.Table, target: pa.Schema) -> pa.Table:
    if rows.schema.equals(target, check_metadata=True):
        return rows
    for index, field in enumerate(target):
        if pa.types.is_null(field.type):  # a void column: there is nothing in it to cast
            rows = rows.set_column(index, field.name, pa.nulls(rows.num_rows))
    return rows.cast(target)


def _mentioned(expression: Any, names: list[str]) -> list[str]:
    """The columns that an expression may use. pyarrow does not tell, so: each whose name is in its text."""
    text = str(expression)
    return [name for name in names if name in text or quote_name(name)[1:-1] in text or not name.isprintable()]


class DeltaDataset(pads.Dataset):  # type: ignore[misc]
    """A table at one version, possibly with a filter. Files are chosen anew, by statistics, for each read."""

    def __init__(self, table: DeltaTable, where: str, schema: pa.Schema, expression: Any = None) -> None:
        # pyarrow's own constructor is for its own datasets: nothing of it is used here.
        self._table = table
        self._where = where
        self._schema = schema
        self._expression = expression

    def __reduce__(self) -> Any:
        return DeltaDataset, (self._table, self._where, self._schema, self._expression)

    @property
    def schema(self) -> pa.Schema:
        """The schema of the rows."""
        return self._schema

    @property
    def files(self) -> list[str]:
        """Where the data files are that a read may open."""
        return self._table._table.paths(self._where, True)

    def _all_of(self, expression: Any) -> Any:
        if self._expression is None or expression is None:
            return self._expression if expression is None else expression
        return self._expression & expression

    def filter(self, expression: Any) -> DeltaDataset:
        """The rows for which a pyarrow expression holds as well."""
        return DeltaDataset(self._table, self._where, self._schema, self._all_of(expression))

    def replace_schema(self, schema: pa.Schema) -> DeltaDataset:
        """The same rows, cast to another schema."""
        return DeltaDataset(self._table, self._where, schema, self._expression)

    def get_fragments(self, filter: Any = None) -> Any:
        """Not to be had: a fragment is a Parquet file read by pyarrow, which would return deleted rows."""
        raise NotImplementedError("a Delta table has no fragments that pyarrow reads right: use to_batches or to_table")

    def _names(self, columns: Any, expression: Any) -> list[str]:
        """The table's columns that must be read."""
        everything = list(self._schema.names)
        if columns is None:
            return everything
        if isinstance(columns, dict):
            wanted = [name for one in columns.values() for name in _mentioned(one, everything)]
        else:
            wanted = list(columns)
            unknown = [name for name in wanted if name not in everything]
            if unknown:
                raise InvalidArgumentError(f"there is no column {unknown[0]!r}; there are: {', '.join(everything)}")
        if expression is not None:
            wanted += _mentioned(expression, everything)
        return list(dict.fromkeys(wanted)) or everything[:1]

    def scanner(self, columns: Any = None, filter: Any = None, **options: Any) -> pads.Scanner:
        """A pyarrow scanner over the rows, good for one read."""
        expression = self._all_of(filter)
        names = self._names(columns, expression)
        schema = pa.schema([self._schema.field(name) for name in names], metadata=self._schema.metadata)
        rows = pa.RecordBatchReader.from_stream(self._table._stream(names, self._where, None))

        def batches() -> Iterator[pa.RecordBatch]:
            for batch in rows:
                yield from _cast(pa.Table.from_batches([batch]), schema).to_batches()

        known = {key: value for key, value in options.items() if key in ("use_threads", "memory_pool", "batch_size")}
        return pads.Scanner.from_batches(batches(), schema=schema, columns=columns, filter=expression, **known)

    def to_table(self, columns: Any = None, filter: Any = None, **options: Any) -> pa.Table:
        """All rows."""
        expression = self._all_of(filter)
        if isinstance(columns, dict):
            return self.scanner(columns, filter, **options).to_table()
        names = self._names(columns, expression)
        rows = read_table(self._table, names, self._where, self._schema)
        if expression is not None:
            rows = rows.filter(expression)
        return rows if columns is None else rows.select(list(columns))

    def to_batches(self, columns: Any = None, filter: Any = None, **options: Any) -> Any:
        """The rows, batch by batch."""
        return self.scanner(columns, filter, **options).to_batches()

    def head(self, num_rows: int, columns: Any = None, filter: Any = None, **options: Any) -> pa.Table:
        """The first rows that come."""
        return self.scanner(columns, filter, **options).head(num_rows)

    def take(self, indices: Any, columns: Any = None, filter: Any = None, **options: Any) -> pa.Table:
        """Rows by their place in one read of the table."""
        return self.to_table(columns, filter, **options).take(indices)

    def count_rows(self, filter: Any = None, **options: Any) -> int:
        """How many rows there are: from statistics alone where that is exact."""
        if self._all_of(filter) is None:
            return self._table._table.count(self._where)
        return int(self.to_table([], filter, **options).num_rows)

    def __repr__(self) -> str:
        return f"DeltaDataset({self._table!r})"
