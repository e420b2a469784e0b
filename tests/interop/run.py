"""Runs the interoperability tests from a clean clone: makes what is missing, then compares.

    python3 tests/interop/run.py [--only GLOB[,GLOB]] [--fresh] [--make-only] [--jobs N]

Owns the order of the steps: Spark's tables, delta-rs' tables, the comparison, the change feed, writers in turns,
changes by each writer on copies. Tables are made once and kept below
build/interop/ until their definitions change or --fresh is given. Exit status: 0 when everything is right.
The program under test is $DELTIC, by default build/release/bin/deltic.
"""
import argparse
import glob
import hashlib
import os
import subprocess
import sys

import environment

SOURCES = {"spark": ["spark_tables.py", "spark_session.py", "environment.py", "tables/*.py"],
           "deltars": ["deltars_tables.py", "environment.py"]}


def stamp(writer):
    """A hash of everything the tables of a writer follow from."""
    digest = hashlib.sha256()
    for pattern in SOURCES[writer]:
        for path in sorted(glob.glob(os.path.join(environment.HERE, pattern))):
            with open(path, "rb") as f:
                digest.update(f.read())
    return digest.hexdigest()


def make(writer, fresh):
    """Makes a writer's tables when they are missing or out of date; the number of tables that failed."""
    note = os.path.join(environment.BUILD, writer + ".stamp")
    if not fresh and os.path.exists(note) and open(note).read() == stamp(writer):
        return 0
    status = subprocess.run([environment.python(), os.path.join(environment.HERE, writer + "_tables.py")]).returncode
    if status == 0:
        with open(note, "w") as f:
            f.write(stamp(writer))
    return status


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*")
    parser.add_argument("--fresh", action="store_true", help="make all tables again")
    parser.add_argument("--make-only", action="store_true", help="make the tables and stop")
    parser.add_argument("--jobs", type=int, default=3)
    args = parser.parse_args()
    os.makedirs(environment.BUILD, exist_ok=True)
    failed = make("deltars", args.fresh)
    if environment.java():
        failed += make("spark", args.fresh)
    else:
        print("interop: !!! NO JAVA: NOTHING OF SPARK IS TESTED (install a Java 17 runtime) !!!", file=sys.stderr)
    if failed:
        print(f"interop: {failed} tables could not be made", file=sys.stderr)
    if args.make_only:
        return min(failed, 99)
    status = subprocess.run([environment.python(), os.path.join(environment.HERE, "compare.py"), "--only", args.only,
                             "--jobs", str(args.jobs)]).returncode
    if environment.java():
        feed = [environment.python(), os.path.join(environment.HERE, "spark_change_feed.py"), "--only", args.only]
        status += subprocess.run(feed + ["--fresh"] * args.fresh).returncode
        turns = [environment.python(), os.path.join(environment.HERE, "write_run.py"), "--only", args.only]
        if args.only == "*":
            status += subprocess.run(turns).returncode
            status += subprocess.run([environment.python(), os.path.join(environment.HERE, "change_run.py")]).returncode
    return min(failed + status, 99)


if __name__ == "__main__":
    sys.exit(main())
