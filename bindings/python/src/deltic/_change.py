"""Rows that are there, changed: what DeltaTable has for it. The clauses of a merge are in _merge.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from deltic._filters import literal
from deltic._progress import watched
from deltic._sql import column_parts, column_text, engine_sql, try_cast
from deltic.schema import PrimitiveType
from deltic.transaction import _after_commit, _commit_request, _positional, _warn

if TYPE_CHECKING:
    from arro3.core.types import ArrowArrayExportable, ArrowStreamExportable

    from deltic import _deltic
    from deltic._merge import TableMerger
    from deltic.schema import DataType, Schema, StructType
    from deltic.transaction import CommitProperties, PostCommitHookProperties
    from deltic.writer.properties import WriterProperties

__all__ = ["HOOKS_FIRST", "RowChanges", "after_change", "assignments", "change_request", "type_of"]

# The order in which the package deltalake takes commit arguments by place here.
HOOKS_FIRST = ("post_commithook_properties", "commit_properties")

# What outcomes have that is not for the dict that users get.
_INSIDE = ("changed", "warnings")


def change_request(
    writer: WriterProperties | None, commit: CommitProperties | None, hooks: PostCommitHookProperties | None
) -> dict[str, Any]:
    """What the requests of all changes have."""
    from deltic.writer.properties import _parquet_request  # that package needs the tables

    return {"parquet": _parquet_request(writer), "commit": _commit_request(commit, hooks)}


class _HasTable(Protocol):
    _table: _deltic.RawTable


def after_change(
    table: _HasTable,
    raw: _deltic.RawTable,
    outcome: dict[str, Any],
    hooks: PostCommitHookProperties | None,
) -> dict[str, Any]:
    """Moves the table to its new version, and answers what users get of the outcome."""
    if raw.version() >= table._table.version():  # another thread may have moved it further
        table._table = raw
    _warn(outcome["warnings"])
    if outcome["changed"]:
        _after_commit(raw, "", hooks)
    return {name: value for name, value in outcome.items() if name not in _INSIDE}


class RowChanges:
    """The changes of rows that a DeltaTable has."""

    _table: _deltic.RawTable

    if TYPE_CHECKING:

        def schema(self) -> Schema: ...

    def delete(
        self,
        predicate: str | None = None,
        writer_properties: WriterProperties | None = None,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> dict[str, Any]:
        """Deletes rows. With deletion vectors (``delta.enableDeletionVectors``) they are marked; else the files that hold
        them are written anew without them. Where no row is to be deleted there is no new version.

        Args:
            predicate: SQL; rows for which it is true go. All rows if None
            writer_properties: how files are written that are written anew
            commit_properties: what the commit carries
            post_commithook_properties: what follows it

        Returns:
            ``num_deleted_rows`` (not there when rows of whole files went that nobody ever counted), ``num_copied_rows``,
            ``num_added_files``, ``num_removed_files``, the numbers of deletion vectors, and times in milliseconds

        Raises:
            InvalidArgumentError: the predicate names what is not there, or is no condition
            UnsupportedError: the table only takes rows (``delta.appendOnly``), or needs what this build cannot write
            ConflictError: a concurrent writer was in the way; the class says how

        Example:
            ```python
            from deltic import DeltaTable

            orders = DeltaTable("/data/orders")
            deleted = orders.delete("country = 'JP' and total < 100")
            ```
        """
        commit_properties, post_commithook_properties = _positional(
            "delete", args, commit_properties, post_commithook_properties, HOOKS_FIRST
        )
        request = change_request(writer_properties, commit_properties, post_commithook_properties)
        request["where"] = None if predicate is None else engine_sql(predicate)
        with watched("delete") as request["progress"]:
            outcome, raw = self._table.delete_rows(request)
        metrics = after_change(self, raw, outcome, post_commithook_properties)
        if metrics["num_deleted_rows"] is None:
            del metrics["num_deleted_rows"]
        return metrics

    def update(
        self,
        updates: Mapping[str, str] | None = None,
        new_values: Mapping[str, Any] | None = None,
        predicate: str | None = None,
        writer_properties: WriterProperties | None = None,
        error_on_type_mismatch: bool = True,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> dict[str, Any]:
        """Changes rows. Where no row matches there is no new version.

        Args:
            updates: columns and what becomes of them, as SQL over the values before: ``{"total": "total * 2"}``.
                ``"DEFAULT"`` is the column's default
            new_values: columns and their new values as Python has them, instead of ``updates``
            predicate: SQL; rows for which it is true are changed. All rows if None
            writer_properties: how files are written
            error_on_type_mismatch: whether a value that cannot be cast to its column's type is an error; else it is NULL
            commit_properties: what the commit carries
            post_commithook_properties: what follows it

        Returns:
            ``num_updated_rows``, ``num_copied_rows``, ``num_added_files``, ``num_removed_files``, the numbers of deletion
            vectors, and times in milliseconds

        Raises:
            InvalidArgumentError: a column that is not there or may not be set, a value that does not fit
            ConstraintViolationError: a row would break a rule of the table
            ConflictError: a concurrent writer was in the way; the class says how

        Example:
            ```python
            from deltic import DeltaTable

            orders = DeltaTable("/data/orders")
            orders.update({"total": "round(total * 1.1, 2)"}, predicate="country = 'JP'")
            orders.update(new_values={"country": "DE"}, predicate="country is null")
            ```
        """
        commit_properties, post_commithook_properties = _positional(
            "update", args, commit_properties, post_commithook_properties, HOOKS_FIRST
        )
        if updates is not None and new_values is not None:
            raise ValueError("Passing updates and new_values at same time is not allowed, pick one.")
        schema = self.schema()
        if new_values is not None:
            updates = {name: _value(value, type_of(schema, _parts(schema, name))) for name, value in new_values.items()}
        if updates is None:
            raise ValueError("Either updates or new_values need to be passed to update the table.")
        request = change_request(writer_properties, commit_properties, post_commithook_properties)
        request["set"] = assignments(updates, schema, error_on_type_mismatch)
        request["where"] = None if predicate is None else engine_sql(predicate)
        with watched("update") as request["progress"]:
            outcome, raw = self._table.update_rows(request)
        return after_change(self, raw, outcome, post_commithook_properties)


    def merge(
        self,
        source: ArrowStreamExportable | ArrowArrayExportable | Any,
        predicate: str,
        source_alias: str | None = None,
        target_alias: str | None = None,
        merge_schema: bool = False,
        error_on_type_mismatch: bool = True,
        writer_properties: WriterProperties | None = None,
        streamed_exec: bool = True,
        max_spill_size: int | None = None,
        max_temp_directory_size: int | None = None,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> TableMerger:
        """Begins a merge: rows of a source are matched against the table's, which are changed, deleted and inserted by the
        clauses that follow, in one commit. Files that cannot hold a matching row are not read; memory is bounded.

        Args:
            source: rows as `write_deltalake` takes them, or a SELECT as text
            predicate: SQL that is true of a row of the table and a row of the source that match
            source_alias: the source's name in SQL; ``source`` if None
            target_alias: the table's name in SQL; ``target`` if None
            merge_schema: adds columns of the source that the table lacks, where a clause sets them
            error_on_type_mismatch: whether a value that cannot be cast to its column's type is an error; else it is NULL
            writer_properties: how files are written
            streamed_exec: not looked at: the source is always read as a stream, once
            max_spill_size: not looked at: memory is bounded for the process (``deltic.sql("set memory_limit = '2GB'")``)
            max_temp_directory_size: not looked at, likewise (``max_temp_directory_size``)
            commit_properties: what the commit carries
            post_commithook_properties: what follows it

        Example:
            ```python
            import pyarrow
            from deltic import DeltaTable

            orders = DeltaTable("/data/orders")
            rows = pyarrow.table({"order_id": [1, 2], "total": [10.0, 20.0]})
            merge = orders.merge(rows, "target.order_id = source.order_id")
            merge.when_matched_update_all().when_not_matched_insert_all().execute()
            ```
        """
        from deltic._merge import MergeBuilder, TableMerger

        commit_properties, post_commithook_properties = _positional(
            "merge", args, commit_properties, post_commithook_properties, HOOKS_FIRST
        )
        builder = MergeBuilder(
            source=source,
            predicate=predicate,
            source_alias=source_alias,
            target_alias=target_alias,
            merge_schema=merge_schema,
            error_on_type_mismatch=error_on_type_mismatch,
            request=change_request(writer_properties, commit_properties, post_commithook_properties),
            hooks=post_commithook_properties,
        )
        return TableMerger(builder, self)  # type: ignore[arg-type]


def assignments(
    updates: Mapping[str, str], schema: StructType, error_on_type_mismatch: bool, alias: str | None = None
) -> list[tuple[str, str]]:
    """Columns as the core names them, and the engine's SQL for each. An alias before a column is taken away."""
    found = []
    for name, expression in updates.items():
        if not isinstance(name, str) or not isinstance(expression, str):
            raise TypeError(
                f"The values of the updates parameter must all be SQL strings. Got {dict(updates)}. "
                "Did you mean to use the new_values parameter?"
            )
        parts = _parts(schema, name)
        if alias is not None and len(parts) > 1 and parts[0].lower() == alias.lower():
            parts = parts[1:]
        sql = engine_sql(expression)
        data_type = type_of(schema, parts)
        if not error_on_type_mismatch and data_type is not None and sql.strip().upper() != "DEFAULT":
            sql = try_cast(sql, data_type)
        found.append((column_text(parts), sql))
    return found


