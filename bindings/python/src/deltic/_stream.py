"""Rows on their way to Python: an Arrow stream whose batches and tables are arro3 objects."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from arro3.core import RecordBatch, Schema, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltic import _deltic

__all__ = ["RecordBatchReader"]


class _Batch:
    """One batch as the Arrow PyCapsule interface hands it on."""

    def __init__(self, capsules: tuple[object, object]) -> None:
        self._capsules = capsules

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        return self._capsules


class RecordBatchReader:
    """A stream of rows, read once. Has the methods of ``arro3.core.RecordBatchReader``, and raises deltic's own
    exceptions. Any Arrow library takes it as it is (``pyarrow.table(reader)``, ``polars.DataFrame(reader)``, DuckDB's
    ``from reader``): it speaks the Arrow PyCapsule interface.

    Reading gives up the GIL and answers Ctrl-C. Dropping the reader, or leaving its ``with`` block, ends the read.
    """

    def __init__(self, stream: _deltic.Stream) -> None:
        self._stream = stream
        self._schema: Schema | None = None

    @property
    def schema(self) -> Schema:
        """The Arrow schema of the rows."""
        if self._schema is None:
            self._schema = Schema.from_arrow(self._stream)
        return self._schema

    @property
    def closed(self) -> bool:
        """Whether the rows were read to the end, handed on, or closed."""
        return self._stream.closed

    def read_next_batch(self) -> RecordBatch:
        """The next batch; raises StopIteration at the end."""
        if self._schema is None and not self._stream.closed:
            self._schema = Schema.from_arrow(self._stream)
        capsules = self._stream.next()
        if capsules is None:
            raise StopIteration
        return RecordBatch.from_arrow(_Batch(capsules))

    def read_all(self) -> Table:
        """All rows that are left, as an arro3 table."""
        return Table.from_arrow(self._stream.read_all())

    def close(self) -> None:
        """Ends the read and frees what it holds. Harmless when repeated."""
        self._stream.close()

    def __iter__(self) -> Iterator[RecordBatch]:
        return self

    def __next__(self) -> RecordBatch:
        return self.read_next_batch()

    def __enter__(self) -> RecordBatchReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __arrow_c_schema__(self) -> object:
        return self._stream.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._stream.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        if self._stream.closed:
            return "deltic.RecordBatchReader(closed)"
        return f"deltic.RecordBatchReader({', '.join(self.schema.names)})"
