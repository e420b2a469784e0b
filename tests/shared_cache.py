"""Owns the folder for what tests fetch or make once for all clones of the project on a machine: environments, servers, tables that other
writers made. Everything there follows from a text (a version, a hash of definitions) and may be deleted at any time.

The folder is $DELTIC_CACHE, by default deltic/ in the user's cache folder ($XDG_CACHE_HOME or ~/.cache).
"""
import contextlib
import fcntl
import hashlib
import os

FOLDER = os.environ.get("DELTIC_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "deltic")


def place(*names):
    return os.path.join(FOLDER, *names)


def digest(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()[:16]


@contextlib.contextmanager
def once(folder, name, wanted, lock=None):
    """Answers whether something must be made; written down as done when the block ends well. One process at a time (of those that name
    the same lock)."""
    os.makedirs(folder, exist_ok=True)
    stamp = os.path.join(folder, name + ".stamp")
    with open(os.path.join(folder, (lock or name) + ".lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        missing = not os.path.exists(stamp) or open(stamp).read() != wanted
        yield missing
        if missing:
            with open(stamp, "w") as f:
                f.write(wanted)
