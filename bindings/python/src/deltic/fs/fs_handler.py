"""DeltaStorageHandler: deltic's storage behind ``pyarrow.fs.PyFileSystem``, for reading. Paths are relative to the table.

A store has objects, not folders: a folder is there when something is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from deltic import _deltic
from deltic.exceptions import InvalidArgumentError, UnsupportedError
from deltic.fs._object_file import ObjectInputFile

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.fs import FileInfo, FileSelector

    from deltic.table import DeltaTable

try:
    from pyarrow.fs import FileSystemHandler

    PYARROW_AVAILABLE = True
except ImportError:
    FileSystemHandler = object
    PYARROW_AVAILABLE = False

__all__ = ["DeltaStorageHandler"]

_NEEDS_PYARROW = "deltic.fs needs the package pyarrow: install deltic[pyarrow]"


def _refuse(operation: str) -> NoReturn:
    raise UnsupportedError(f"deltic.fs reads only: {operation} is not to be had; use pyarrow's own file systems for it")


class DeltaStorageHandler(FileSystemHandler):  # type: ignore[misc]
    """A handler for ``pyarrow.fs.PyFileSystem`` over the files of a table.

    Example:
        ```python
        import pyarrow.fs
        from deltic.fs import DeltaStorageHandler

        files = pyarrow.fs.PyFileSystem(DeltaStorageHandler("/data/events"))
        files.get_file_info(pyarrow.fs.FileSelector("_delta_log"))
        ```
    """

    def __init__(
        self, table_uri: str, options: dict[str, str] | None = None, known_sizes: dict[str, int] | None = None
    ) -> None:
        """``options`` are the store's; ``known_sizes`` are sizes in bytes by path, which are then not asked for."""
        if not PYARROW_AVAILABLE:
            raise ImportError(_NEEDS_PYARROW)
        self._uri, self._options = str(table_uri), options
        self._store = _deltic.open_store(self._uri, options or {})
        self._known_sizes = dict(known_sizes or {})

    @classmethod
    def from_table(
        cls,
        table: DeltaTable | _deltic.RawTable,
        options: dict[str, str] | None = None,
        known_sizes: dict[str, int] | None = None,
    ) -> DeltaStorageHandler:
        """The files of a table that is open already, with its store."""
        if not PYARROW_AVAILABLE:
            raise ImportError(_NEEDS_PYARROW)
        self = cls.__new__(cls)
        self._store = _deltic.store_of(table if isinstance(table, _deltic.RawTable) else table._table)
        opened_with = None if isinstance(table, _deltic.RawTable) else table._storage_options
        self._uri, self._options = self._store.uri(), options if options is not None else opened_with
        self._known_sizes = dict(known_sizes or {})
        return self

    def __reduce__(self) -> Any:
        return DeltaStorageHandler, (self._uri, self._options, self._known_sizes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeltaStorageHandler) and bool(self._store.uri() == other._store.uri())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"DeltaStorageHandler({self._uri!r})"

    def equals(self, other: Any) -> bool:
        """Whether both look at the same place."""
        return bool(self == other)

    def get_type_name(self) -> str:
        """"object-store"."""
        return "object-store"

    def normalize_path(self, path: str) -> str:
        """The path as the store has it: without a leading slash; ValueError for one with "..", "." or empty parts."""
        relative = path.lstrip("/")
        parts = relative.rstrip("/").split("/") if relative else []
        if any(part in ("", ".", "..") for part in parts):
            raise InvalidArgumentError(f"{path!r} is not a plain path: it has '..', '.' or empty parts")
        return relative

    # Looking.

    def get_file_info(self, paths: list[str]) -> list[FileInfo]:
        """What is at each path: a file with its size, a folder, or nothing."""
        return [self._info(path) for path in paths]

    def _info(self, path: str) -> FileInfo:
        from pyarrow.fs import FileInfo, FileType

        key = self.normalize_path(path).rstrip("/")
        if key == "":
            return FileInfo(path, FileType.Directory)
        if key in self._known_sizes:
            return FileInfo(path, FileType.File, size=self._known_sizes[key])
        found = self._store.head(key)
        if found is not None:
            return FileInfo(path, FileType.File, size=found[1], mtime_ns=found[2] * 1_000_000)
        return FileInfo(path, FileType.Directory if self._store.list(key + "/") else FileType.NotFound)

    def get_file_info_selector(self, selector: FileSelector) -> list[FileInfo]:
        """What is in a folder; in the folders below as well if the selector is recursive. FileNotFoundError for a folder
        that is not there, unless the selector allows it."""
        from pyarrow.fs import FileInfo, FileType

        base = self.normalize_path(selector.base_dir).rstrip("/")
        prefix = base + "/" if base else ""
        objects = self._store.list(prefix)
        if not objects and base and not selector.allow_not_found:
            raise FileNotFoundError(f"there is no folder {base!r} in {self._uri}")
        folders: dict[str, None] = {}
        files = []
        for key, size, modified_ms in objects:
            parts = key[len(prefix) :].split("/")
            for depth in range(1, len(parts) if selector.recursive else min(len(parts), 2)):
                folders[prefix + "/".join(parts[:depth])] = None
            if selector.recursive or len(parts) == 1:
                files.append(FileInfo(key, FileType.File, size=size, mtime_ns=modified_ms * 1_000_000))
        return [FileInfo(folder, FileType.Directory) for folder in folders] + files

    def open_input_file(self, path: str) -> pa.PythonFile:
        """A file for reading at any place."""
        import pyarrow

        return pyarrow.PythonFile(self._open(path), mode="r")

    def open_input_stream(self, path: str) -> pa.PythonFile:
        """A file for reading from its beginning."""
        return self.open_input_file(path)

    def _open(self, path: str) -> ObjectInputFile:
        key = self.normalize_path(path)
        size = self._known_sizes.get(key)
        if size is None:
            found = self._store.head(key) if key else None
            if found is None:
                raise FileNotFoundError(f"there is no file {key!r} in {self._uri}")
            size = found[1]
        return ObjectInputFile(self._store, key, size)

    # Changing, which is refused.

    def open_output_stream(self, path: str, metadata: Mapping[str, str] | None = None) -> pa.PythonFile:
        """Not to be had: deltic.fs reads only."""
        _refuse("writing a file")

    def open_append_stream(self, path: str, metadata: Mapping[str, str] | None = None) -> None:
        """Not to be had: objects cannot be appended to."""
        raise NotImplementedError("objects of a store cannot be appended to")

    def create_dir(self, path: str, recursive: bool = True) -> None:
        """Does nothing: a store has no folders of their own."""

    def copy_file(self, src: str, dst: str) -> None:
        """Not to be had: deltic.fs reads only."""
        _refuse("copying a file")

    def move(self, src: str, dest: str) -> None:
        """Not to be had: deltic.fs reads only."""
        _refuse("moving a file")

    def delete_file(self, path: str) -> None:
        """Not to be had: deltic.fs reads only."""
        _refuse("deleting a file")

    def delete_dir(self, path: str) -> None:
        """Not to be had: deltic.fs reads only."""
        _refuse("deleting a folder")

    def delete_dir_contents(
        self, path: str, missing_dir_ok: bool = False, *, accept_root_dir: bool = False
    ) -> None:
        """Not to be had: deltic.fs reads only."""
        _refuse("deleting what is in a folder")

    def delete_root_dir_contents(self) -> None:
        """Not to be had: deltic.fs reads only."""
        _refuse("deleting what is in the root folder")
