"""Owns the places and the Python environment of the interoperability tests: where tables are built, which python runs the
other writers, and where Spark's jars lie. Does not make tables and does not judge them.

Everything that is downloaded, and the tables that other writers make by themselves, are below tests/shared_cache.py's folder, for all
clones of the project; what tests make with deltic is below build/interop/. The user's Python stays clean and `git status` empty.
"""
import glob
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path.append(os.path.dirname(HERE))
import shared_cache  # noqa: E402

BUILD = os.environ.get("DELTIC_INTEROP_BUILD", os.path.join(PROJECT, "build", "interop"))

REQUIREMENTS = ["pyspark==4.2.0", "delta-spark==4.4.0", "pyarrow==26.0.0", "duckdb==1.5.5", "deltalake==1.6.6",
                "duckdb-extension-delta==1.5.5"]
SPARK_PACKAGE = "io.delta:delta-spark_4.2_2.13:4.4.0"

VENV = shared_cache.place("interop-venv-" + shared_cache.digest("\n".join(REQUIREMENTS)))
JARS = shared_cache.place("spark-jars-" + SPARK_PACKAGE.rsplit(":", 1)[1])
# What the tables that a writer makes by itself follow from, beside the versions above.
SOURCES = {"spark": ["spark_tables.py", "spark_session.py", "tables/*.py"], "deltars": ["deltars_tables.py"]}


def program():
    """The deltic program under test."""
    return os.environ.get("DELTIC", os.path.join(PROJECT, "build", "release", "bin", "deltic"))


def python():
    """The python of the test environment, which is made when missing."""
    exe = os.path.join(VENV, "bin", "python")
    with shared_cache.once(shared_cache.FOLDER, os.path.basename(VENV), "made", thing=exe) as missing:
        if missing:
            print(f"interop: making an environment of {', '.join(REQUIREMENTS)}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
            subprocess.run([exe, "-m", "pip", "install", "-q", "--disable-pip-version-check", *REQUIREMENTS], check=True)
    return exe


def definitions(*patterns, more=b""):
    """A hash of everything that some tables follow from: these files, `more`, the writers' versions."""
    text = "\n".join([*REQUIREMENTS, SPARK_PACKAGE]).encode() + more
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(HERE, pattern))):
            with open(path, "rb") as f:
                text += f.read()
    return shared_cache.digest(text)


def tables(writer):
    """The folder of the tables that a writer makes by itself: another one whenever their definitions change."""
    return shared_cache.place("interop", f"{writer}-{definitions(*SOURCES[writer])}")


def java():
    """The java program, or None: without it there is no Spark."""
    home = os.environ.get("JAVA_HOME")
    if home and os.path.exists(os.path.join(home, "bin", "java")):
        return os.path.join(home, "bin", "java")
    return shutil.which("java")


def spark_jars():
    """Delta's jars for Spark, resolved once by Spark's own resolver (in a JVM of its own)."""
    with shared_cache.once(shared_cache.FOLDER, os.path.basename(JARS), SPARK_PACKAGE, thing=JARS) as missing:
        if missing:
            print(f"interop: resolving {SPARK_PACKAGE}", flush=True)
            ivy = JARS + ".ivy"
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
            shutil.rmtree(ivy)
    return sorted(glob.glob(os.path.join(JARS, "*.jar")))
