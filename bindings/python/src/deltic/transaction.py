"""What a commit carries beside its actions, and commits of files that are there already. The names are those of the module
``deltalake.transaction``."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from deltic import _deltic
from deltic._options import checked_options
from deltic.exceptions import DeltaError, InvalidArgumentError
from deltic.schema import Schema

__all__ = [
    "AddAction",
    "CommitProperties",
    "PostCommitHookProperties",
    "RemoveAction",
    "Transaction",
    "create_table_with_add_actions",
]


@dataclass
class AddAction:
    """A data file that is in the table's folder and becomes part of the table.

    Attributes:
        path: relative to the table, as the file is called (not encoded)
        size: bytes; must be those of the file
        partition_values: of each partition column, as text
        modification_time: milliseconds since the Unix epoch
        data_change: False for files that hold rows which the table has already
        stats: JSON as the protocol's "Per-file Statistics" says, or ""
    """

    path: str
    size: int
    partition_values: Mapping[str, str | None]
    modification_time: int
    data_change: bool
    stats: str


@dataclass
class RemoveAction:
    """A live file that leaves the table.

    Attributes:
        path: relative to the table, as the file is called (not encoded)
        data_change: False when its rows stay in the table by another file
        deletion_timestamp: milliseconds since the Unix epoch
        size: not looked at: the log knows it
        partition_values: not looked at: the log knows them
    """

    path: str
    data_change: bool
    deletion_timestamp: int
    size: int | None = None
    partition_values: dict[str, str | None] | None = None


@dataclass
class Transaction:
    """An application's own version of its work, recorded with a commit (``txn`` in the log).

    Attributes:
        app_id: the application
        version: a number that grows with the application's work
        last_updated: milliseconds since the Unix epoch
    """

    app_id: str
    version: int
    last_updated: int | None = None


@dataclass
class PostCommitHookProperties:
    """What follows a commit.

    Attributes:
        create_checkpoint: a checkpoint each ``delta.checkpointInterval`` versions
        cleanup_expired_logs: old log files are deleted, or not; by ``delta.enableExpiredLogCleanup`` if None
    """

    create_checkpoint: bool = True
    cleanup_expired_logs: bool | None = None


@dataclass
class CommitProperties:
    """What a commit carries, and how often it tries.

    Attributes:
        custom_metadata: more members of the commit's ``commitInfo``. ``userMetadata`` is the one that Spark shows. Values
            that are no strings are stored as JSON text. Names that Delta gives a meaning are refused
        max_commit_retries: how often other writers may be first before it gives up (100 if None)
        app_transactions: recorded with the commit; a concurrent commit of the same application is a conflict
    """

    custom_metadata: dict[str, Any] | None = None
    max_commit_retries: int | None = None
    app_transactions: list[Transaction] | None = None


def _json_text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"the commit metadata {name!r} cannot be written as JSON: {error}") from None


def _commit_request(
    commit: CommitProperties | None, hooks: PostCommitHookProperties | None
) -> dict[str, Any]:
    """Both as the extension module takes them. Objects of the package deltalake will do too."""
    request: dict[str, Any] = {"upkeep": _upkeep(hooks)}
    if commit is None:
        return request
    custom = dict(commit.custom_metadata or {})
    user = custom.pop("userMetadata", None)
    if user is not None:
        if not isinstance(user, str):
            raise InvalidArgumentError(f"userMetadata is a text, not {type(user).__name__}")
        request["user_metadata"] = user
    for name in custom:
        if not isinstance(name, str):
            raise InvalidArgumentError(f"names of commit metadata are texts, not {name!r}")
    request["custom_metadata"] = {name: _json_text(name, value) for name, value in custom.items()}
    if commit.max_commit_retries is not None:
        request["max_retries"] = commit.max_commit_retries
    transactions = commit.app_transactions or []
    if len({each.app_id for each in transactions}) < len(transactions):
        raise InvalidArgumentError("a commit records one transaction of an application, not two")
    request["app_transactions"] = {each.app_id: each.version for each in transactions}
    request["app_transactions_updated_ms"] = {
        each.app_id: each.last_updated for each in transactions if each.last_updated is not None
    }
    return request


def _upkeep(hooks: PostCommitHookProperties | None) -> bool:
    return hooks is None or (hooks.create_checkpoint and hooks.cleanup_expired_logs is not False)


_DEFAULT_CHECKPOINT_INTERVAL = 100


def _after_commit(
    table: _deltic.RawTable | None,
    location: str,
    hooks: PostCommitHookProperties | None,
    storage_options: dict[str, str] | None = None,
) -> None:
    """What `hooks` asks for and the commit's own upkeep does not do. The commit stands, so that what fails is a warning."""
    if hooks is None or (hooks.create_checkpoint and hooks.cleanup_expired_logs is None):
        return
    try:
        raw = table if table is not None else _deltic.open(location, None, None, storage_options or {})
        version = raw.version()
        if hooks.create_checkpoint and hooks.cleanup_expired_logs is False and version > 0:
            text = raw.info()["configuration"].get("delta.checkpointInterval", "")
            interval = int(text) if text.isdigit() and int(text) > 0 else _DEFAULT_CHECKPOINT_INTERVAL
            if version % interval == 0:
                raw.checkpoint()
        if hooks.cleanup_expired_logs:
            _, failed = raw.clean_log(False, None)
            _warn([f"old log file not deleted: {each}" for each in failed])
    except DeltaError as error:
        _warn([f"version is committed, but what should follow it failed: {error}"])


