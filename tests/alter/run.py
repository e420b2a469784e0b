"""Runs the tests of ALTER against Spark: see spark_alter.py.

    python3 tests/alter/run.py

Needs Java for Spark; says so and passes where there is none. The step under test is $DELTIC_ALTER_STEP, by default
build/release/bin/alter_step. Exit status: 0 when everything is right.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402


def main():
    if environment.java() is None:
        print("alter: no Java here, so no Spark: nothing was compared")
        return 0
    return subprocess.run([environment.python(), os.path.join(HERE, "spark_alter.py")]).returncode


if __name__ == "__main__":
    sys.exit(main())
