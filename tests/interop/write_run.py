"""Runs the cases of the writer: one Spark session, deltic and delta-rs take turns at each table.

    python3 tests/interop/write_run.py [--only GLOB[,GLOB]] [--jobs N] [--list]

Owns the order, the threads and the report. The cases are in write_features.py, write_values.py and write_log.py. The program
is $DELTIC, by default build/release/bin/deltic; tables are made in build/interop/write/ and left there to look at.
Exit status: the number of cases that fail (at most 99).
"""
import argparse
import concurrent.futures
import fnmatch
import os
import sys
import time
import traceback

import environment

if sys.prefix != environment.VENV and __name__ == "__main__":
    os.execv(environment.python(), [environment.python(), os.path.abspath(__file__), *sys.argv[1:]])

ROOT = os.path.join(environment.BUILD, "write")
MODULES = ["write_features", "write_values", "write_log"]


def cases(only):
    found = {}
    for module in MODULES:
        found.update(__import__(module).CASES)
    return {n: f for n, f in found.items() if any(fnmatch.fnmatch(n, g) for g in only.split(","))}


def run(name, function, session):
    """Runs one case; what is wrong, or an empty string."""
    import write_table

    def make(variant="delta"):
        return write_table.Table(session.get(), os.path.join(ROOT, name), variant)
    started = time.monotonic()
    try:
        function(make)
        problem = ""
    except write_table.Wrong as wrong:
        problem = str(wrong)
    except Exception as error:  # a refusal of Spark's or delta-rs', or a bug of the case
        last = [f"{os.path.basename(f.filename)}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__) if "/interop/" in f.filename]
        problem = f"{' '.join(last)}: {type(error).__name__}: {str(error)[:1500]}"
    print(f"{'WRONG' if problem else 'right'} {name} ({time.monotonic() - started:.1f} s){': ' + problem if problem else ''}", flush=True)
    return problem


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    chosen = cases(args.only)
    if args.list:
        print("\n".join(chosen))
        return 0
    if not chosen:
        print(f"interop: no case is called {args.only}", file=sys.stderr)
        return 99
    if environment.java() is None:
        print("interop: !!! NO JAVA: NOTHING OF THE WRITER IS TESTED WITH SPARK !!!", file=sys.stderr)
        return 0
    import spark_session
    started = time.monotonic()
    os.environ.update(LC_ALL="C.UTF-8")  # the JVM names files in it
    spark = spark_session.make_session(environment.spark_jars(), os.path.join(environment.BUILD, "scratch_write"))
    session = spark_session.Session(spark)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = {name: pool.submit(run, name, function, session) for name, function in chosen.items()}
        results = {name: future.result() for name, future in futures.items()}
    wrong = sum(bool(problem) for problem in results.values())
    print(f"{len(results) - wrong} of {len(results)} cases of the writer right in {time.monotonic() - started:.0f} s")
    return min(wrong, 99)


if __name__ == "__main__":
    sys.exit(main())
