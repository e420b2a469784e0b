"""Runs the tests of upkeep against other writers and readers (Spark, delta-rs): see spark_upkeep.py.

    python3 tests/upkeep/run.py

Needs Java for Spark; says so and passes where there is none. The step under test is $DELTIC_UPKEEP_STEP, by default
build/release/bin/upkeep_step. Exit status: 0 when everything is right.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402


def main():
    if environment.java() is None:
        print("upkeep: no Java here, so no Spark: nothing was compared")
        return 0
    return subprocess.run([environment.python(), os.path.join(HERE, "spark_upkeep.py")]).returncode


if __name__ == "__main__":
    sys.exit(main())
