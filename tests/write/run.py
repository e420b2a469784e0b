"""Runs the comparison of deltic's data files with Spark's: see compare_with_spark.py.

    python3 tests/write/run.py

Needs Java for Spark; says so and passes where there is none. The program under test is $DELTIC, by default
build/release/bin/deltic. Exit status: 0 when everything is right.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402


def main():
    if environment.java() is None:
        print("write: no Java here, so no Spark: nothing was compared")
        return 0
    return subprocess.run([environment.python(), os.path.join(HERE, "compare_with_spark.py")]).returncode


if __name__ == "__main__":
    sys.exit(main())
