"""Spark writes to a real HDFS as it does in Hadoop clusters, and deltic reads and writes the same table. Spark is that of tests/interop. Without
Java this says so."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import programs
import servers
import tools

sys.path.insert(0, os.path.join(tools.PROJECT, "tests", "interop"))
import environment  # noqa: E402


def run():
    if environment.java() is None:
        return "there is no java: nothing was run"
    jars = environment.spark_jars()
    with servers.start("hdfs", "deltic-spark") as server, tempfile.TemporaryDirectory() as scratch:
        cluster = re.search(r"READY (hdfs://\S+)", server.log())[1].rstrip("/")
        # One JVM at a time where others hold the lock too.
        lock = ["flock", os.environ["SPARK_LOCK"]] if os.environ.get("SPARK_LOCK") and shutil.which("flock") else []
        done = subprocess.run([*lock, environment.python(), os.path.join(tools.PROJECT, "tests", "stores", "spark_hdfs.py"), scratch, cluster,
                               "/some folder/table", programs.path("deltic"), *jars],
                              env={**os.environ, **server.environment}, capture_output=True, text=True, timeout=900)
        # Without the page of Java's calls.
        said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("\tat ")]
        assert done.returncode == 0, "\n".join(said)[-4000:]
        return done.stdout.strip().splitlines()[-1]
