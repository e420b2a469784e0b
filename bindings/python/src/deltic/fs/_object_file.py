"""One object of a store as a file for reading at any place. Knows no pyarrow."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deltic import _deltic

__all__ = ["ObjectInputFile"]


class ObjectInputFile(io.RawIOBase):
    """The bytes of an object. Each read asks the store for just that range."""

    mode = "rb"

    def __init__(self, store: _deltic.RawStore, key: str, size: int) -> None:
        super().__init__()
        self._store = store
        self._key = key
        self._size = size
        self._at = 0

    def size(self) -> int:
        """How many bytes there are."""
        return self._size

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        """Moves to a place between the beginning and the end, and answers it."""
        if self.closed:
            raise ValueError("the file is closed")
        if whence not in (os.SEEK_SET, os.SEEK_CUR, os.SEEK_END):
            raise ValueError(f"whence is 0, 1 or 2, not {whence}")
        place = position + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if not 0 <= place <= self._size:
            raise OSError(f"place {place} is outside {self._key!r}, which has {self._size} bytes")
        self._at = place
        return place

    def read(self, nbytes: int | None = -1) -> bytes:
        """The next bytes, at most so many; all that are left if the number is negative or None."""
        if self.closed:
            raise ValueError("the file is closed")
        left = self._size - self._at
        length = left if nbytes is None or nbytes < 0 else min(nbytes, left)
        if length == 0:
            return b""
        found = self._store.read(self._key, self._at, length)
        self._at += length
        return found

    def readall(self) -> bytes:
        """All bytes that are left."""
        return self.read(-1)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fills a buffer; answers how many bytes there were."""
        view = memoryview(buffer).cast("B")
        found = self.read(len(view))
        view[: len(found)] = found
        return len(found)

    def __repr__(self) -> str:
        return f"ObjectInputFile({self._key!r}, {self._size} bytes)"
