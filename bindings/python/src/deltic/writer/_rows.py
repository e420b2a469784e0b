"""Rows of any kind as one Arrow C stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from deltic.exceptions import InvalidArgumentError

__all__ = ["to_stream"]


class _Columns:
    """One schema as the Arrow PyCapsule interface hands it on."""

    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __arrow_c_schema__(self) -> object:
        return self._capsule


def to_stream(data: Any) -> tuple[Any, Any]:
    """The rows as a PyCapsule of an Arrow C stream, and their schema where it can be told without reading (else None).

    Whatever speaks the Arrow PyCapsule interface is taken as it is; a list or an iterator of batches becomes a stream;
    pandas frames, pyarrow datasets and lazy polars frames are turned into one by their own packages.
    """
    if hasattr(data, "__arrow_c_stream__"):
        return data.__arrow_c_stream__(None), _schema_of(data)
    if hasattr(data, "__arrow_c_array__"):
        return _from_batches([data])
    kind = type(data)
    home = kind.__module__.split(".")[0]
    if home == "polars" and hasattr(data, "collect"):
        return to_stream(data.collect())
    if home == "pandas":
        import pyarrow

        return to_stream(pyarrow.Table.from_pandas(data))
    for method in ("scanner", "to_reader"):
        if home == "pyarrow" and hasattr(data, method):
            return to_stream(getattr(data, method)())
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _from_batches(list(data))
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes, dict)):
        return _from_iterator(iter(data))
    raise TypeError(
        f"rows cannot be made of {kind.__module__}.{kind.__qualname__}: give an Arrow table, batch or reader, a pandas or "
        "polars frame, or a list of batches"
    )


def _schema_of(data: Any) -> Any:
    if not hasattr(data, "__arrow_c_schema__"):
        return getattr(data, "schema", None)
    try:
        return _Columns(data.__arrow_c_schema__())
    except Exception:  # a reader that is spent says so when it is read
        return None


def _from_batches(batches: list[Any]) -> tuple[Any, Any]:
    from arro3.core import RecordBatch, RecordBatchReader, Table

    if not batches:
        raise InvalidArgumentError("an empty list has no columns: give a table without rows to write none")
    parts: list[Any] = []
    for each in batches:
        if hasattr(each, "__arrow_c_array__"):
            parts.append(RecordBatch.from_arrow(each))
        elif hasattr(each, "__arrow_c_stream__"):
            parts.extend(Table.from_arrow(each).to_batches())
        else:
            raise TypeError(f"a list of batches is needed; it holds a {type(each).__module__}.{type(each).__qualname__}")
    if not parts:
        return to_stream(batches[0])
    schema = parts[0].schema
    for part in parts[1:]:
        if part.schema.names != schema.names:
            raise InvalidArgumentError(f"the batches have different columns: {schema.names} and {part.schema.names}")
    return RecordBatchReader.from_batches(schema, parts).__arrow_c_stream__(), schema


def _from_iterator(batches: Iterator[Any]) -> tuple[Any, Any]:
    try:
        import pyarrow
    except ImportError:
        return _from_batches(list(batches))
    first = next(batches, None)
    if first is None:
        raise InvalidArgumentError("an iterator without a batch has no columns")
    if not hasattr(first, "__arrow_c_array__"):
        raise TypeError(f"an iterator of batches is needed; it gives a {type(first).__module__}.{type(first).__qualname__}")

    def convert() -> Iterator[Any]:
        yield head
        for each in batches:
            yield each if isinstance(each, pyarrow.RecordBatch) else pyarrow.record_batch(each)

    head = first if isinstance(first, pyarrow.RecordBatch) else pyarrow.record_batch(first)
    return to_stream(pyarrow.RecordBatchReader.from_batches(head.schema, convert()))
