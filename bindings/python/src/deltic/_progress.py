"""What an operation tells of itself while it runs, and the bar on the terminal that shows it."""

from __future__ import annotations

import contextvars
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

__all__ = ["Progress", "progress"]


@dataclass(frozen=True)
class Progress:
    """How far an operation has come.

    Attributes:
        operation: the method's name: ``merge``, ``compact``
        phase: what is done now: ``writing files``
        done: how much of it
        total: of how much, or None where that is not known
        unit: of both: ``files``, ``rows``, ``bytes``
        seconds: since the operation began
    """

    operation: str
    phase: str
    done: int
    total: int | None
    unit: str
    seconds: float


class progress:
    """Shows how far operations have come that take over a second: as a bar on the terminal, or by a function of yours.
    Holds for what runs inside ``with``, in this thread.

    Example:
        ```python
        import deltic
        from deltic import DeltaTable

        table = DeltaTable("/data/orders")
        with deltic.progress():  # a bar, where there is a terminal
            table.optimize.compact()

        with deltic.progress(lambda now: print(now.operation, now.phase, now.done, now.total)):
            table.delete("total < 0")
        ```
    """

    def __init__(
        self, show: Callable[[Progress], object] | None = None, *, after: float | None = None, file: TextIO | None = None
    ) -> None:
        """Says who shows it.

        Args:
            show: called with a `Progress`, about twenty times a second at most. What it raises stops the operation, which
                leaves the table as it was. None draws a bar
            after: seconds before which nothing is shown: 1 for the bar, 0 for a function
            file: where the bar goes; the standard error stream if None. It is drawn on terminals and in notebooks only
        """
        self._show = show
        self._after = after if after is not None else (1.0 if show is None else 0.0)
        self._file = file
        self._drawn = 0
        self._outer: list[contextvars.Token[progress | None]] = []

    def __enter__(self) -> progress:
        self._outer.append(_current.set(self))
        return self

    def __exit__(self, *error: object) -> None:
        _current.reset(self._outer.pop())

    def _tell(self, now: Progress) -> None:
        if now.seconds < self._after:
            return
        if self._show is not None:
            self._show(now)
            return
        file = self._file or sys.stderr
        if not (file.isatty() or "ipykernel" in sys.modules):
            return
        line = _line(now, shutil.get_terminal_size().columns - 1)
        file.write("\r" + line.ljust(self._drawn))
        file.flush()
        self._drawn = len(line)

    def _end(self) -> None:
        if self._drawn:
            file = self._file or sys.stderr
            file.write("\r" + " " * self._drawn + "\r")
            file.flush()
            self._drawn = 0


_current: contextvars.ContextVar[progress | None] = contextvars.ContextVar("progress", default=None)

_BAR = 24


def _line(now: Progress, width: int) -> str:
    """One line of at most so many characters."""
    unit = "" if now.unit == "bytes" else f" {now.unit}"
    amount = _amount(now.done, now.unit)
    if now.total:
        share = min(now.done / now.total, 1.0)
        filled = int(share * _BAR)
        bar = f"[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%}  "
        amount = f"{bar}{amount}/{_amount(now.total, now.unit)}"
    return f"{now.operation}: {now.phase}  {amount}{unit}  {now.seconds:.0f} s"[: max(width, 20)]


def _amount(number: float, unit: str) -> str:
    if unit != "bytes":
        return f"{number:,}"
    for name in ("B", "KiB", "MiB", "GiB"):
        if number < 1024:
            break
        number /= 1024
    else:
        name = "TiB"
    return f"{number:.0f} B" if name == "B" else f"{number:.1f} {name}"


@contextmanager
def watched(operation: str) -> Iterator[Callable[[str, int, int, str], None] | None]:
    """What the extension module is to call while the operation runs; None when nobody wants to know."""
    shown = _current.get()
    if shown is None:
        yield None
        return
    begun = time.monotonic()

    def listen(phase: str, done: int, total: int, unit: str) -> None:
        shown._tell(Progress(operation, phase, done, total or None, unit, time.monotonic() - begun))

    try:
        yield listen
    finally:
        shown._end()