def _warn(texts: list[str]) -> None:
    for text in texts:
        warnings.warn(text, RuntimeWarning, stacklevel=4)


def _positional(
    method: str,
    given: tuple[Any, ...],
    commit: CommitProperties | None,
    hooks: PostCommitHookProperties | None,
    order: tuple[str, ...] = ("commit_properties", "post_commithook_properties"),
) -> tuple[CommitProperties | None, PostCommitHookProperties | None]:
    """Commit arguments by place, which the package deltalake still takes, with its warning."""
    if not given:
        return commit, hooks
    if len(given) > len(order):
        raise TypeError(f"{method}() takes at most {len(order)} positional commit argument(s), got {len(given)}")
    warnings.warn(
        f"Passing commit arguments positionally to {method}() is deprecated and will be removed in a future release. "
        "Use keyword arguments instead.",
        DeprecationWarning,
        stacklevel=3,
    )
    by_name = dict(zip(order, given))
    for name, value in (("commit_properties", commit), ("post_commithook_properties", hooks)):
        if value is not None and name in by_name:
            raise TypeError(f"{method}() got multiple values for '{name}'")
    return by_name.get("commit_properties", commit), by_name.get("post_commithook_properties", hooks)


def _names(names: list[str] | str | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or [])


def _properties(configuration: Mapping[str, str | None] | None) -> dict[str, str]:
    """A table's properties; None stands for one that is not set."""
    found = {}
    for name, value in (configuration or {}).items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise TypeError(f"the value of the property {name!r} is a text, not {value!r}")
        found[name] = value
    return found


def _add_action(action: AddAction | RemoveAction) -> dict[str, Any]:
    if not isinstance(action, AddAction):
        action = AddAction(**vars(action))  # of the package deltalake
    return {
        "path": action.path,
        "size": action.size,
        "partition_values": dict(action.partition_values),
        "modification_time": action.modification_time,
        "data_change": action.data_change,
        "stats": action.stats,
    }


def create_table_with_add_actions(
    table_uri: str | Path | os.PathLike[str],
    schema: Schema,
    add_actions: list[AddAction],
    mode: Literal["error", "append", "overwrite", "ignore"] = "error",
    partition_by: list[str] | str | None = None,
    name: str | None = None,
    description: str | None = None,
    configuration: Mapping[str, str | None] | None = None,
    storage_options: dict[str, str] | None = None,
    *args: Any,
    commit_properties: CommitProperties | None = None,
    post_commithook_properties: PostCommitHookProperties | None = None,
) -> None:
    """Makes a table of data files that are in its folder, in one commit.

    Args:
        table_uri: the table's folder
        schema: its columns, and those of the files
        add_actions: the files
        mode: what is done when there is a table: ``error`` and ``append`` refuse, ``ignore`` does nothing, ``overwrite``
            replaces it
        partition_by: columns whose values sort the files into partitions
        name: for people
        description: for people
        configuration: the table's properties
        storage_options: credentials, endpoints and settings of the object store, by the names that the package deltalake
            has; environment variables stand behind them. Local tables need none
        commit_properties: what the commit carries
        post_commithook_properties: what follows it
    """
    commit_properties, post_commithook_properties = _positional(
        "create_table_with_add_actions", args, commit_properties, post_commithook_properties
    )
    location = os.fspath(table_uri)
    raw = _deltic.create(
        location,
        {
            "schema_json": schema.to_json(),
            "mode": mode,
            "partition_by": _names(partition_by),
            "name": name,
            "description": description,
            "configuration": _properties(configuration),
            "commit": _commit_request(commit_properties, post_commithook_properties),
            "storage_options": checked_options(storage_options),
        },
        [_add_action(action) for action in add_actions],
    )
    _after_commit(raw, location, post_commithook_properties)
