"""Filters as users write them: SQL text, or (column, op, value) tuples in disjunctive normal form. Both become SQL text,
which is bound against the table's columns by the reader. Knows nothing of files or rows."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Union, cast

from deltic.exceptions import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

FilterLiteralType = tuple[str, str, Any]
FilterConjunctionType = list[FilterLiteralType]
FilterDNFType = list[FilterConjunctionType]
FilterType = Union[FilterConjunctionType, FilterDNFType]
FilePruningPredicateType = Union[str, FilterType]
PartitionFilterType = list[tuple[str, str, Union[str, list[str]]]]

_COMPARISONS = {"=": "=", "==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_MEMBERSHIPS = ("in", "not in")


def quote_name(name: str) -> str:
    """A column name as SQL takes it whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def literal(value: Any, type_name: str | None) -> str:
    """A Python value as an SQL literal for a column of the Delta type. numpy scalars are taken by their Python value."""
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if value is None:
        return "NULL"
    if type_name == "string" and not isinstance(value, (bytes, str)):
        value = _partition_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value) if not isinstance(value, Decimal) or value.is_finite() else quote_text(str(value)) + "::DOUBLE"
    if isinstance(value, float):
        return repr(value) + "::DOUBLE" if math.isfinite(value) else quote_text(repr(value)) + "::DOUBLE"
    if isinstance(value, datetime):
        if value.tzinfo is None and type_name != "timestamp":
            return f"TIMESTAMP {quote_text(value.isoformat(sep=' '))}"
        # A time without a zone is UTC, as everywhere in Delta.
        utc = value.astimezone(timezone.utc) if value.tzinfo is not None else value
        return f"TIMESTAMPTZ {quote_text(utc.replace(tzinfo=None).isoformat(sep=' ') + '+00')}"
    if isinstance(value, date):
        return f"DATE {quote_text(value.isoformat())}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        if type_name == "string":
            return quote_text(bytes(value).decode())
        return quote_text("".join(f"\\x{byte:02X}" for byte in bytes(value))) + "::BLOB"
    if isinstance(value, str):
        _check_text(value, type_name)
        return quote_text(value)
    raise InvalidArgumentError(f"a filter cannot hold a {type(value).__name__}: {value!r}")


# Texts that stand for values of other types, as partition values do. A text that stands for none would be found out while
# rows are read only, and blamed on the file.
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_TEXT_FORMS = {
    **dict.fromkeys(("long", "integer", "short", "byte"), re.compile(r"\s*[+-]?\d+\s*")),
    **dict.fromkeys(("float", "double"), re.compile(_NUMBER.pattern + r"|\s*[+-]?(nan|inf|infinity)\s*", re.IGNORECASE)),
    **dict.fromkeys(("timestamp", "timestamp_ntz"), re.compile(r"\s*\d{4}-\d{2}-\d{2}.*")),
    "date": re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*"),
    "boolean": re.compile(r"\s*(true|false|t|f|1|0)\s*", re.IGNORECASE),
}


def _check_text(value: str, type_name: str | None) -> None:
    form = _NUMBER if (type_name or "").startswith("decimal") else _TEXT_FORMS.get(type_name or "")
    if form is not None and form.fullmatch(value) is None:
        raise InvalidArgumentError(f"{value!r} is no value of a column of type {type_name}")


def _partition_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def conjunctions(filters: FilterType | None) -> FilterDNFType:
    """The filters in disjunctive normal form. Tuples written as lists or lists written as tuples are refused when it is
    not clear which is meant."""
    if not filters:
        return []
    if all(isinstance(part, list) for part in filters):
        dnf = cast(FilterDNFType, filters)
    elif all(isinstance(part, tuple) for part in filters):
        dnf = [cast(FilterConjunctionType, filters)]
    else:
        raise ValueError(
            "filters must be a list of (column, op, value) tuples (a conjunction), "
            "or a list of such lists (an OR across conjunctions), not a mix of both"
        )
    for conjunction in dnf:
        if not conjunction:
            raise ValueError("empty conjunction in filters; pass no filter to match all rows")
        for part in conjunction:
            if not isinstance(part, tuple) or len(part) != 3:
                raise ValueError(f"a filter is a (column, op, value) tuple, not {part!r}")
    return dnf


def _condition(column: str, op: str, value: Any, types: Mapping[str, str], empty_is_null: bool) -> str:
    if column not in types:
        raise InvalidArgumentError(f"there is no column {column!r} to filter by; there are: {', '.join(types)}")
    name, type_name = quote_name(column), types[column]
    op = " ".join(op.lower().split())
    if op in _MEMBERSHIPS:
        if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
            raise ValueError(f"{op!r} takes a list, set or tuple of values, not {value!r}")
        values = list(value)
        nulls = any(one is None or (empty_is_null and one == "") for one in values)
        known = [one for one in values if one is not None and not (empty_is_null and one == "")]
        listed = ", ".join(literal(one, type_name) for one in known)
        # A row without a value is in no list of values, so "not in" is true of it: as pyarrow has it, and unlike SQL. None
        # in the list stands for such rows. Written so that files can be judged by it.
        if op == "in":
            parts = ([f"{name} IN ({listed})"] if known else []) + ([f"{name} IS NULL"] if nulls else [])
            return "(" + (" OR ".join(parts) or "false") + ")"
        if nulls:
            return f"({name} NOT IN ({listed}))" if known else f"{name} IS NOT NULL"
        return f"({name} NOT IN ({listed}) OR {name} IS NULL)" if known else "true"
    if op not in _COMPARISONS:
        raise InvalidArgumentError(
            f"invalid filter {(column, op, value)!r}: the operators are {', '.join([*_COMPARISONS, *_MEMBERSHIPS])}"
        )
    if empty_is_null and value == "":
        if op in ("=", "=="):
            return f"{name} IS NULL"
        if op == "!=":
            return f"{name} IS NOT NULL"
    return f"{name} {_COMPARISONS[op]} {literal(value, type_name)}"


def to_sql(filters: FilterType | None, types: Mapping[str, str], partition_columns: Sequence[str] = ()) -> str:
    """SQL text of tuple filters; "" when there are none. For the partition columns named, the empty string means NULL, as
    Hive folders have it."""
    groups = []
    for conjunction in conjunctions(filters):
        parts = [_condition(column, op, value, types, column in partition_columns) for column, op, value in conjunction]
        groups.append("(" + " AND ".join(parts) + ")")
    return " OR ".join(groups)
