"""Runs the tests of restore, clone and convert: on tables and files of other writers (corpus.py,
footers.py) and against Spark (spark_clone.py).

    python3 tests/clone/run.py

Needs Java for Spark; says so and goes on where there is none. The program under test is $DELTIC, by default
build/release/bin/deltic. Exit status: 0 when everything is right.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402


def main():
    failed = subprocess.run([sys.executable, os.path.join(HERE, "corpus.py")]).returncode
    failed = subprocess.run([environment.python(), os.path.join(HERE, "footers.py")]).returncode or failed
    if environment.java() is None:
        print("clone: no Java here, so no Spark: nothing was compared")
        return failed
    return subprocess.run([environment.python(), os.path.join(HERE, "spark_clone.py")]).returncode or failed


if __name__ == "__main__":
    sys.exit(main())
