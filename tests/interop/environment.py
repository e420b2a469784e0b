"""Owns the places and the Python environment of the interoperability tests: where tables are built, which python runs the
other writers, and where Spark's jars lie. Does not make tables and does not judge them.

Everything that is downloaded goes below .cache/ of the project and everything that is made goes below build/interop/,
so that the user's Python stays clean and `git status` stays empty.
"""
import fcntl
import glob
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
CACHE = os.path.join(PROJECT, ".cache")
VENV = os.path.join(CACHE, "interop-venv")
JARS = os.path.join(CACHE, "spark-jars")
BUILD = os.environ.get("DELTIC_INTEROP_BUILD", os.path.join(PROJECT, "build", "interop"))

REQUIREMENTS = ["pyspark==4.2.0", "delta-spark==4.4.0", "pyarrow==26.0.0", "duckdb==1.5.5", "deltalake==1.6.6",
                "duckdb-extension-delta==1.5.5"]
SPARK_PACKAGE = "io.delta:delta-spark_4.2_2.13:4.4.0"


def program():
    """The deltic program under test."""
    return os.environ.get("DELTIC", os.path.join(PROJECT, "build", "release", "bin", "deltic"))


def python():
    """The python of the test environment, which is made when missing or when REQUIREMENTS changed."""
    exe = os.path.join(VENV, "bin", "python")
    wanted = hashlib.sha256("\n".join(REQUIREMENTS).encode()).hexdigest()
    stamp = os.path.join(VENV, "requirements.sha256")
    os.makedirs(CACHE, exist_ok=True)
    with open(os.path.join(CACHE, "interop-venv.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(exe) and os.path.exists(stamp) and open(stamp).read() == wanted:
            return exe
        print(f"interop: making {os.path.relpath(VENV, PROJECT)} ({', '.join(REQUIREMENTS)})", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        subprocess.run([exe, "-m", "pip", "install", "-q", "--disable-pip-version-check", *REQUIREMENTS], check=True)
        with open(stamp, "w") as f:
            f.write(wanted)
    return exe


def java():
    """The java program, or None: without it there is no Spark."""
    home = os.environ.get("JAVA_HOME")
    if home and os.path.exists(os.path.join(home, "bin", "java")):
        return os.path.join(home, "bin", "java")
    return shutil.which("java")


def spark_jars():
    """Delta's jars for Spark, resolved once by Spark's own resolver (in a JVM of its own) and kept in .cache/."""
    stamp = os.path.join(JARS, "complete")
    if not os.path.exists(stamp) or open(stamp).read() != SPARK_PACKAGE:
        print(f"interop: resolving {SPARK_PACKAGE} into {os.path.relpath(JARS, PROJECT)}", flush=True)
        ivy = os.path.join(CACHE, "spark-ivy")
        code = ("import sys\n"
                "from pyspark.sql import SparkSession\n"
                "s = (SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false')"
                ".config('spark.driver.host', '127.0.0.1')"
                ".config('spark.jars.ivy', sys.argv[1]).config('spark.jars.packages', sys.argv[2]).getOrCreate())\n"
                "s.stop()\n")
        subprocess.run([python(), "-c", code, ivy, SPARK_PACKAGE], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(JARS, ignore_errors=True)
        os.makedirs(JARS)
        for jar in glob.glob(os.path.join(ivy, "jars", "*.jar")):
            shutil.copy(jar, JARS)
        with open(stamp, "w") as f:
            f.write(SPARK_PACKAGE)
    return sorted(glob.glob(os.path.join(JARS, "*.jar")))
