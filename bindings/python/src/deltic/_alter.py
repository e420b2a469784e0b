"""TableAlterer: changes of what a table is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from deltic.exceptions import InvalidArgumentError, RowsDoNotFitError, UnsupportedError
from deltic.schema import Field, PrimitiveType, StructType
from deltic.transaction import _after_commit, _commit_request, _names, _positional, _properties, _warn

if TYPE_CHECKING:
    from deltic.schema import DataType
    from deltic.table import DeltaTable, TableFeatures
    from deltic.transaction import CommitProperties, PostCommitHookProperties

__all__ = ["TableAlterer"]

# Features whose names in the protocol are not the class's with a small first letter.
_PROTOCOL_NAMES = {"TimestampWithoutTimezone": "timestampNtz", "VariantTypePreview": "variantType-preview"}


def _feature_name(feature: Any) -> str:
    """The name in the protocol, of a TableFeatures of either package or a text."""
    text = feature if isinstance(feature, str) else str(getattr(feature, "name", feature)).rpartition(".")[2]
    return _PROTOCOL_NAMES.get(text, text[:1].lower() + text[1:])


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


class TableAlterer:
    """Changes of what a table is: ``DeltaTable(path).alter``. Each change is a commit of its own, and the table is at the
    new version afterwards; where the table is so already, there is no commit.

    Columns inside others are named with dots: ``"place.city"``, ``"list.element"``, ``"map.key"``, ``"map.value"``; a name
    with a dot is put in backquotes.
    """

    def __init__(self, table: DeltaTable) -> None:
        self.table = table

    def _change(
        self,
        change: str,
        arguments: dict[str, Any],
        commit: CommitProperties | None,
        hooks: PostCommitHookProperties | None,
    ) -> None:
        raw, changed, warnings = self.table._table.alter(change, arguments, _commit_request(commit, hooks))
        if raw.version() >= self.table._table.version():  # another thread may have moved it further
            self.table._table = raw
        _warn(warnings)
        if changed:
            _after_commit(raw, "", hooks)

    # Columns.

    def add_columns(
        self,
        fields: Field | str | list[Field] | list[str] | list[Field | str],
        *args: Any,
        first: bool = False,
        after: str | None = None,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Adds columns, and fields to columns that are structs: a struct that is there takes the fields it lacks.

        Args:
            fields: fields, or their definitions as SQL (``"city string comment 'where'"``)
            first: before all other columns
            after: after this column, instead of at the end
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "add_columns", args, commit_properties, post_commithook_properties
        )
        wanted: list[Any] = list(fields) if isinstance(fields, (list, tuple)) else [fields]
        columns: list[dict[str, Any]] = []
        for field in wanted:
            if isinstance(field, str):
                columns.append({"definition": field, "first": first, "after": after or ""})
            else:
                self._merge(Field.from_json(field.to_json()), self.table.schema(), [], columns)
        for column in columns:
            if not column.get("parent"):
                column.update({"first": first, "after": after or ""})
        if (first or after) and len(columns) > 1:
            raise InvalidArgumentError("a place is given to one column: add the columns one by one")
        if columns:
            self._change(
                "add_columns", {"columns_to_add": columns}, commit_properties, post_commithook_properties
            )

    def _merge(self, field: Field, into: StructType, path: list[str], columns: list[dict[str, Any]]) -> None:
        there = next((each for each in into.fields if each.name.lower() == field.name.lower()), None)
        if there is None:
            columns.append({"definition": field.to_json(), "parent": ".".join(map(_quoted, path))})
        elif isinstance(there.type, StructType) and isinstance(field.type, StructType):
            for inner in field.type.fields:
                self._merge(inner, there.type, [*path, there.name], columns)
        elif there.type != field.type:
            name = ".".join([*path, there.name])
            raise RowsDoNotFitError(
                f"the table has a column {name} of the type {there.type}, not {field.type}: change_column_type changes types"
            )

    def rename_column(
        self,
        column: str,
        to: str,
        *,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Renames a column. No file is written anew, which needs column mapping (``delta.columnMapping.mode`` = ``name``).

        Args:
            column: the column
            to: its new name, without the names of the structs it is in
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        self._change(
            "rename_column", {"column": column, "to": to}, commit_properties, post_commithook_properties
        )

    def drop_columns(
        self,
        columns: list[str] | str,
        raise_if_not_exists: bool = True,
        *,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Drops columns. Needs column mapping, as `rename_column`.

        Args:
            columns: the columns
            raise_if_not_exists: whether a column that is not there is an error
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        arguments = {"names": _names(columns), "if_exists": not raise_if_not_exists}
        self._change("drop_columns", arguments, commit_properties, post_commithook_properties)

    def change_column_type(
        self,
        column: str,
        type: DataType | str,
        *,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Gives a column a wider type. Needs ``delta.enableTypeWidening``.

        Args:
            column: the column
            type: ``"bigint"``, or a type of `deltic.schema`
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        if not isinstance(type, str):
            if not isinstance(type, PrimitiveType):
                raise UnsupportedError("only primitive types become wider: name the column inside, as in 'list.element'")
            type = type.type
        self._change(
            "change_column_type", {"column": column, "to": type}, commit_properties, post_commithook_properties
        )

    def drop_column_not_null(
        self,
        column_name: str,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Lets a column have NULLs.

        Args:
            column_name: the column
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        arguments = {"column": column_name, "nullable": True}
        self._change("set_column_nullable", arguments, commit_properties, post_commithook_properties)

    def set_column_not_null(
        self,
        column_name: str,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Forbids NULLs in a column. ConstraintViolationError when there is one.

        Args:
            column_name: the column
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        arguments = {"column": column_name, "nullable": False}
        self._change("set_column_nullable", arguments, commit_properties, post_commithook_properties)

    def set_column_comment(
        self,
        column: str,
        comment: str | None,
        *,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Says what a column is, for people; None takes the comment away.

        Args:
            column: the column
            comment: the text
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        arguments = {"column": column, "value": comment}
        self._change("set_column_comment", arguments, commit_properties, post_commithook_properties)

    def move_column(
        self,
        column: str,
        *,
        first: bool = False,
        after: str | None = None,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Gives a column another place among its siblings.

        Args:
            column: the column
            first: before all others
            after: after this one
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        arguments = {"column": column, "first": first, "after": after or ""}
        self._change("move_column", arguments, commit_properties, post_commithook_properties)

    def set_default(
        self,
        column: str,
        expression: str | None,
        *,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Gives a column the value that rows without it get. Needs the feature ``allowColumnDefaults``.

        Args:
            column: the column
            expression: Spark's SQL, as ``"'unknown'"`` or ``"current_timestamp()"``; None drops the default
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        arguments = {"column": column, "value": expression}
        self._change("set_column_default", arguments, commit_properties, post_commithook_properties)

    def set_column_metadata(
        self,
        column: str,
        metadata: dict[str, str],
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Adds to a column's metadata, or changes it.

        Args:
            column: the column
            metadata: names and values; a value None takes the name away
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "set_column_metadata", args, commit_properties, post_commithook_properties
        )
        values = {name: "" if value is None else json.dumps(value) for name, value in metadata.items()}
        arguments = {"column": column, "values": values}
        self._change("set_column_metadata", arguments, commit_properties, post_commithook_properties)

    # Rules.

    def add_constraint(
        self,
        constraints: dict[str, str],
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Adds CHECK constraints. ConstraintViolationError when rows that are there break one.

        Args:
            constraints: names and Spark's SQL: ``{"positive": "total > 0"}``
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "add_constraint",
            args,
            commit_properties,
            post_commithook_properties,
            ("post_commithook_properties", "commit_properties"),
        )
        self._change(
            "add_constraints", {"values": dict(constraints)}, commit_properties, post_commithook_properties
        )

    def drop_constraint(
        self,
        name: str,
        raise_if_not_exists: bool = True,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Drops a CHECK constraint.

        Args:
            name: the constraint
            raise_if_not_exists: whether it is an error when it is not there
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "drop_constraint",
            args,
            commit_properties,
            post_commithook_properties,
            ("post_commithook_properties", "commit_properties"),
        )
        arguments = {"to": name, "if_exists": not raise_if_not_exists}
        self._change("drop_constraint", arguments, commit_properties, post_commithook_properties)

    # The table.

    def set_table_properties(
        self,
        properties: dict[str, str],
        raise_if_not_exists: bool = True,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Sets properties, and switches on the features that they need. Names that begin with ``delta.`` must be Delta's;
        others are your own.

        Args:
            properties: names and values
            raise_if_not_exists: taken for the sake of the package deltalake: a ``delta.`` name that Delta does not have is
                always refused, as in Spark, and one of your own never
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "set_table_properties", args, commit_properties, post_commithook_properties
        )
        self._change(
            "set_properties", {"values": _properties(properties)}, commit_properties, post_commithook_properties
        )

    def unset_table_properties(
        self,
        names: list[str] | str,
        raise_if_not_exists: bool = True,
        *,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Takes properties away: what they decide is Delta's default again.

        Args:
            names: the properties
            raise_if_not_exists: whether one that is not set is an error
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        arguments = {"names": _names(names), "if_exists": not raise_if_not_exists}
        self._change("unset_properties", arguments, commit_properties, post_commithook_properties)

    def set_table_name(
        self,
        name: str,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Names the table, for people.

        Args:
            name: the name
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "set_table_name", args, commit_properties, post_commithook_properties
        )
        self._change("set_name", {"value": name}, commit_properties, post_commithook_properties)

    def set_table_description(
        self,
        description: str,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Describes the table, for people.

        Args:
            description: the text
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "set_table_description", args, commit_properties, post_commithook_properties
        )
        self._change("set_description", {"value": description}, commit_properties, post_commithook_properties)

    def cluster_by(
        self,
        columns: list[str] | str | None,
        *,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Says by which columns files are to be clustered; None or an empty list for no clustering any more.

        Args:
            columns: the columns
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        self._change("cluster_by", {"names": _names(columns)}, commit_properties, post_commithook_properties)

    # Features.

    def add_feature(
        self,
        feature: TableFeatures | str | list[TableFeatures] | list[str],
        allow_protocol_versions_increase: bool = False,
        *args: Any,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Makes the table support features. What a property switches on, `set_table_properties` switches on.

        Args:
            feature: features, or their names in the protocol
            allow_protocol_versions_increase: whether the table may become one of reader version 3 or writer version 7
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        commit_properties, post_commithook_properties = _positional(
            "add_feature", args, commit_properties, post_commithook_properties
        )
        names = [_feature_name(each) for each in (feature if isinstance(feature, (list, tuple)) else [feature])]
        raw = self.table._table
        protocol = self.table.protocol()
        for name in names:
            supported, for_readers = raw.feature(name)
            low = protocol.min_writer_version < 7 or (for_readers and protocol.min_reader_version < 3)
            if not supported and low and not allow_protocol_versions_increase:
                raise InvalidArgumentError(
                    f"the feature {name} needs writer version 7{' and reader version 3' if for_readers else ''}; the table "
                    f"has reader version {protocol.min_reader_version} and writer version {protocol.min_writer_version}: "
                    "set allow_protocol_versions_increase=True to raise them"
                )
        self._change("add_features", {"names": names}, commit_properties, post_commithook_properties)

    def drop_feature(
        self,
        feature: TableFeatures | str,
        *,
        commit_properties: CommitProperties | None = None,
        post_commithook_properties: PostCommitHookProperties | None = None,
    ) -> None:
        """Takes a feature, and what it left in the table, away.

        Args:
            feature: a feature, or its name in the protocol
            commit_properties: what the commit carries
            post_commithook_properties: what follows it
        """
        arguments = {"to": _feature_name(feature)}
        self._change("drop_feature", arguments, commit_properties, post_commithook_properties)
