"""TableMerger: what becomes of rows that match rows of a source, and of those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deltic._change import after_change, assignments, type_of
from deltic._progress import watched
from deltic._sql import column_text, engine_sql
from deltic.exceptions import InvalidArgumentError
from deltic.schema import Schema

if TYPE_CHECKING:
    from deltic.table import DeltaTable
    from deltic.transaction import PostCommitHookProperties

__all__ = ["MergeBuilder", "TableMerger"]

TARGET, SOURCE = "target", "source"


@dataclass
class MergeBuilder:
    """What `DeltaTable.merge` was given, and the clauses so far. Made by it alone."""

    source: Any
    predicate: str
    source_alias: str | None
    target_alias: str | None
    merge_schema: bool
    error_on_type_mismatch: bool
    request: dict[str, Any]
    hooks: PostCommitHookProperties | None
    clauses: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        from deltic.writer._rows import to_stream

        # Made at once, so that what is no source of rows is refused here. Rows that can be read once only are read by the
        # first execute.
        self._first: tuple[Any, Any] | None = None if isinstance(self.source, str) else to_stream(self.source)
        self.columns = None if self._first is None else _names_of(self._first[1])

    def rows(self) -> tuple[Any, str]:
        """The source's stream, or its SQL."""
        from deltic.writer._rows import to_stream

        if isinstance(self.source, str):
            return None, self.source
        first, self._first = self._first, None
        if first is None and hasattr(self.source, "read_next_batch"):
            raise InvalidArgumentError("the source can be read once, and the first execute has read it: begin a new merge")
        return (first or to_stream(self.source))[0], ""


def _names_of(schema: Any) -> list[str] | None:
    """The columns of the source; None where they cannot be told before it is read."""
    if schema is None:
        return None
    try:
        return [each.name for each in Schema.from_arrow(schema).fields]
    except (TypeError, ValueError, AttributeError):
        names = getattr(schema, "names", None)
        return None if names is None else list(names)


