"""Every table that Spark makes for the interoperability tests, by name: tables.ALL."""
from .registry import ALL  # noqa: F401
from . import layouts, logs, mapping, operations, partitions, properties, values, variants, vectors, widening  # noqa: F401
