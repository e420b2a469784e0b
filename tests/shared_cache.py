"""Owns the folder for what tests fetch or make once for all clones of the project on a machine: environments, servers, tables that other
writers made. Everything there follows from a text (a version, a hash of definitions) and may be deleted at any time.

The folder is $DELTIC_CACHE, by default deltic/ in the user's cache folder ($XDG_CACHE_HOME or ~/.cache).
"""
import contextlib
import fcntl
import hashlib
import os

# As Python says where an environment is (sys.prefix): a script that is not in it starts itself again there.
FOLDER = os.path.abspath(os.environ.get("DELTIC_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "deltic"))


def place(*names):
    return os.path.join(FOLDER, *names)


def digest(text):
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()[:16]


@contextlib.contextmanager
def once(folder, name, wanted, lock=None, again=False, thing=None):
    """Answers whether something must be made: it never was, or something else was wanted then, or `again`, or the path `thing` is gone.
    Written down as done when the block ends well. One process at a time (of those that name the same lock)."""
    os.makedirs(folder, exist_ok=True)
    stamp = os.path.join(folder, name + ".stamp")
    with open(os.path.join(folder, (lock or name) + ".lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        there = os.path.exists(stamp) and (thing is None or os.path.exists(thing))
        missing = again or not there or open(stamp).read() != wanted
        if missing and os.path.exists(stamp):
            os.remove(stamp)  # what is half made is nobody's, not even theirs who want what was there before
        yield missing
        if missing:
            with open(stamp, "w") as f:
                f.write(wanted)
