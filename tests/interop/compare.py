"""Compares what deltic reads with what the writers recorded: every version, filters, counts, columns, time travel, history.

    python3 tests/interop/compare.py [--only GLOB[,GLOB]] [--jobs N] [--skip-filters] [--newest] [--no-times] FOLDER...

Each FOLDER holds recorded tables (see spark_session.py for their shape). Owns the questions asked of the program and the
report; rows.py judges rows, predicates.py makes filters. Exit status: number of tables that differ (at most 99).
"""
import argparse
import concurrent.futures
import fnmatch
import glob
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
import unittest

import environment

FILTERS_PER_TABLE = 16


# What is known to differ, and why. Each must still differ: once it is right, its line goes.
KNOWN = {
    ("variant_plain", "v IS NULL"): "DuckDB 1.5.6 reads a variant null (JSON null) and SQL NULL as the same value",
}


class Problem:
    def __init__(self, what, text, command):
        self.what, self.text, self.command = what, text, command

    def __str__(self):
        return f"{self.what}: {self.text}\n      reproduce: {self.command}"


class Judge:
    """All questions about one recorded table. One thread at a time."""

    def __init__(self, folder, filters=FILTERS_PER_TABLE, newest=False, times=True):
        self.folder, self.limit, self.newest, self.times = folder, filters, newest, times
        with open(os.path.join(folder, "manifest.json")) as f:
            self.manifest = json.load(f)
        self.table = self.manifest["path"]
        if not os.path.isabs(self.table):
            self.table = os.path.join(folder, self.table)
        self.problems, self.runs = [], 0

    # -- running the program ----------------------------------------------------------------------------------------

    def run(self, *args):
        self.runs += 1
        done = subprocess.run([environment.program(), *args], capture_output=True, timeout=120)
        done.args = shlex.join(["deltic", *args])
        return done

    def failed(self, what, done, text=None):
        message = done.stderr.decode("utf-8", "replace").strip()[-600:]
        if text is None:
            text = (f"died of signal {-done.returncode}" if done.returncode < 0 else f"exit status {done.returncode}") + f": {message}"
        self.problems.append(Problem(what, text, done.args))

    def good(self, what, done):
        if done.returncode:
            self.failed(what, done)
            return False
        if done.stderr.strip():
            self.failed(what, done, "says on stderr although it succeeded: " + done.stderr.decode("utf-8", "replace")[:300])
        return True

    def expected(self, stem):
        import pyarrow.parquet as pq
        return pq.ParquetFile(os.path.join(self.folder, "expected", stem + ".parquet")).read()

    def export(self, what, want, *args, drop=()):
        """Exports and compares with an Arrow table; `drop` are columns judged elsewhere."""
        import pyarrow.parquet as pq
        import rows
        with tempfile.TemporaryDirectory() as scratch:
            out = os.path.join(scratch, "out.parquet")
            done = self.run("export", self.table, out, *args)
            if not self.good(what, done):
                return
            if done.stdout:
                self.failed(what, done, f"wrote to standard output: {done.stdout[:200]!r}")
            left = sorted(set(os.listdir(scratch)) - {"out.parquet"})
            if left:
                self.failed(what, done, f"left other files beside its output: {left}")
            got = pq.ParquetFile(out).read()
        if drop:
            kept = [n for n in got.schema.names if n not in drop]
            got = got.select(kept) if kept else None
        if got is None:
            return
        difference = rows.compare(want, got)
        if difference:
            self.failed(what, done, difference)

    # -- the questions ----------------------------------------------------------------------------------------------

    def judge(self):
        versions = [v for v in self.manifest["versions"] if "unreadable" not in v]
        for v in versions[-1:] if self.newest else self.manifest["versions"]:
            if v.get("refused"):
                done = self.run("export", self.table, os.path.join(tempfile.gettempdir(), "refused.parquet"), "--version", str(v["version"]))
                if done.returncode <= 0 or not done.stderr.strip():
                    self.failed(f"version {v['version']}", done, "must be refused with a message: its log was cleaned up")
            elif "unreadable" not in v:
                self.version(v)
        latest = [v for v in versions if not v.get("refused")][-1:]
        if latest:
            self.latest(latest[0])
        for f in self.manifest["filters"]:
            self.recorded_filter(f)
        if latest and self.limit:
            self.made_filters(latest[0])
        self.skips()
        self.history()
        self.time_travel()
        self.refusals()
        return self.problems

    def version(self, v):
        what, number = f"version {v['version']}", str(v["version"])
        want = self.expected(f"v{number}")
        if want.schema.names or not v.get("variants"):
            self.export(what, want, "--version", number, drop=v.get("variants", ()))
        if v.get("variants"):
            self.variants(what, f"v{number}", v["variants"], "--version", number)
        done = self.run("info", self.table, "--version", number, "--json")
        if self.good(what + " info", done):
            info = json.loads(done.stdout)
            if info["version"] != v["version"]:
                self.failed(what + " info", done, f"version {info['version']}")
            if v.get("num_files") is not None and info["num_files"] != v["num_files"]:
                self.failed(what + " info", done, f"num_files {info['num_files']}, expected {v['num_files']}")
        done = self.run("count", self.table, "--version", number)
        if self.good(what + " count", done) and done.stdout.strip() != str(v["rows"]).encode():
            self.failed(what + " count", done, f"{done.stdout.strip()!r}, expected {v['rows']}")
        if v.get("row_ids"):
            if "--row-ids" in self.export_help():
                self.export(what + " row ids", self.expected(f"v{number}.rowids"), "--version", number, "--row-ids")

    def export_help(self):
        return subprocess.run([environment.program(), "export", "--help"], capture_output=True, text=True).stdout

    def variants(self, what, stem, columns, *args):
        import rows
        done = self.run("cat", self.table, "--format", "json", *args)
        if not self.good(what + " as JSON", done):
            return
        with open(os.path.join(self.folder, "expected", stem + ".jsonl")) as f:
            want = f.read().splitlines()
        try:
            keys = [c for c in ("id",) if want and c in json.loads(want[0])]
            difference = rows.compare_json(want, done.stdout.decode("utf-8").split("\n"), keys + columns)
        except (ValueError, UnicodeDecodeError) as e:
            difference = f"not JSON: {e}"
        if difference:
            self.failed(what + " as JSON", done, difference)

    def latest(self, v):
        want = self.expected(f"v{v['version']}")
        if not v.get("variants"):
            self.export("latest", want)
        names = [n for n in want.schema.names]
        for chosen in ([names[-1]] if names else [], names[::-1][:5], names[1:2]):
            if chosen and len(set(chosen)) == len(chosen):
                self.export(f"columns {chosen}", want.select(chosen), "--columns",
                            ",".join('"' + c.replace('"', '""') + '"' for c in chosen))

    def recorded_filter(self, f):
        args = ["--where", f["where"]] + ([] if f["version"] is None else ["--version", str(f["version"])])
        what = f"filter {f['where']!r}" + ("" if f["version"] is None else f" of version {f['version']}")
        known = KNOWN.get((os.path.basename(self.folder.rstrip("/")), f["where"]))
        before = len(self.problems)
        self.export(what, self.expected(f["stem"]), *args, drop=f.get("variants", ()))
        if f.get("variants"):
            self.variants(what, f["stem"], f["variants"], *args)
        self.count(what, f["rows"], *args)
        if known:
            if len(self.problems) == before:
                self.problems.append(Problem(what, f"is right now: take it out of KNOWN ({known})", "deltic count " + self.table))
            else:
                del self.problems[before:]
                print(f"KNOWN DIFFERENCE {os.path.basename(self.folder)}: {what}: {known}", flush=True)

    def count(self, what, rows, *args):
        done = self.run("count", self.table, *args)
        if self.good(what + " count", done) and done.stdout.strip() != str(rows).encode():
            self.failed(what + " count", done, f"{done.stdout.strip()!r}, expected {rows}")

    def skips(self):
        """Filters that must leave files out: a reader that skips nothing is right and useless."""
        for s in self.manifest.get("skips", ()):
            done = self.run("explain", self.table, "--where", s["where"], "--json")
            what = f"skipping by {s['where']!r}"
            if self.good(what, done):
                plan = json.loads(done.stdout)
                dropped = plan["files_dropped_by_partition"] + plan["files_dropped_by_statistics"]
                if dropped < s["at_least"]:
                    self.failed(what, done, f"{dropped} of {plan['files_total']} files left out, must be {s['at_least']} or more")
                if dropped + plan["files_kept"] != plan["files_total"]:
                    self.failed(what, done, f"the numbers of files do not add up: {done.stdout[:300]!r}")

    def made_filters(self, v):
        import predicates
        path = os.path.join(self.folder, "expected", f"v{v['version']}.parquet")
        want = self.expected(f"v{v['version']}")
        oracle = predicates.Oracle(path)
        for k, predicate in enumerate(predicates.make(want, self.manifest["name"], self.limit)):
            answer = oracle.rows(predicate)
            if answer is None:
                continue
            what = f"made filter {predicate!r}"
            if k % 2:
                self.count(what, answer.num_rows, "--where", predicate)
            else:
                # DuckDB's answer only says which rows: the types of an Arrow result are not the point here.
                self.export(what, answer.cast(want.schema) if answer.schema.names == want.schema.names and castable(answer, want) else answer,
                            "--where", predicate, drop=v.get("variants", ()))

    def history(self):
        want = [h for h in self.manifest.get("history", [])
                if os.path.exists(os.path.join(self.table, "_delta_log", f"{h['version']:020d}.json"))]  # else cleaned up since
        if not want:
            return
        done = self.run("history", self.table, "--json")
        if not self.good("history", done):
            return
        got = {h["version"]: h for h in json.loads(done.stdout)}
        wrong = []
        for h in want:
            entry = got.pop(h["version"], None)
            if entry is None:
                wrong.append(f"version {h['version']} is missing")
            elif entry["operation"] != h["operation"]:
                wrong.append(f"version {h['version']}: operation {entry['operation']}, expected {h['operation']}")
            elif self.times and h.get("timestamp_us") is not None and entry["timestamp_ms"] != h["timestamp_us"] // 1000:
                wrong.append(f"version {h['version']}: time {entry['timestamp_ms']}, expected {h['timestamp_us'] // 1000}")
        wrong += [f"version {v} is not in the expected history" for v in got]
        if wrong:
            self.failed("history", done, "; ".join(wrong[:5]))

    def time_travel(self):
        """Before the first commit, at each, between, and after the last."""
        moments = [(h["version"], h["timestamp_us"] // 1000) for h in self.manifest.get("time_travel") or self.manifest.get("history", [])
                   if h.get("timestamp_us") is not None]
        if not self.times or not moments or any(v.get("refused") for v in self.manifest["versions"]):
            return
        if any(b[1] <= a[1] for a, b in zip(moments, moments[1:])):
            return  # the writer's own times do not grow: nothing is defined
        asked = [(ms, version) for version, ms in moments]
        asked += [((a[1] + b[1]) // 2, a[0]) for a, b in zip(moments, moments[1:]) if b[1] - a[1] > 1]
        asked += [(b[1] - 1, a[0]) for a, b in zip(moments, moments[1:]) if b[1] - a[1] > 1]
        for ms, version in asked[:24]:
            done = self.run("info", self.table, "--timestamp", str(ms), "--json")
            if self.good(f"time {ms}", done) and json.loads(done.stdout)["version"] != version:
                self.failed(f"time {ms}", done, f"version {json.loads(done.stdout)['version']}, expected {version}")
        done = self.run("info", self.table, "--timestamp", str(moments[0][1] - 1), "--json")
        if done.returncode <= 0 or not done.stderr.strip():
            self.failed("time before the first commit", done, "must be refused with a message")
        done = self.run("info", self.table, "--timestamp", str(moments[-1][1] + 3_600_000), "--json")
        if done.returncode < 0 or (done.returncode == 0 and json.loads(done.stdout)["version"] != moments[-1][0]):
            self.failed("time after the last commit", done, "must be refused or be the last version")

    def refusals(self):
        """Wrong requests must fail by themselves, with a message and without an output file."""
        newest = self.manifest["versions"][-1]["version"]
        with tempfile.TemporaryDirectory() as scratch:
            out = os.path.join(scratch, "out.parquet")
            for what, args in (("a version that is not there", ["--version", str(newest + 1000)]), ("an unknown column", ["--columns", "no such column"]),
                               ("a filter on an unknown column", ["--where", '"no such column" = 1']), ("a filter that is no SQL", ["--where", "= = ("])):
                done = self.run("export", self.table, out, *args)
                if done.returncode <= 0 or not done.stderr.strip() or os.path.exists(out):
                    self.failed(what, done, "must be refused with a message and without an output file")


def castable(answer, want):
    import rows
    return all(rows.type_text(a.type) == rows.type_text(b.type) for a, b in zip(answer.schema, want.schema)) and \
        not any(rows.type_text(f.type).startswith(("struct", "list", "map", "void")) for f in want.schema)


def find(folders, only):
    names = {}
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*", "manifest.json"))):
            name = os.path.basename(folder.rstrip("/")) + "/" + os.path.basename(os.path.dirname(path))
            if any(fnmatch.fnmatch(name, g) or fnmatch.fnmatch(name.split("/")[1], g) for g in only.split(",")):
                names[name] = os.path.dirname(path)
    return names


def make_case(results):
    """A unittest class with one test for each table; the answers were computed before, in parallel."""
    methods = {}
    for name, (problems, error) in results.items():
        def test(self, name=name, problems=problems, error=error):
            if error:
                self.fail(f"{name}: the judge failed: {error}")
            if problems:
                self.fail(f"{name}: {len(problems)} differences\n" + "\n".join(f"    {name} {p}" for p in problems[:12]) +
                          (f"\n    ... and {len(problems) - 12} more" if len(problems) > 12 else ""))
        methods["test_" + name.replace("/", "_")] = test
    return type("EveryTableReadsAsItsWriterSays", (unittest.TestCase,), methods)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=3)
    parser.add_argument("--skip-filters", action="store_true")
    parser.add_argument("--filters", type=int, default=FILTERS_PER_TABLE)
    parser.add_argument("--newest", action="store_true", help="of each table's versions only the newest")
    parser.add_argument("--no-times", action="store_true", help="leave out the times of versions, which a store may keep in whole seconds")
    args = parser.parse_args()
    if sys.prefix != environment.VENV:
        os.execv(environment.python(), [environment.python(), os.path.abspath(__file__), *sys.argv[1:]])
    if not os.access(environment.program(), os.X_OK):
        print(f"interop: no program at {environment.program()}: build it, or name one by DELTIC", file=sys.stderr)
        return 99
    os.environ.update(LC_ALL="C", TZ="America/St_Johns")  # results must not depend on where the machine stands
    folders = args.folders or [environment.tables(w) for w in ("spark", "deltars")]
    found = find(folders, args.only)
    if not found:
        print("interop: no recorded tables: run spark_tables.py and deltars_tables.py first", file=sys.stderr)
        return 99
    started, runs = time.monotonic(), 0

    def judge(folder):
        j = Judge(folder, 0 if args.skip_filters else args.filters, args.newest, not args.no_times)
        try:
            return j.judge(), None, j.runs
        except Exception as e:  # a bug of the judge, or a timeout of the program
            import traceback
            return j.problems, traceback.format_exc(limit=-4) if not isinstance(e, subprocess.TimeoutExpired) else str(e), j.runs

    results = {}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = {name: pool.submit(judge, folder) for name, folder in found.items()}
        for name, future in futures.items():
            problems, error, n = future.result()
            results[name] = (problems, error)
            runs += n
            if problems or error:
                print(f"{name}: {error or problems[0]}"[:600] + (f"\n      ({len(problems)} differences)" if problems else ""), flush=True)
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(make_case(results))
    outcome = unittest.TextTestRunner(verbosity=1, stream=sys.stdout).run(suite)
    wrong = len(outcome.failures) + len(outcome.errors)
    print(f"{len(results) - wrong} of {len(results)} tables right, {runs} runs of deltic in {time.monotonic() - started:.0f} s")
    return min(wrong, 99)


if __name__ == "__main__":
    sys.exit(main())