def _parts(schema: StructType, name: str) -> list[str]:
    return [name] if type_of(schema, [name]) is not None else column_parts(name)


def type_of(schema: StructType, parts: list[str]) -> DataType | None:
    """The type of a column, or of a struct's field; None where there is none."""
    data_type: Any = schema
    for part in parts:
        fields = getattr(data_type, "fields", [])
        data_type = next((field.type for field in fields if field.name.lower() == part.lower()), None)
    return data_type  # type: ignore[no-any-return]


def _value(value: Any, data_type: DataType | None) -> str:
    """A Python value as SQL."""
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, (list, tuple)):
        element = getattr(data_type, "element_type", None)
        return "[" + ", ".join(_value(each, element) for each in value) + "]"
    if isinstance(value, dict):
        if data_type is not None and hasattr(data_type, "key_type"):
            keys = _value(list(value), None)
            return f"MAP({keys}, {_value(list(value.values()), None)})"
        return "{" + ", ".join(f"{literal(str(name), None)}: {_value(each, None)}" for name, each in value.items()) + "}"
    if value is not None and not isinstance(
        value, (str, bool, int, float, Decimal, date, datetime, bytes, bytearray, memoryview)
    ) and not hasattr(value, "to_pydatetime"):
        raise TypeError(
            f"Invalid datatype provided in new_values: {type(value).__name__}. It takes int, float, bool, str, bytes, "
            "Decimal, date, datetime, None, and lists and dicts of them."
        )
    return literal(value, data_type.type if isinstance(data_type, PrimitiveType) else None)
