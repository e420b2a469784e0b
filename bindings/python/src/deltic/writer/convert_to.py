"""Parquet folders as tables: not in this release."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deltic.schema import Schema

if TYPE_CHECKING:
    from deltic.transaction import CommitProperties, PostCommitHookProperties

__all__ = ["convert_to_deltalake"]


def convert_to_deltalake(
    uri: str | Path,
    mode: Literal["error", "ignore"] = "error",
    partition_by: Schema | None = None,
    partition_strategy: Literal["hive", "directory"] | None = None,
    name: str | None = None,
    description: str | None = None,
    configuration: Mapping[str, str | None] | None = None,
    storage_options: dict[str, str] | None = None,
    *args: Any,
    collect_stats: bool = True,
    commit_properties: CommitProperties | None = None,
    post_commithook_properties: PostCommitHookProperties | None = None,
) -> None:
    """Not in this release: NotImplementedError. `create_table_with_add_actions` makes a table of files whose statistics
    you have; `write_query` copies their rows."""
    raise NotImplementedError(
        "convert_to_deltalake is not in this release of deltic: copy the rows with deltic.write_query(table, "
        "\"from 'folder/**/*.parquet'\"), or convert with the package deltalake"
    )
