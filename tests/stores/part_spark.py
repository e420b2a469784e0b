"""Spark writes through S3A to a bucket, and deltic reads and writes the same table in turns. The jars of S3A come from Maven; Spark is that of
tests/interop. Without Java this says so."""
import os
import shutil
import subprocess
import sys
import tempfile

import programs
import servers
import tools

sys.path.insert(0, os.path.join(tools.PROJECT, "tests", "interop"))
import environment  # noqa: E402

BUCKET = "deltic-spark"


def run():
    if environment.java() is None:
        return "there is no java: nothing was run"
    jars = environment.spark_jars() + tools.s3a_jars()
    with servers.start("versitygw", BUCKET) as server, tempfile.TemporaryDirectory() as scratch:
        # One JVM at a time where others hold the lock too.
        lock = ["flock", os.environ["SPARK_LOCK"]] if os.environ.get("SPARK_LOCK") and shutil.which("flock") else []
        done = subprocess.run([*lock, environment.python(), os.path.join(tools.PROJECT, "tests", "stores", "spark_turns.py"), scratch,
                               server.url, f"{BUCKET}/some folder/table", programs.path("deltic"), *jars],
                              env={**os.environ, **server.environment}, capture_output=True, text=True, timeout=900)
        # Without the page of Java's calls.
        said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("\tat ")]
        assert done.returncode == 0, "\n".join(said)[-4000:]
        return done.stdout.strip().splitlines()[-1]
