"""A Delta table as a polars LazyFrame: columns, row limits and what can be said in SQL of a predicate are pushed into the
read, where they skip files. polars applies its predicate again, so that what could not be said is no loss. Imported only
when it is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.io.plugins import register_io_source

from deltic._filters import quote_name, quote_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltic.table import DeltaTable

__all__ = ["lazy_frame", "predicate_sql"]

_COMPARISONS = {"Eq": "=", "NotEq": "<>", "Lt": "<", "LtEq": "<=", "Gt": ">", "GtEq": ">="}


def predicate_sql(predicate: pl.Expr) -> str:
    """SQL that is true wherever the predicate is (it may be true elsewhere too); "" when there is nothing to say."""
    try:
        tree = json.loads(predicate.meta.serialize(format="json"))
    except Exception:  # how polars writes an expression is its own affair and changes
        return ""
    return _weaker(tree) or ""


def _weaker(node: Any) -> str | None:
    if not isinstance(node, dict) or set(node) != {"BinaryExpr"}:
        return None
    parts = node["BinaryExpr"]
    left, op, right = parts.get("left"), parts.get("op"), parts.get("right")
    if op in ("And", "LogicalAnd"):
        known = [sql for sql in (_weaker(left), _weaker(right)) if sql]
        return "(" + " AND ".join(known) + ")" if known else None
    if op in ("Or", "LogicalOr"):
        one, other = _weaker(left), _weaker(right)
        return f"({one} OR {other})" if one and other else None
    if op in _COMPARISONS:
        one, other = _operand(left), _operand(right)
        # A column on one side only: between two columns SQL might cast where polars does not.
        if one and other and ("Column" in left) != ("Column" in right):
            return f"({one} {_COMPARISONS[op]} {other})"
    return None


def _operand(node: Any) -> str | None:
    if not isinstance(node, dict) or len(node) != 1:
        return None
    if isinstance(node.get("Column"), str):
        return quote_name(node["Column"])
    value = node.get("Literal")
    while isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("Scalar", "Dyn", "value"):
        value = next(iter(value.values()))
    if not isinstance(value, dict) or len(value) != 1:
        return None
    kind, cell = next(iter(value.items()))
    if kind in ("Int", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64") and type(cell) is int:
        return str(cell)
    if kind in ("Str", "String", "StringOwned") and isinstance(cell, str):
        return quote_text(cell)
    if kind == "Date" and type(cell) is int:
        return f"(DATE '1970-01-01' + {cell})"
    return None


def lazy_frame(table: DeltaTable) -> pl.LazyFrame:
    """The table's rows, read when they are collected."""
    frame = pl.DataFrame(table._stream(None, "", 0).read_all())

    def read(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        where = predicate_sql(predicate) if predicate is not None else ""
        limit = n_rows if predicate is None else None
        columns = with_columns or None
        try:
            rows = table._stream(columns, where, limit)
        except Exception:
            if not where:
                raise
            rows = table._stream(columns, "", limit)  # the predicate was not for us after all
        left = n_rows
        for batch in rows:
            part = pl.DataFrame(batch)
            if predicate is not None:
                part = part.filter(predicate)
            if left is not None:
                part = part.head(left)
                left -= part.height
            yield part
            if left == 0:
                rows.close()
                return

    return register_io_source(read, schema=frame.schema)
