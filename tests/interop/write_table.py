"""Owns one table that several writers take turns at, and the model that says what it must hold: a plain DuckDB table that
suffers the same changes. Does not say which tables there are (write_features.py, write_values.py and write_log.py do) and
starts no Spark (write_run.py does).

The model never reads the table; each reader (Spark, deltic, and delta-rs where it knows the features) is compared with it.
"""
import contextlib
import json
import os
import shlex
import shutil
import subprocess
import tempfile

import duckdb
import pyarrow.parquet as pq

import environment
import rows



class Wrong(Exception):
    """A difference between what is and what must be."""


def standard_rows(first, last):
    """Rows of the standard columns (id, v, p), in words that Spark and DuckDB both understand."""
    return (f"SELECT CAST(id AS INT) AS id, concat('v', id) AS v, CAST(id % 3 AS INT) AS p "
            f"FROM range({first}, {last}) AS t(id)")


class Table:
    """One table being written. One thread at a time."""

    def __init__(self, spark, root, name):
        self.spark, self.name = spark, name
        self.path = os.path.join(root, name)
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(root, exist_ok=True)
        self.model = duckdb.connect()
        self.model.execute("SET TimeZone = 'UTC'")
        self.deltars_reads = True  # set to False, with a reason at the place, where delta-rs lacks a feature
        self.asked = 0

    # -- the writers ------------------------------------------------------------------------------------------------

    def deltic(self, *words):
        """Runs the program; its standard output. {t} is the table's folder."""
        words = [str(w).replace("{t}", self.path) for w in words]
        done = subprocess.run([environment.program(), *words], capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise Wrong(f"{shlex.join(['deltic', *words])}: exit status {done.returncode}: {done.stderr.strip()[:900]}")
        if "warning" in done.stderr.lower():
            raise Wrong(f"{shlex.join(['deltic', *words])}: {done.stderr.strip()[:900]}")
        return done.stdout

    def deltic_refuses(self, *words, because):
        """The program must refuse, saying `because`, and leave the table as it was."""
        before = sorted(os.listdir(os.path.join(self.path, "_delta_log")))
        words = [str(w).replace("{t}", self.path) for w in words]
        done = subprocess.run([environment.program(), *words], capture_output=True, text=True, timeout=300)
        if done.returncode <= 0 or because.lower() not in done.stderr.lower():
            raise Wrong(f"{shlex.join(['deltic', *words])}: must be refused with {because!r}: {done.stderr.strip()[:600]!r}")
        if sorted(os.listdir(os.path.join(self.path, "_delta_log"))) != before:
            raise Wrong(f"{shlex.join(['deltic', *words])}: was refused and changed the log")

    def sql(self, text):
        """Runs Spark SQL; {t} is the table."""
        return self.spark.sql(text.replace("{t}", f"delta.`{self.path}`"))

    def spark_refuses(self, text, because):
        try:
            self.sql(text).collect()
        except Exception as error:
            if because.lower() not in str(error).lower():
                raise Wrong(f"Spark refuses {text!r} for another reason: {str(error)[:500]}") from None
            return
        raise Wrong(f"Spark accepts {text!r}")

    def in_model(self, text):
        self.model.execute(text.replace("{t}", "model"))

    # -- changes of the table and of the model ----------------------------------------------------------------------

    def model_columns(self, columns):
        """Makes the empty model from "name TYPE" pairs that both sides understand."""
        self.model.execute(f"CREATE OR REPLACE TABLE model ({columns})")

    def create(self, writer, columns="id INT, v STRING, p INT", partition=(), cluster=(), properties=None, model=None):
        properties = properties or {}
        if writer == "deltic":
            words = ["create", "{t}", columns, "--quiet"]
            words += ["--partition-by", ",".join(partition)] if partition else []
            words += ["--cluster-by", ",".join(cluster)] if cluster else []
            for key, value in properties.items():
                words += ["--property", f"{key}={value}"]
            self.deltic(*words)
        else:
            self.sql(create_text(columns, partition, cluster, properties))
        self.model_columns(columns if model is None else model)

    def append(self, query, *flags, model=None):
        """deltic appends the rows of a query; the model takes the same query."""
        self.deltic("write", "{t}", "--quiet", "--from", query, *flags)
        self.in_model(f"INSERT INTO {{t}} BY NAME {query if model is None else model}")

    def replace(self, query, where, model=None):
        """deltic replaces the rows for which `where` is true."""
        self.deltic("write", "{t}", "--quiet", "--mode", "overwrite", "--replace-where", where, "--from", query)
        self.in_model(f"DELETE FROM {{t}} WHERE {where}")
        self.in_model(f"INSERT INTO {{t}} BY NAME {query if model is None else model}")

    def overwrite(self, query, *flags):
        self.deltic("write", "{t}", "--quiet", "--mode", "overwrite", "--from", query, *flags)
        self.in_model("DELETE FROM {t}")
        self.in_model(f"INSERT INTO {{t}} BY NAME {query}")

    def both(self, text, model=None):
        """Spark runs SQL and so does the model; `model` is the model's spelling."""
        self.sql(text)
        self.in_model(text if model is None else model)

    @contextlib.contextmanager
    def conf(self, values):
        before = {k: self.spark.conf.get(k, None) for k in values}
        try:
            for key, value in values.items():
                self.spark.conf.set(key, value)
            yield
        finally:
            for key, value in before.items():
                self.spark.conf.unset(key) if value is None else self.spark.conf.set(key, value)

    # -- what must be -----------------------------------------------------------------------------------------------

    def log_of_spark(self):
        """Spark's log of the table as a new process would find it."""
        delta_log = self.spark._jvm.org.apache.spark.sql.delta.DeltaLog
        delta_log.invalidateCache(self.spark._jsparkSession, self.spark._jvm.org.apache.hadoop.fs.Path(self.path))
        return delta_log.forTable(self.spark._jsparkSession, self.path)

    def agree(self, what="", expected=None):
        """Every reader sees the rows of the model (or of `expected`), and Spark's own verification accepts the checksum."""
        self.asked += 1
        where = f"{self.name} {what}".strip()
        log = self.log_of_spark()
        if expected is None:
            expected = self.model.execute("SELECT * FROM model").to_arrow_table()
        configuration = log.unsafeVolatileSnapshot().metadata().configuration()
        tracked = configuration.get("delta.enableRowTracking").toString() == "Some(true)"
        spark = self.sql("SELECT *" + (", _metadata.row_id AS _row_id, _metadata.row_commit_version AS _row_commit_version"
                                       if tracked else "") + " FROM {t}").toArrow()
        if tracked:
            ids = spark.column("_row_id").to_pylist()
            if None in ids or len(set(ids)) != len(ids):
                raise Wrong(f"{where}: row ids are not there or not unique: {sorted(ids, key=str)[:40]}")
            self.judge(f"{where}: row ids as deltic reads them", spark, self.deltic_reads("--row-ids"))
            spark = spark.drop_columns(["_row_id", "_row_commit_version"])
        # DuckDB's types are not the question: the rows of the model are spelled in the types that Spark reads.
        if expected.schema.names != spark.schema.names:
            raise Wrong(f"{where}: Spark reads columns {spark.schema.names}, the model has {expected.schema.names}")
        self.judge(f"{where}: Spark reads", expected.cast(spark.schema), spark)
        self.judge(f"{where}: deltic reads", spark, self.deltic_reads())
        if self.deltars_reads:
            self.judge(f"{where}: delta-rs reads", spark, self.deltars_table(spark.schema))
        self.checksum(where, log)

    def judge(self, what, want, got):
        difference = rows.compare(want, got)
        if difference:
            raise Wrong(f"{what}: {difference[:1500]}")

    def deltic_reads(self, *flags):
        with tempfile.TemporaryDirectory() as scratch:
            out = os.path.join(scratch, "out.parquet")
            self.deltic("export", "{t}", out, *flags)
            return pq.ParquetFile(out).read()

    def deltars_table(self, schema):
        import deltalake
        import pyarrow
        query = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(self.path)).execute("SELECT * FROM t")
        read = pyarrow.table(query.read_all())
        return read.cast(schema) if read.schema.names == schema.names else read

    def checksum(self, where, log):
        """Spark recomputes the state of the newest version and compares it with the checksum file, if there is one."""
        snapshot = log.unsafeVolatileSnapshot()
        empty = self.spark._jvm.scala.Predef.Map().empty()
        try:
            holds = snapshot.validateChecksum(empty)
        except Exception as error:  # what Spark throws says which number differs
            raise Wrong(f"{where}: Spark refuses the checksum: {str(error)[:900]}") from None
        if holds is not True:
            raise Wrong(f"{where}: validateChecksum answers {holds}")
        if not os.path.exists(os.path.join(self.path, "_delta_log", f"{snapshot.version():020d}.crc")):
            raise Wrong(f"{where}: version {snapshot.version()} has no checksum")

    def expect(self, text, want):
        """What Spark answers to SQL, as a list of tuples, sorted."""
        got = sorted((tuple(r) for r in self.sql(text).collect()), key=repr)
        if got != sorted(want, key=repr):
            raise Wrong(f"{self.name}: {text}: {got}, expected {want}")

    def actions(self, kind=None, version=None):
        """Actions of the log's commits in order, out of plain JSON."""
        found = []
        log = os.path.join(self.path, "_delta_log")
        for name in sorted(os.listdir(log)):
            if len(name) != 25 or not name.endswith(".json") or (version is not None and int(name[:20]) != version):
                continue
            with open(os.path.join(log, name)) as f:
                for line in f:
                    action = json.loads(line)
                    if kind is None:
                        found.append(action)
                    elif kind in action:
                        found.append(action[kind])
        return found

    def protocol(self):
        protocol = self.actions("protocol")[-1]
        return {k: sorted(v) if isinstance(v, list) else v for k, v in protocol.items()}

    def metadata(self):
        return self.actions("metaData")[-1]

    def version(self):
        return max(int(n[:20]) for n in os.listdir(os.path.join(self.path, "_delta_log")) if n.endswith(".json") and len(n) == 25)


def create_text(columns, partition=(), cluster=(), properties=None):
    """Spark's CREATE TABLE."""
    text = f"CREATE TABLE {{t}} ({columns}) USING delta"
    if partition:
        text += f" PARTITIONED BY ({', '.join(partition)})"
    if cluster:
        text += f" CLUSTER BY ({', '.join(cluster)})"
    if properties:
        text += " TBLPROPERTIES (" + ", ".join(f"'{k}' = '{v}'" for k, v in properties.items()) + ")"
    return text
