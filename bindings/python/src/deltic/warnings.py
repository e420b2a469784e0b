"""The warning class of the package ``deltalake``, under its name. deltic itself warns of nothing experimental."""

from __future__ import annotations

__all__ = ["ExperimentalWarning"]


class ExperimentalWarning(Warning):
    """What is used may change in a later release."""
