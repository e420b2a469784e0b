"""Owns two copies of one table that suffer the same operations, each by another program: what is done to one by Spark is done
to the other by deltic. Judges what must be equal afterwards. Does not say which tables and operations there are
(change_kinds.py, change_steps.py) and starts no Spark (change_run.py does).

Spark's copy is the model: there is no other one. After a turn (`cross`) Spark works on what deltic left and deltic on what
Spark left, so that each program's files are read, marked and rewritten by the other one.
"""
import json
import os
import shutil
import subprocess
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

import environment
import rows
import write_table
from write_table import Wrong


class Skipped(Exception):
    """The program does not have a command yet."""


COMMANDS = set()


def learn_commands():
    """The commands that the program under test has: steps of others are skipped."""
    text = subprocess.run([environment.program(), "--help"], capture_output=True, text=True, check=True).stdout
    listed = text[text.index("Subcommands:"):].splitlines()[1:]
    COMMANDS.update(line.split()[0] for line in listed if line.startswith("  ") and not line.startswith("   ") and line.strip())


class Copy(write_table.Table):
    """One of the two: a table that is there already."""

    def __init__(self, spark, path, name):
        self.spark, self.path, self.name = spark, path, name
        self.deltars_reads = True

    def log_of_spark(self):
        """Spark's log as a new process would find it; some of what reads it asks the thread for its session."""
        self.spark._jvm.org.apache.spark.sql.classic.SparkSession.setActiveSession(self.spark._jsparkSession)
        return super().log_of_spark()

    def commit(self):
        """The commitInfo of the newest version."""
        return self.actions("commitInfo", self.version())[0]

    def rows_by_deltic(self, version=None, flags=()):
        """What deltic reads, as an Arrow table."""
        with tempfile.TemporaryDirectory() as scratch:
            out = os.path.join(scratch, "out.parquet")
            self.deltic("export", "{t}", out, "--quiet", *flags, *([] if version is None else ["--version", version]))
            return pq.ParquetFile(out).read()

    def feed_by_deltic(self, first):
        with tempfile.TemporaryDirectory() as scratch:
            out = os.path.join(scratch, "out.parquet")
            self.deltic("cdf", "{t}", "--from", first, "-o", out, "--quiet")
            return pq.ParquetFile(out).read().drop_columns(["_commit_timestamp"])

    def feed_by_spark(self, first):
        reader = self.spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", first)
        return reader.load(self.path).drop("_commit_timestamp").toArrow()

    def rows_by_spark(self, version=None, columns=("*",)):
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(self.path).selectExpr(*columns)


# What both programs must count alike. Files and bytes depend on how the rows were cut into files.
COUNTS = ("numDeletedRows", "numUpdatedRows", "numTargetRowsInserted", "numTargetRowsUpdated", "numTargetRowsDeleted",
          "numTargetRowsMatchedUpdated", "numTargetRowsMatchedDeleted", "numTargetRowsNotMatchedBySourceUpdated",
          "numTargetRowsNotMatchedBySourceDeleted", "numSourceRows", "numRestoredFiles", "sourceNumOfFiles", "numConvertedFiles")
# Metrics of Spark that are not asked for, with the reason.
FREE_METRICS = {
    "materializeSourceTimeMs": "a time of a step that deltic does not have under this name",
    "numPartitionsAddedTo": "Spark writes it for some operations only", "numPartitionsRemovedFrom": "as above"}


