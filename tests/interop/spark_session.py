"""Owns the one Spark session of a run and the Recorder, which writes down what Spark itself reads from every version of a
table. Does not define tables: tables/ does.

A recorded table is a folder:
    manifest.json       what there is: see Recorder.finish
    delta/              the table as Spark left it (some manifests name another path)
    expected/vN.parquet the rows of version N, through Arrow; columns that hold a variant are left out
    expected/vN.jsonl   the rows of version N as JSON, only for tables that hold a variant
    expected/vN.rowids.parquet  rows with _row_id and _row_commit_version, only for tables with row tracking
    expected/fK.parquet the rows of filter K
"""
import contextlib
import glob
import json
import logging
import os
import shutil
import threading

from pyspark.sql import SparkSession
from pyspark.sql import types as T
import pyarrow.parquet as pq


def make_session(jars, scratch):
    logging.disable(logging.CRITICAL)  # pyspark prints each refused query as a page of JSON
    builder = (SparkSession.builder.master("local[2]").appName("deltic-interop")
               .config("spark.jars", ",".join(jars))
               .config("spark.driver.host", "127.0.0.1").config("spark.ui.enabled", "false")
               .config("spark.driver.memory", "1g").config("spark.log.level", "OFF")
               .config("spark.sql.warehouse.dir", os.path.join(scratch, "warehouse"))
               .config("spark.local.dir", os.path.join(scratch, "local"))
               .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
               .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
               .config("spark.sql.session.timeZone", "UTC")
               .config("spark.driver.extraJavaOptions",
                       f"-Duser.timezone=UTC -Dderby.system.home={scratch} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m")
               .config("spark.sql.shuffle.partitions", "2").config("spark.databricks.delta.snapshotPartitions", "1")
               .config("spark.sql.adaptive.enabled", "false").config("spark.sql.codegen.wholeStage", "false")
               .config("spark.sql.codegen.factoryMode", "NO_CODEGEN").config("spark.ui.showConsoleProgress", "false")
               .config("spark.sql.readSideCharPadding", "false")
               .config("spark.databricks.delta.checkLatestSchemaOnRead", "false"))
    return builder.getOrCreate()


def holds(data_type, what):
    """Whether a Spark type is, or holds somewhere, a type of class `what`."""
    if isinstance(data_type, what):
        return True
    if isinstance(data_type, T.StructType):
        return any(holds(f.dataType, what) for f in data_type.fields)
    if isinstance(data_type, T.ArrayType):
        return holds(data_type.elementType, what)
    if isinstance(data_type, T.MapType):
        return holds(data_type.keyType, what) or holds(data_type.valueType, what)
    return False


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


