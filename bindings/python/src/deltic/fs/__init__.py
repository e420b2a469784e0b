"""The files beside a table as a pyarrow file system. For looking at them: rows are read right by ``DeltaTable`` only, which
knows what was deleted from a file and what its columns are called."""

from deltic.fs.fs_handler import DeltaStorageHandler

__all__ = ["DeltaStorageHandler"]
