"""Runs the interoperability tests from a clean clone: makes what is missing, then compares.

    python3 tests/interop/run.py [--only GLOB[,GLOB]] [--fresh] [--make-only] [--jobs N]

Owns the order of the steps: Spark's tables, delta-rs' tables, the comparison, the change feed, writers in turns,
changes by each writer on copies. The first two are made once and kept in tests/shared_cache.py's folder until their
definitions change or --fresh is given. Exit status: 0 when everything is right.
The program under test is $DELTIC, by default build/release/bin/deltic.
"""
import argparse
import os
import subprocess
import sys

import environment

def make(writer, fresh):
    """Makes a writer's tables when they are missing; the number of tables that failed."""
    folder = environment.tables(writer)
    try:
        with environment.shared_cache.once(os.path.dirname(folder), os.path.basename(folder), "whole", again=fresh, thing=folder) as missing:
            if missing:
                subprocess.run([environment.python(), os.path.join(environment.HERE, writer + "_tables.py")], check=True)
    except subprocess.CalledProcessError as failure:
        return failure.returncode
    return 0


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
