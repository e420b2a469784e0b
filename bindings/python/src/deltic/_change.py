"""What all changes of a table have: their request, and what follows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from deltic.transaction import _after_commit, _commit_request, _warn

if TYPE_CHECKING:
    from deltic import _deltic
    from deltic.transaction import CommitProperties, PostCommitHookProperties
    from deltic.writer.properties import WriterProperties

__all__ = ["HOOKS_FIRST", "after_change", "change_request"]

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
