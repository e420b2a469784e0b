"""Runs the tests of optimize and reorg beside Spark (spark_optimize.py).

    python3 tests/optimize/run.py

What the program does without Spark is tests/cli/test_optimize.py's. Says so when there is no Java here.
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402


def main():
    if environment.java() is None:
        print("optimize: no Java here, so no Spark: nothing was compared")
        return 0
    return subprocess.run([environment.python(), os.path.join(HERE, "spark_optimize.py")]).returncode


if __name__ == "__main__":
    sys.exit(main())
