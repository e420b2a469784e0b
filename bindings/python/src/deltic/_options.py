"""Storage options as callers give them. Knows no store: the core reads them."""

from __future__ import annotations

import warnings

from deltic import _deltic

__all__ = ["checked_options"]


def checked_options(options: dict[str, str] | None) -> dict[str, str] | None:
    """The options as they are; a warning for each name that is nearly one that a store knows. Values are never shown."""
    if options is None:
        return None
    wrong = [key for key, value in options.items() if not isinstance(key, str) or not isinstance(value, str)]
    if wrong:
        raise TypeError(f"storage_options are texts by name: the value of {wrong[0]!r} is no str")
    for text in _deltic.check_storage_options(options):
        warnings.warn(text, RuntimeWarning, stacklevel=3)
    return options