class TableMerger:
    """The clauses of a merge: ``DeltaTable(path).merge(rows, "target.id = source.id")``. Of several clauses for the same
    rows the first one acts whose predicate is true. Nothing happens before `execute`.

    Names of columns in SQL may be in double quotes or backquotes. In the names of columns that are set, the target's alias
    may stand in front.

    Example:
        ```python
        import pyarrow
        from deltic import DeltaTable

        orders = DeltaTable("/data/orders")
        changes = pyarrow.table({"order_id": [1, 2, 999], "country": ["FR", None, "IT"], "gone": [False, True, False]})
        (
            orders.merge(changes, "t.order_id = s.order_id", source_alias="s", target_alias="t")
            .when_matched_delete("s.gone")
            .when_matched_update({"country": "s.country"})
            .when_not_matched_insert({"order_id": "s.order_id", "country": "s.country"})
            .execute()
        )
        ```
    """

    def __init__(self, builder: MergeBuilder, table: DeltaTable) -> None:
        self._builder = builder
        self._table = table

    def _clause(
        self,
        kind: str,
        predicate: str | None,
        updates: Mapping[str, str] | None = None,
        star: bool = False,
        except_cols: list[str] | None = None,
    ) -> TableMerger:
        builder = self._builder
        clause: dict[str, Any] = {"kind": kind, "condition": engine_sql(predicate or "")}
        schema = self._table.schema()
        if star and not builder.error_on_type_mismatch and builder.columns is not None:
            left_out = {name.lower() for name in except_cols or []}
            updates = {
                column_text([name]): f"{builder.source_alias or SOURCE}.{column_text([name])}"
                for name in builder.columns
                if name.lower() not in left_out
                and (builder.merge_schema or type_of(schema, [name]) is not None)
            }
            star = False
        if star:
            clause["star"] = True
            clause["except"] = self._left_out(except_cols)
        elif updates is not None:
            alias = builder.target_alias or TARGET
            clause["set"] = assignments(updates, schema, builder.error_on_type_mismatch, alias)
        builder.clauses.append(clause)
        return self

    def _left_out(self, except_cols: list[str] | None) -> list[str]:
        """The columns that a star does not set: those named, and those that the table lacks and is not to get."""
        builder = self._builder
        schema = self._table.schema()
        known = builder.columns
        left_out = list(except_cols or [])
        if known is not None and not builder.merge_schema:
            left_out += [name for name in known if type_of(schema, [name]) is None]
        return left_out

    def when_matched_update(self, updates: Mapping[str, str], predicate: str | None = None) -> TableMerger:
        """Rows that match are changed.

        Args:
            updates: columns, and SQL over both sides for each
            predicate: SQL over both sides: only rows for which it is true
        """
        return self._clause("matched_update", predicate, updates)

    def when_matched_update_all(
        self, predicate: str | None = None, except_cols: list[str] | None = None
    ) -> TableMerger:
        """Rows that match take the values of the source's columns of the same names; other columns stay.

        Args:
            predicate: SQL over both sides: only rows for which it is true
            except_cols: columns that stay as they are
        """
        return self._clause("matched_update", predicate, star=True, except_cols=except_cols)

    def when_matched_delete(self, predicate: str | None = None) -> TableMerger:
        """Rows that match are deleted.

        Args:
            predicate: SQL over both sides: only rows for which it is true
        """
        return self._clause("matched_delete", predicate)

    def when_not_matched_insert(self, updates: Mapping[str, str], predicate: str | None = None) -> TableMerger:
        """Rows of the source that match none become rows of the table. Columns that are not set get their default.

        Args:
            updates: columns, and SQL over the source for each
            predicate: SQL over the source: only rows for which it is true
        """
        return self._clause("not_matched_insert", predicate, updates)

    def when_not_matched_insert_all(
        self, predicate: str | None = None, except_cols: list[str] | None = None
    ) -> TableMerger:
        """Rows of the source that match none become rows of the table, column by column of the same name. Columns that the
        source lacks get their default.

        Args:
            predicate: SQL over the source: only rows for which it is true
            except_cols: columns that get their default
        """
        return self._clause("not_matched_insert", predicate, star=True, except_cols=except_cols)

    def when_not_matched_by_source_update(
        self, updates: Mapping[str, str], predicate: str | None = None
    ) -> TableMerger:
        """Rows of the table that match no row of the source are changed.

        Args:
            updates: columns, and SQL over the table for each
            predicate: SQL over the table: only rows for which it is true
        """
        return self._clause("not_matched_by_source_update", predicate, updates)

    def when_not_matched_by_source_delete(self, predicate: str | None = None) -> TableMerger:
        """Rows of the table that match no row of the source are deleted.

        Args:
            predicate: SQL over the table: only rows for which it is true
        """
        return self._clause("not_matched_by_source_delete", predicate)

    def execute(self) -> dict[str, Any]:
        """Merges, in one commit; where no row is to be changed there is none. On an error, or Ctrl-C, the table is as it was.

        Returns:
            ``num_source_rows``, ``num_target_rows_inserted``, ``num_target_rows_updated``, ``num_target_rows_deleted``,
            ``num_target_rows_copied``, numbers of files, and times in milliseconds

        Raises:
            InvalidArgumentError: what the clauses name is not there; several rows of the source would change one row
            ConstraintViolationError: a row would break a rule of the table
            ConflictError: a concurrent writer was in the way; the class says how
        """
        builder = self._builder
        stream, sql = builder.rows()
        request = {
            **builder.request,
            "on": engine_sql(builder.predicate),
            "source_alias": builder.source_alias or SOURCE,
            "target_alias": builder.target_alias or TARGET,
            "clauses": builder.clauses,
            "merge_schema": builder.merge_schema,
        }
        with watched("merge") as request["progress"]:
            outcome, raw = self._table._table.merge_rows(stream, sql, request)
        return after_change(self._table, raw, outcome, builder.hooks)