class Recorder:
    """One table being made. One thread at a time."""

    def __init__(self, spark, root, name, features):
        self.spark, self.name, self.features = spark, name, features
        self.folder = os.path.join(root, name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(os.path.join(self.folder, "expected"))
        self.path = os.path.join(self.folder, "delta")
        self.must_skip = []
        self.filters, self.row_ids, self.after, self.refused, self.notes = [], False, [], set(), []
        self.cdf_from = None

    # -- making the table -------------------------------------------------------------------------------------------

    def sql(self, text, **names):
        """Runs SQL; {t} is this table."""
        return self.spark.sql(text.replace("{t}", f"delta.`{self.path}`"))

    def all(self, *texts):
        for text in texts:
            self.sql(text)

    def write(self, query, mode="append", partition_by=None, **options):
        """Appends (or overwrites with) the rows of an SQL query as one commit, one file for each partition value."""
        frame = self.spark.sql(query) if isinstance(query, str) else query
        writer = frame.coalesce(1).write.format("delta").mode(mode).options(**options)
        if partition_by:
            writer = writer.partitionBy(*partition_by)
        writer.save(self.path)

    @contextlib.contextmanager
    def conf(self, **values):
        """Settings of the session for a while; dots are written as double underscores."""
        names = {k.replace("__", "."): v for k, v in values.items()}
        before = {k: self.spark.conf.get(k, None) for k in names}
        try:
            for k, v in names.items():
                self.spark.conf.set(k, v)
            yield
        finally:
            for k, v in before.items():
                self.spark.conf.unset(k) if v is None else self.spark.conf.set(k, v)

    def log(self):
        """Delta's own DeltaLog object of this table."""
        return self.spark._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(self.spark._jsparkSession, self.path)

    def checkpoint(self):
        log = self.log()
        log.update(False, self.spark._jvm.scala.Option.empty(), self.spark._jvm.scala.Option.empty())
        log.checkpoint()

    def compact_log(self, first, last):
        """Writes FIRST.LAST.compacted.json with Delta Kernel, the writer of such files."""
        jvm = self.spark._jvm
        engine = jvm.io.delta.kernel.defaults.engine.DefaultEngine.create(self.spark._jsc.hadoopConfiguration())
        path = jvm.io.delta.kernel.internal.fs.Path
        jvm.io.delta.kernel.internal.compaction.LogCompactionWriter(
            path("file:" + self.path), path("file:" + self.path + "/_delta_log"), first, last, 0).writeLogCompactionFile(engine)

    # -- what is expected -------------------------------------------------------------------------------------------

    def filter(self, *predicates, version=None):
        """Predicates whose rows Spark writes down. A pair is (Spark's text, DuckDB's text). Spark skips files itself here: it
        refuses deletion vectors with skipping off. predicates.py asks an oracle that skips nothing."""
        for p in predicates:
            spark, duckdb = p if isinstance(p, tuple) else (p, p)
            self.filters.append({"spark": spark, "where": duckdb, "version": version})

    def skips(self, predicate, at_least):
        """A filter (DuckDB's text) that must let a reader of the newest version leave out so many files at least."""
        self.must_skip.append({"where": predicate, "at_least": at_least})

    def refuse(self, *versions):
        """Versions that cannot be read any more once `self.after` has run."""
        self.refused.update(versions)

    def read(self, version=None):
        reader = self.spark.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).load(self.path)

    def save(self, frame, stem):
        """Writes what Spark reads; tells which columns only the JSON holds."""
        variants = [f.name for f in frame.schema.fields if holds(f.dataType, T.VariantType)]
        plain = [quoted(f.name) for f in frame.schema.fields if f.name not in variants]
        table = frame.select(*plain).toArrow() if variants else frame.toArrow()
        pq.write_table(table, os.path.join(self.folder, "expected", stem + ".parquet"))
        if variants:
            rows = frame.selectExpr("to_json(struct(*), map('ignoreNullFields', 'false')) AS row").collect()
            with open(os.path.join(self.folder, "expected", stem + ".jsonl"), "w") as f:
                f.writelines(r.row + "\n" for r in rows)
        return {"rows": frame.count() if variants and not plain else table.num_rows, "variants": variants}

    def finish(self):
        history = [{"version": r.version, "timestamp_us": r.us, "operation": r.operation}
                   for r in self.sql("DESCRIBE HISTORY {t}")
                   .selectExpr("version", "unix_micros(timestamp) AS us", "operation").collect()]
        history.sort(key=lambda h: h["version"])
        manifest = {"name": self.name, "writer": "spark", "features": self.features, "path": self.path,
                    "history": history, "versions": [], "filters": [], "skips": self.must_skip, "notes": self.notes}
        with self.conf(spark__sql__session__timeZone="UTC"):
            for h in history:
                version = h["version"]
                entry = {"version": version}
                try:
                    frame = self.read(version)
                    entry.update(self.save(frame, f"v{version}"))
                    entry["num_files"] = self.num_files(version)
                    if self.row_ids and version in self.row_ids:
                        self.save(frame.selectExpr("*", "_metadata.row_id AS _row_id",
                                                   "_metadata.row_commit_version AS _row_commit_version"),
                                  f"v{version}.rowids")
                        entry["row_ids"] = True
                except Exception as e:  # Spark cannot read it: then nothing is expected of this version
                    entry["unreadable"] = str(e).split("\n")[0][:300]
                manifest["versions"].append(entry)
            for k, f in enumerate(self.filters):
                entry = dict(f, stem=f"f{k}")
                version = history[-1]["version"] if f["version"] is None else f["version"]
                entry.update(self.save(self.read(version).where(f["spark"]), f"f{k}"))
                manifest["filters"].append(entry)
        for step in self.after:
            step()
        for entry in manifest["versions"]:
            if entry["version"] in self.refused:
                entry["refused"] = True
        with open(os.path.join(self.folder, "manifest.json"), "w") as f:
            json.dump(manifest, f, indent=1)
        return manifest

    def num_files(self, version):
        """How many files are live in a version: our own replay of the commits (path and deletion vector are the key)."""
        live = set()
        for v in range(version + 1):
            with open(os.path.join(self.path, "_delta_log", f"{v:020d}.json")) as f:
                actions = [json.loads(line) for line in f if line.strip()]
            for kind, change in (("remove", live.discard), ("add", live.add)):
                for a in actions:
                    if kind in a:
                        dv = a[kind].get("deletionVector") or {}
                        change((a[kind]["path"], dv.get("storageType"), dv.get("pathOrInlineDv"), dv.get("offset")))
        return len(live)

    def log_files(self, pattern="*"):
        return sorted(os.path.basename(f) for f in glob.glob(os.path.join(self.path, "_delta_log", pattern)))


class Session:
    """Gives each thread its own Spark session (settings apart) on the one JVM."""

    def __init__(self, spark):
        self._root, self._local, self._lock = spark, threading.local(), threading.Lock()

    def get(self):
        if not hasattr(self._local, "spark"):
            with self._lock:
                self._local.spark = self._root.newSession()
        return self._local.spark