class Pair:
    """Two copies: `of_spark`, to which Spark does what deltic does to `of_deltic`. One thread at a time."""

    def __init__(self, spark, kind, base, folder):
        shutil.rmtree(folder, ignore_errors=True)
        for side in ("spark", "deltic"):
            shutil.copytree(base, os.path.join(folder, side))
        self.spark, self.kind, self.folder = spark, kind, folder
        self.name = os.path.relpath(folder, environment.BUILD)
        self.of_spark = Copy(spark, os.path.join(folder, "spark"), f"{self.name} as Spark has it")
        self.of_deltic = Copy(spark, os.path.join(folder, "deltic"), f"{self.name} as deltic has it")
        self.crossed = self.spark_only = False
        self.base = self.of_spark.version()
        self.steps = {}  # version: the step that made it
        self.wrong = []  # what differs, in the order of finding
        self.judged = self.base

    def cross(self):
        """From now on Spark works on deltic's copy and deltic on Spark's."""
        self.crossed = not self.crossed

    def both(self):
        return (self.of_deltic, self.of_spark) if self.crossed else (self.of_spark, self.of_deltic)

    # -- one operation ----------------------------------------------------------------------------------------------

    def do(self, step):
        """Spark does the step to one copy, deltic to the other; versions, refusals and counts must be alike."""
        if not step.commands <= COMMANDS and not self.spark_only:
            raise Skipped(f"deltic {sorted(step.commands - COMMANDS)[0]}")
        spark, deltic = self.both()
        before = spark.version()
        where = f"{step.name}{' (crossed)' if self.crossed else ''}"
        refused = self.spark_does(step, spark)
        said = self.spark_does(step, deltic) if self.spark_only or not step.deltic else self.deltic_does(step, deltic)
        if step.refused and not refused:
            raise Wrong(f"{where}: Spark accepts what the case says it refuses")
        if refused and not step.refused:
            raise Wrong(f"{where}: Spark refuses: {refused[:600]}")
        if step.refused and not said:
            self.wrong.append(f"{where}: deltic accepts what Spark refuses with: {refused[:200]}")
        if said and not step.refused:
            raise Wrong(f"{where}: deltic {' '.join(map(str, step.deltic))[:300]}: {said[:600]}")
        if spark.version() != deltic.version():
            raise Wrong(f"{where}: Spark's version is {spark.version()}, deltic's {deltic.version()} (before: {before})")
        if spark.version() > before:
            self.steps[spark.version()] = where
            self.same_record(where, step, spark.commit(), deltic.commit())

    def spark_does(self, step, copy):
        """Empty, or why Spark refuses."""
        try:
            if callable(step.spark):
                step.spark(copy)
            else:
                with copy.conf(step.conf):
                    copy.sql(step.spark).collect()
            return ""
        except Exception as error:
            if not step.refused:
                return str(error).split("JVM stacktrace")[0]
            return str(error).split("\n")[0] or "refused"

    def deltic_does(self, step, copy):
        """Empty, or why deltic refuses."""
        words = [str(w).replace("{t}", copy.path) for w in step.deltic]
        done = subprocess.run([environment.program(), *words], capture_output=True, text=True, timeout=120)
        if done.returncode == 0 and "warning" in done.stderr.lower():
            return f"warns: {done.stderr.strip()}"
        return done.stderr.strip() or f"exit status {done.returncode}" if done.returncode else ""

    def same_record(self, where, step, spark, deltic):
        """What the commits say of themselves: the operation, the names of its parameters and metrics, the rows it counted."""
        for key in ("operation", "isBlindAppend"):
            if spark.get(key) != deltic.get(key):
                self.wrong.append(f"{where}: commitInfo {key} is {deltic.get(key)}, Spark's {spark.get(key)}")
        a, b = set(spark.get("operationParameters", {})), set(deltic.get("operationParameters", {}))
        if a - b - set(step.free_parameters):
            self.wrong.append(f"{where}: operationParameters lack {sorted(a - b)}")
        a, b = spark.get("operationMetrics", {}), deltic.get("operationMetrics", {})
        lacking = sorted(set(a) - set(b) - set(FREE_METRICS))
        if lacking and not step.free_metrics:
            self.wrong.append(f"{where}: operationMetrics lack {lacking}")
        for key in COUNTS:
            if key in a and key in b and str(a[key]) != str(b[key]):
                self.wrong.append(f"{where}: {key} is {b[key]}, Spark's {a[key]}")

    # -- what must be equal -----------------------------------------------------------------------------------------

    def note(self, what, want, got):
        difference = rows.compare(want, got)
        if difference:
            self.wrong.append(f"{what}: {difference[:900]}")
        return not difference

    def shown(self, table):
        """Without the columns whose values each program chooses for itself."""
        return table.drop_columns([c for c in self.kind.free_columns if c in table.column_names])

    def judge(self):
        """Everything that happened since the last call, read by both programs from both copies."""
        newest = self.of_spark.version()
        spark_reads = self.shown(self.of_spark.rows_by_spark().toArrow())
        for version in range(self.judged + 1, newest + 1):
            what = f"version {version} ({self.steps.get(version, '?')})"
            want = self.shown(self.of_spark.rows_by_deltic(version))
            if version == newest:
                self.note(f"{what}: deltic reads Spark's copy", spark_reads, want)
            self.note(f"{what}: deltic reads the other copy", want, self.shown(self.of_deltic.rows_by_deltic(version)))
        self.spark_reads_ours(newest, spark_reads)
        if self.kind.feed and newest > self.judged:
            self.same_feed()
        if self.kind.tracked:
            self.same_row_ids()
        self.same_definition()
        self.true_log()
        for copy in (self.of_spark, self.of_deltic):
            try:
                copy.checksum(copy.name, copy.log_of_spark())
            except Wrong as wrong:
                if "has no checksum" not in str(wrong) or copy.commit().get("engineInfo", "").startswith("deltic"):
                    self.wrong.append(str(wrong))  # Spark itself writes none after a restore
        if self.kind.deltars:
            self.note(f"version {newest}: delta-rs reads deltic's copy", spark_reads, self.shown(self.of_deltic.deltars_table(self.of_spark.rows_by_spark().limit(0).toArrow().schema)))
        self.judged = newest
        return self

    def spark_reads_ours(self, newest, want):
        """Spark reads every version of deltic's copy, in one job where the columns stay the same."""
        self.of_deltic.log_of_spark()
        got = self.of_deltic.rows_by_spark()
        self.note(f"version {newest} ({self.steps.get(newest, '?')}): Spark reads deltic's copy", want, self.shown(got.toArrow()))
        frames, names = [], got.columns
        for version in range(self.judged + 1, newest):
            frame = self.of_deltic.rows_by_spark(version)
            if frame.columns == names:
                frames.append(frame.selectExpr(f"{version} AS `the version`", "*"))
        if not frames:
            return
        union = frames[0]
        for frame in frames[1:]:
            union = union.unionAll(frame)
        read = union.toArrow()
        for version in range(self.judged + 1, newest):
            part = read.filter(pa.compute.equal(read.column("the version"), version)).drop_columns(["the version"])
            if part.num_rows or version in self.steps:
                self.note(f"version {version} ({self.steps.get(version, '?')}): Spark reads deltic's copy",
                          self.shown(self.of_spark.rows_by_deltic(version)), self.shown(part))

    def same_feed(self):
        first = self.judged + 1
        want = self.shown(self.of_spark.feed_by_spark(first))
        for what, got in (("Spark reads deltic's copy", self.of_deltic.feed_by_spark(first)), ("deltic reads Spark's copy", self.of_spark.feed_by_deltic(first)),
                          ("deltic reads deltic's copy", self.of_deltic.feed_by_deltic(first))):
            got = self.shown(got)
            if rows.compare(want, got, ordered_columns=False):
                for version in range(first, self.of_spark.version() + 1):
                    one = [t.filter(pa.compute.equal(t.column("_commit_version"), version)) for t in (want, got)]
                    difference = rows.compare(*one, ordered_columns=False)
                    if difference:
                        self.wrong.append(f"change feed of version {version} ({self.steps.get(version, '?')}): {what}: {difference[:700]}")

    def same_row_ids(self):
        """Rows that were there before have one id in both copies; every row has one of its own; commit versions agree."""
        key = self.kind.key
        columns = (key, "_metadata.row_id AS r", "_metadata.row_commit_version AS c")
        spark, ours = (copy.rows_by_spark(None, columns).toArrow().to_pylist() for copy in (self.of_spark, self.of_deltic))
        high = self.kind.rows  # ids that the base gave: one for each of its rows
        for what, table in (("Spark's copy", spark), ("deltic's copy", ours)):
            ids = [r["r"] for r in table]
            if None in ids or len(set(ids)) != len(ids):
                self.wrong.append(f"row ids of {what} are missing or not unique: {sorted(ids, key=str)[:30]}")
                return
        old = [{r[key]: r["r"] for r in table if r["r"] < high} for table in (spark, ours)]
        if old[0] != old[1]:
            differ = {k: (old[0].get(k), old[1].get(k)) for k in {*old[0], *old[1]} if old[0].get(k) != old[1].get(k)}
            self.wrong.append(f"row ids differ (key: Spark's, deltic's): {dict(list(differ.items())[:8])}")
        commits = [sorted((str(r[key]), r["c"]) for r in table) for table in (spark, ours)]
        if commits[0] != commits[1]:
            self.wrong.append(f"row commit versions differ (key, version): only Spark's {sorted(set(commits[0]) - set(commits[1]))[:8]}, only deltic's {sorted(set(commits[1]) - set(commits[0]))[:8]}")
        for copy in (self.of_spark, self.of_deltic):
            read = copy.rows_by_deltic(None, ("--row-ids",))
            got = sorted((str(k.as_py()), r.as_py(), c.as_py()) for k, r, c in zip(read.column(key), read.column("_row_id"), read.column("_row_commit_version")))
            want = sorted((str(r[key]), r["r"], r["c"]) for r in (spark if copy is self.of_spark else ours))
            if got != want:
                self.wrong.append(f"{copy.name}: deltic reads other row ids than Spark: {[g for g in got if g not in want][:6]}, Spark {[w for w in want if w not in got][:6]}")

    def same_definition(self):
        a, b = self.of_spark.protocol(), self.of_deltic.protocol()
        if a != b:
            self.wrong.append(f"protocols differ: deltic's {b}, Spark's {a}")
        a, b = (c.rows_by_spark().schema.simpleString() for c in (self.of_spark, self.of_deltic))
        if a != b:
            self.wrong.append(f"schemas differ: deltic's {b}, Spark's {a}")
        a, b = (c.metadata().get("configuration", {}) for c in (self.of_spark, self.of_deltic))
        a, b = ({k: v for k, v in x.items() if "maxColumnId" not in k} for x in (a, b))
        if a != b:
            self.wrong.append(f"configurations differ: deltic's {b}, Spark's {a}")
        a, b = ({d["domain"]: (d["configuration"], d["removed"]) for d in c.actions("domainMetadata") if d["domain"] != "delta.rowTracking"} for c in (self.of_spark, self.of_deltic))
        if a != b:
            self.wrong.append(f"domains differ: deltic's {b}, Spark's {a}")

    def true_log(self):
        """Facts that readers rely on and that rows alone do not show, in what was committed since the last call."""
        for copy in (self.of_spark, self.of_deltic):
            for version in range(self.judged + 1, copy.version() + 1):
                step = f"{copy.name}, version {version} ({self.steps.get(version, '?')})"
                live = {}
                for add in copy.actions("add", version):
                    stats = json.loads(add.get("stats") or "{}")
                    if add.get("deletionVector") and stats.get("tightBounds") is not False and stats:
                        self.wrong.append(f"{step}: {add['path']} has a deletion vector and tightBounds {stats.get('tightBounds')}")
                    if self.kind.tracked and ("baseRowId" not in add or "defaultRowCommitVersion" not in add):
                        self.wrong.append(f"{step}: {add['path']} has no baseRowId or defaultRowCommitVersion")
                    if add["path"] in live:
                        self.wrong.append(f"{step}: {add['path']} is added twice")
                    live[add["path"]] = add
                for cdc in copy.actions("cdc", version):
                    if cdc.get("dataChange") is not False:
                        self.wrong.append(f"{step}: cdc {cdc['path']} has dataChange {cdc.get('dataChange')}")
