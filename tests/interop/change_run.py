"""Runs the change cases: the same operations by Spark on one copy of a table and by deltic on another, then crossed.

    python3 tests/interop/change_run.py [--only GLOB[,GLOB]] [--all] [--jobs N] [--list]
    python3 tests/interop/change_run.py --spark-only ...   # Spark plays deltic's part: the judge must find nothing

Owns the order, the threads and the report. Tables of each kind are made once (change_kinds.py) below build/interop/change/base;
the copies stay in build/interop/change/CASE/{spark,deltic} to look at. By default a fixed selection runs, the one of CI.
A case whose operation the program does not have is skipped from there on, and said so.
Exit status: the number of cases that fail (at most 99).
"""
import argparse
import concurrent.futures
import fnmatch
import hashlib
import os
import sys
import time
import traceback

import environment

if sys.prefix != environment.VENV and __name__ == "__main__":
    os.execv(environment.python(), [environment.python(), os.path.abspath(__file__), *sys.argv[1:]])

ROOT = os.path.join(environment.BUILD, "change")


def chosen_cases(only, every):
    import change_cases
    import change_upkeep
    cases = {name: ("pair", *case[:3]) for name, case in change_cases.CASES.items() if every or only != "*" or case[3]}
    cases.update({name: ("whole", function) for name, function in change_upkeep.CASES.items()})
    return {n: c for n, c in cases.items() if any(fnmatch.fnmatch(n, g) for g in only.split(","))}


def base_of(kind):
    return os.path.join(ROOT, "base", kind)


def make_bases(kinds, session, jobs):
    """Makes the tables that are missing or out of date."""
    import change_kinds
    with open(change_kinds.__file__, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    stamp = os.path.join(ROOT, "base.stamp")
    os.makedirs(os.path.join(ROOT, "base"), exist_ok=True)
    if not os.path.exists(stamp) or open(stamp).read() != digest:
        for name in os.listdir(os.path.join(ROOT, "base")):
            if name.endswith(".made"):
                os.remove(os.path.join(ROOT, "base", name))
        with open(stamp, "w") as f:
            f.write(digest)
    missing = [k for k in kinds if not os.path.exists(base_of(k) + ".made")]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(lambda kind: change_kinds.make(session.get(), kind, base_of(kind)), kind) for kind in missing]:
            future.result()


def run_pair(name, kind, before, after, session, spark_only):
    """Runs one case; what is wrong, and what was skipped."""
    import change_kinds
    import change_pair
    pair = change_pair.Pair(session.get(), change_kinds.KINDS[kind], base_of(kind), os.path.join(ROOT, name))
    pair.spark_only = spark_only
    skipped, did = set(), 0
    for part, steps in enumerate((before, after)):
        if part:
            pair.cross()
        for step in steps:
            step = step.placed(base_of(kind))
            try:
                pair.do(step)
                did += 1
            except change_pair.Skipped as lacks:
                skipped.add(str(lacks))
        if did:
            pair.judge()
    return pair.wrong, skipped


def run(name, case, session, spark_only):
    import change_pair
    started = time.monotonic()
    skipped = set()
    try:
        if case[0] == "pair":
            wrong, skipped = run_pair(name, *case[1:], session, spark_only)
        else:
            wrong = case[1](session.get(), os.path.join(ROOT, name)) or []
    except change_pair.Skipped as lacks:
        wrong, skipped = [], {str(lacks)}
    except change_pair.Wrong as error:
        wrong = [str(error)]
    except Exception as error:  # a refusal of Spark's where none is expected, or a bug of the case
        last = [f"{os.path.basename(f.filename)}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__) if "/interop/" in f.filename]
        wrong = [f"{' '.join(last)}: {type(error).__name__}: {str(error)[:1500]}"]
    lines = [f"{'WRONG' if wrong else 'right'} {name} ({time.monotonic() - started:.1f} s){' without ' + ', '.join(sorted(skipped)) if skipped else ''}"]
    print("\n      ".join(lines + wrong[:12] + ([f"and {len(wrong) - 12} more"] if len(wrong) > 12 else [])), flush=True)
    return wrong, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*")
    parser.add_argument("--all", action="store_true", help="every case, not CI's selection")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--spark-only", action="store_true", help="tests the judge: Spark does deltic's steps too")
    args = parser.parse_args()
    chosen = chosen_cases(args.only, args.all)
    if args.list:
        print("\n".join(chosen))
        return 0
    if not chosen:
        print(f"interop: no case is called {args.only}", file=sys.stderr)
        return 99
    if environment.java() is None:
        print("interop: !!! NO JAVA: NO CHANGE OF DELTIC'S IS COMPARED WITH SPARK'S !!!", file=sys.stderr)
        return 0
    import change_pair
    import spark_session
    change_pair.learn_commands()
    started = time.monotonic()
    os.environ.update(LC_ALL="C.UTF-8")  # the JVM names files in it
    spark = spark_session.make_session(environment.spark_jars(), os.path.join(environment.BUILD, "scratch_change"))
    spark.sparkContext._jsc.sc().conf()
    session = spark_session.Session(spark)
    make_bases(sorted({case[1] for case in chosen.values() if case[0] == "pair"}), session, args.jobs)
    made = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = {name: pool.submit(run, name, case, session, args.spark_only) for name, case in chosen.items()}
        results = {name: future.result() for name, future in futures.items()}
    wrong = sum(bool(problems) for problems, _ in results.values())
    without = sorted({s for _, skipped in results.values() for s in skipped})
    print(f"{len(results) - wrong} of {len(results)} cases of changes right in {time.monotonic() - started:.0f} s (tables made in {made - started:.0f} s)"
          + (f"; NOT TESTED, for the program lacks them: {', '.join(without)}" if without else ""))
    return min(wrong, 99)


if __name__ == "__main__":
    sys.exit(main())
