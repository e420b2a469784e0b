"""Owns how a part runs a program with Spark beside a server: by the python that has pyspark, one JVM at a time."""
import os
import shutil
import subprocess
import sys
import tempfile

import programs
import tools

sys.path.insert(0, os.path.join(tools.PROJECT, "tests", "interop"))
import environment  # noqa: E402

NO_JAVA = "there is no java: nothing was run"


def there():
    return environment.java() is not None


def last_line(script, server, place, path, more_jars=()):
    """What the script says at last; it is given SCRATCH, `place`, `path`, the program deltic and the jars."""
    with tempfile.TemporaryDirectory() as scratch:
        # One JVM at a time where others hold the lock too.
        lock = ["flock", os.environ["SPARK_LOCK"]] if os.environ.get("SPARK_LOCK") and shutil.which("flock") else []
        done = subprocess.run([*lock, environment.python(), os.path.join(tools.PROJECT, "tests", "stores", script), scratch, place, path,
                               programs.path("deltic"), *environment.spark_jars(), *more_jars],
                              env={**os.environ, **server.environment}, capture_output=True, text=True, timeout=900)
    # Without the page of Java's calls.
    said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("\tat ")]
    assert done.returncode == 0, "\n".join(said)[-4000:]
    return done.stdout.strip().splitlines()[-1]
