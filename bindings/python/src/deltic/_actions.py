"""A table's add actions as an Arrow table: paths, sizes, partition values and statistics with the types of their columns.
Built of arro3 arrays, one column at a time. Reads no storage."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from arro3.core import Array, Table, struct_array
from arro3.core import DataType as Arrow
from arro3.core import Field as ArrowField
from arro3.core import Schema as ArrowSchema

from deltic.schema import DataType, Field, PrimitiveType, StructType

if TYPE_CHECKING:
    from deltic import _deltic

__all__ = ["add_actions"]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_INTEGERS = ("long", "integer", "short", "byte")

# A column of the result: its name and its array.
_Column = tuple[str, Array]


def _micros(text: str) -> int:
    from deltic._time import _parse

    delta = _parse(text) - _EPOCH
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower())


def _converter(name: str) -> tuple[Callable[[Any], Any], Arrow]:
    """How a JSON value or a partition value's text becomes a cell, and of which plain Arrow type that is."""
    if name in _INTEGERS:
        return int, Arrow.int64()
    if name in ("float", "double"):
        return float, Arrow.float64()
    if name == "boolean":
        return _boolean, Arrow.bool()
    if name == "date":
        return (lambda value: date.fromisoformat(str(value)[:10]).toordinal() - _EPOCH_DAY), Arrow.int32()
    if name in ("timestamp", "timestamp_ntz"):
        return (lambda value: _micros(str(value))), Arrow.int64()
    if name == "binary":
        return (lambda value: str(value).encode()), Arrow.binary()
    if name.startswith("decimal"):
        return (lambda value: format(Decimal(str(value)), "f")), Arrow.string()
    return str, Arrow.string()


def _array(values: Sequence[Any], data_type: PrimitiveType) -> Array:
    """The cells as an array. A value that does not read as its type is null here: statistics are hints."""
    convert, plain = _converter(data_type.type)
    cells: list[Any] = []
    for value in values:
        try:
            cells.append(None if value is None else convert(value))
        except (ValueError, TypeError, InvalidOperation, OverflowError):
            cells.append(None)
    target = data_type.to_arrow()
    return Array(cells, plain).cast(target)


def _member(values: Sequence[Any], name: str) -> list[Any]:
    return [value.get(name) if isinstance(value, dict) else None for value in values]


def _physical_name(field: Field) -> str:
    return str(field.metadata.get("delta.columnMapping.physicalName", field.name))


def _tree(fields: Sequence[Field], values: Sequence[Any], leaf: Callable[[DataType, Sequence[Any]], Array | None],
          physical: bool) -> list[tuple[str, Any]]:
    """(name, array or list of such) for each field for which there is a leaf."""
    found: list[tuple[str, Any]] = []
    for field in fields:
        cells = _member(values, _physical_name(field) if physical else field.name)
        if isinstance(field.type, StructType):
            children = _tree(field.type.fields, cells, leaf, physical)
            if children:
                found.append((field.name, children))
        else:
            array = leaf(field.type, cells)
            if array is not None:
                found.append((field.name, array))
    return found


def _nested(tree: list[tuple[str, Any]]) -> Array:
    names = [name for name, _ in tree]
    arrays = [_nested(part) if isinstance(part, list) else part for _, part in tree]
    return struct_array(
        arrays, fields=[ArrowField(name, array.type, nullable=True) for name, array in zip(names, arrays)]
    )


def _flat(prefix: str, tree: list[tuple[str, Any]]) -> list[_Column]:
    columns: list[_Column] = []
    for name, part in tree:
        if isinstance(part, list):
            columns += _flat(f"{prefix}.{name}", part)
        else:
            columns.append((f"{prefix}.{name}", part))
    return columns


def _counts(data_type: DataType, values: Sequence[Any]) -> Array:
    cells = [value if isinstance(value, int) and not isinstance(value, bool) else None for value in values]
    return Array(cells, Arrow.int64())


def _bounds(data_type: DataType, values: Sequence[Any]) -> Array | None:
    # Lists, maps, variants and binaries have no bounds.
    if not isinstance(data_type, PrimitiveType) or data_type.type in ("binary", "void"):
        return None
    return _array(values, data_type)


def add_actions(
    files: Sequence[_deltic._File], fields: Sequence[Field], partition_columns: Sequence[str], flatten: bool
) -> Table:
    """One row for each file. Columns: path, size_bytes, modification_time, num_records, null_count, min, max, partition."""
    statistics = [_statistics(file[5]) for file in files]
    data_fields = [field for field in fields if field.name not in partition_columns]
    partition_fields = [field for field in fields if field.name in partition_columns]
    groups = [
        ("null_count", _tree(data_fields, _member(statistics, "nullCount"), _counts, True)),
        ("min", _tree(data_fields, _member(statistics, "minValues"), _bounds, True)),
        ("max", _tree(data_fields, _member(statistics, "maxValues"), _bounds, True)),
        ("partition", _tree(partition_fields, [file[4] for file in files], _partition_values, False)),
    ]
    columns: list[_Column] = [
        ("path", Array([file[0] for file in files], Arrow.string())),
        ("size_bytes", Array([file[2] for file in files], Arrow.int64())),
        ("modification_time", Array([file[3] for file in files], Arrow.int64())),
        ("num_records", _counts(PrimitiveType("long"), _member(statistics, "numRecords"))),
    ]
    required = len(columns) - 1
    for name, tree in groups:
        if flatten:
            columns += _flat(name, tree)
        elif tree:
            columns.append((name, _nested(tree)))
    schema = ArrowSchema(
        [ArrowField(name, array.type, nullable=index >= required) for index, (name, array) in enumerate(columns)]
    )
    return Table.from_arrays([array for _, array in columns], schema=schema)


def _statistics(text: str | None) -> Any:
    if not text:
        return None
    try:
        return json.loads(text, parse_float=_number)
    except ValueError:
        return None


def _number(text: str) -> float | Decimal:
    """As a float when that is exact, else as a decimal, which keeps every digit."""
    number = float(text)
    return number if math.isfinite(number) and Decimal(text) == Decimal(repr(number)) else Decimal(text)


def _partition_values(data_type: DataType, values: Sequence[Any]) -> Array | None:
    if not isinstance(data_type, PrimitiveType):
        return None
    return _array([None if value == "" else value for value in values], data_type)
