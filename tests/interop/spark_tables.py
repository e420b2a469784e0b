"""Makes one Delta table for every feature with real Spark and Delta, many versions each, and records what Spark reads.

    python3 tests/interop/spark_tables.py [--only GLOB] [--out DIR]

Owns the order of work and the report. The tables are in tables/, the recording in spark_session.py.
Runs itself again in the test environment when pyspark is not importable. Exit status: number of tables that failed.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import queue
import sys
import time
import traceback

import environment


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*", help="a glob of table names, or several with commas")
    parser.add_argument("--out", default=environment.tables("spark"))
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    if not environment.java():
        print("interop: !!! NO JAVA: THE SPARK TABLES ARE NOT MADE AND NOT TESTED (install a Java 17 runtime) !!!",
              file=sys.stderr)
        return 0
    if sys.prefix != environment.VENV:
        os.execv(environment.python(), [environment.python(), os.path.abspath(__file__), *sys.argv[1:]])

    import spark_session
    import tables
    os.makedirs(args.out, exist_ok=True)
    started = time.monotonic()
    root = spark_session.make_session(environment.spark_jars(), os.path.join(environment.BUILD, "scratch"))
    sessions = spark_session.Session(root)
    names = [n for n in tables.ALL if any(fnmatch.fnmatch(n, g) for g in args.only.split(","))]
    failed = []

    def make(name):
        definition = tables.ALL[name]
        begun = time.monotonic()
        try:
            recorder = spark_session.Recorder(sessions.get(), args.out, name, definition.features)
            definition.make(recorder)
            manifest = recorder.finish()
            unreadable = [v for v in manifest["versions"] if "unreadable" in v]
            print(f"made {name}: {len(manifest['versions'])} versions, {len(manifest['filters'])} filters, "
                  f"{time.monotonic() - begun:.1f} s" + "".join(f"\n  v{v['version']}: {v['unreadable']}"
                                                               for v in unreadable), flush=True)
        except Exception:
            failed.append(name)
            print(f"FAILED {name}: {traceback.format_exc(limit=4)[-1800:]}", flush=True)

    work = queue.SimpleQueue()
    for name in names:
        work.put(name)

    def worker():
        while True:
            try:
                name = work.get_nowait()
            except queue.Empty:
                return
            make(name)

    with concurrent.futures.ThreadPoolExecutor(args.threads) as pool:
        for done in [pool.submit(worker) for _ in range(args.threads)]:
            done.result()
    root.stop()
    print(f"{len(names) - len(failed)} of {len(names)} Spark tables made in {time.monotonic() - started:.0f} s")
    return min(len(failed), 99)


if __name__ == "__main__":
    sys.exit(main())
