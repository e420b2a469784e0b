"""Owns what is measured: the cases, their contenders, and the bar of each. Runs nothing (run.py does).

A bar compares one contender with another, or with a limit. Only ratios and memory bind: the times in the issue are of
another machine.
"""

from dataclasses import dataclass, field

Q1_COLUMNS = "l_returnflag,l_linestatus,l_quantity,l_extendedprice,l_discount,l_tax"
Q1_WHERE = "l_shipdate <= date '1998-09-02'"
Q6_COLUMNS = "l_extendedprice,l_discount"
Q6_WHERE = (
    "l_shipdate >= date '1994-01-01' and l_shipdate < date '1995-01-01' "
    "and l_discount between 0.05 and 0.07 and l_quantity < 24"
)
Q1_SQL = (
    "select l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice), "
    "sum(l_extendedprice * (1 - l_discount)), sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)), "
    "avg(l_quantity), avg(l_extendedprice), avg(l_discount), count(*) "
    f"from t where {Q1_WHERE} group by 1, 2 order by 1, 2"
)
Q6_SQL = f"select sum(l_extendedprice * l_discount) from t where {Q6_WHERE}"

# The merges of delta-rs' crates/benchmarks: what is done, and the shares of the table's rows that the source has and that it
# has with other keys. (Its share of files matched is only a name: the table has one file.)
WEB_RETURNS_MERGES = [
    *[("insert", "Insert", "0", share) for share in ("0.05", "0.5", "1")],
    *[("inserts", "Two inserts", "0", share) for share in ("0.05", "0.5", "1")],
    ("delete", "Delete", "0.05", "0"),
    *[("upsert", "Upsert", share, "0.1") for share in ("0", "0.01", "0.1")],
    *[("upsert", "Upsert", share, "0.001") for share in ("0.5", "0.99", "1", "0.01")],
    ("upsert", "Upsert", "0.1", "0"),
]


@dataclass(frozen=True)
class Contender:
    """`command`: words; "{reader}", "{deltic}", "{package}", "{peer}" and "{NAME}" of a table are filled in by run.py."""

    name: str
    command: list
    # "ms": the step's time as the process itself took it. "wall_ms": the whole process.
    clock: str = "ms"


@dataclass(frozen=True)
class Bar:
    """`of` must be at most `factor` times `over` ("time"), or at most `limit` ("time" in ms, "memory" in MB)."""

    of: str
    measure: str
    over: str = ""
    factor: float = 0
    limit: float = 0

    def text(self):
        if not self.over:
            return f"under {self.limit:g} {'MB' if self.measure == 'memory' else 'ms'}"
        if self.measure == "memory":
            return f"less memory than {self.over}"
        if self.factor < 1:
            return f"{1 / self.factor:g} times faster than {self.over}"
        if self.factor == 1:
            return f"no slower than {self.over}"
        return f"within {self.factor:g} times {self.over}"


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    tables: list
    contenders: list
    bars: list
    note: str = ""
    # Contenders whose answers differ by design (other rows, other texts) are not compared.
    same_answer: list = field(default_factory=list)


def reader(name, *words):
    return Contender(name, ["{reader}", *words])


def peer(name, *words):
    return Contender(name, ["{peer}", *words])


def package(name, *words):
    return Contender(name, ["{package}", *words])


def writer(name, *words):
    return Contender(name, ["{writer}", *words])


def rows(name, step, package_name, table):
    return Contender(name, ["{rows}", step, package_name, "{" + table + "}"])


def program(name, *words):
    return Contender(name, ["{deltic}", *words], clock="wall_ms")


CASES = [
    Case(
        "open-million",
        "Open a table of 1,000,000 files (classic checkpoint, JSON statistics)",
        ["million_files"],
        [reader("deltic", "open", "{million_files}"), peer("delta-rs", "rs_open", "{million_files}")],
        [Bar("deltic", "time", "delta-rs", 1 / 50), Bar("deltic", "memory", limit=60)],
        "deltic's time includes loading its engine; delta-rs's excludes its import.",
        ["deltic", "delta-rs"],
    ),
    Case(
        "plan-million",
        "Plan `id = 500000321` on it: 1 file of 1,000,000 is kept",
        ["million_files"],
        [
            reader("deltic", "--warm", "plan", "{million_files}", "id = 500000321"),
            reader("deltic, engine load included", "plan", "{million_files}", "id = 500000321"),
            peer("DuckDB delta", "duckdb_plan", "{million_files}", "id = 500000321"),
        ],
        [Bar("deltic", "time", "DuckDB delta", 1 / 4), Bar("deltic", "memory", limit=120)],
        "Open and plan in a fresh process. DuckDB's EXPLAIN is its plan; it does not say how many files it keeps.",
        ["deltic", "deltic, engine load included"],
    ),
    Case(
        "checkpoint-million",
        "Open it and write the checkpoint of its newest version: 1,000,000 files",
        ["million_files"],
        [reader("deltic", "checkpoint", "{million_files}"), peer("delta-rs", "rs_checkpoint", "{million_files}")],
        [Bar("deltic", "time", "delta-rs", 1 / 3), Bar("deltic", "memory", limit=300)],
        "Each on a copy of its own, made off the clock.",
        ["deltic", "delta-rs"],
    ),
    Case(
        "open-commits",
        "Open 1,000 commits without a checkpoint",
        ["thousand_commits"],
        [reader("deltic", "open", "{thousand_commits}"), peer("delta-rs", "rs_open", "{thousand_commits}")],
        [Bar("deltic", "time", "delta-rs", 1 / 5)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "lineitem",
        "TPC-H lineitem SF1 (6,001,215 rows, 16 columns) into Arrow, drained batch by batch",
        ["lineitem"],
        [
            reader("deltic", "--warm", "arrow", "{lineitem}"),
            peer("DuckDB read_parquet", "duckdb_parquet", "{lineitem}"),
            peer("delta-rs to_pyarrow_table", "rs_arrow_table", "{lineitem}"),
            peer("delta-rs DataFusion", "rs_sql", "{lineitem}", "select * from t"),
        ],
        [Bar("deltic", "time", "DuckDB read_parquet", 1.1), Bar("deltic", "time", "delta-rs to_pyarrow_table", 1)],
        same_answer=["deltic", "DuckDB read_parquet", "delta-rs to_pyarrow_table", "delta-rs DataFusion"],
    ),
    Case(
        "q1",
        "TPC-H query 1's scan: 6 columns of the rows its filter lets through, into Arrow",
        ["lineitem"],
        [
            reader("deltic", "--warm", "arrow", "{lineitem}", Q1_COLUMNS, Q1_WHERE),
            peer("DuckDB read_parquet", "duckdb_parquet", "{lineitem}", Q1_COLUMNS, Q1_WHERE),
            peer("DuckDB read_parquet, whole query", "duckdb_sql", "{lineitem}", Q1_SQL),
            peer("delta-rs, whole query", "rs_sql", "{lineitem}", Q1_SQL),
        ],
        [Bar("deltic", "time", "DuckDB read_parquet", 1.1)],
        "deltic has no SQL in this release, so the scans are compared; the whole query is shown for the peers.",
        ["deltic", "DuckDB read_parquet"],
    ),
    Case(
        "q6",
        "TPC-H query 6's scan: 2 columns of the rows its filter lets through, into Arrow",
        ["lineitem"],
        [
            reader("deltic", "--warm", "arrow", "{lineitem}", Q6_COLUMNS, Q6_WHERE),
            peer("DuckDB read_parquet", "duckdb_parquet", "{lineitem}", Q6_COLUMNS, Q6_WHERE),
            peer("DuckDB read_parquet, whole query", "duckdb_sql", "{lineitem}", Q6_SQL),
            peer("delta-rs, whole query", "rs_sql", "{lineitem}", Q6_SQL),
        ],
        [Bar("deltic", "time", "DuckDB read_parquet", 1.1)],
        "As above.",
        ["deltic", "DuckDB read_parquet"],
    ),
    Case(
        "point",
        "One row by key out of 1,000 files of 10,000 rows",
        ["point"],
        [
            reader("deltic", "--warm", "arrow", "{point}", "", "id = 5004321"),
            peer("DuckDB delta", "duckdb_delta", "{point}", "*", "id = 5004321"),
        ],
        [Bar("deltic", "time", "DuckDB delta", 1)],
        same_answer=["deltic", "DuckDB delta"],
    ),
    Case(
        "deletion-vectors",
        "4,000,000 rows, a tenth of them deleted by deletion vectors, into Arrow",
        ["dv", "dv_plain"],
        [
            reader("deltic", "--warm", "arrow", "{dv}"),
            reader("deltic, without vectors", "--warm", "arrow", "{dv_plain}"),
            peer("DuckDB delta", "duckdb_delta", "{dv}"),
            peer("DuckDB delta, without vectors", "duckdb_delta", "{dv_plain}"),
        ],
        [Bar("deltic", "time", "DuckDB delta", 1), Bar("deltic", "time", "deltic, without vectors", 1.1)],
        same_answer=["deltic", "DuckDB delta"],
    ),
    Case(
        "program",
        "The whole process on a small table (3 files, 300 rows)",
        ["small"],
        [
            program("deltic info", "info", "{small}"),
            program("deltic cat", "cat", "{small}"),
            Contender("Python and delta-rs", ["{peer}", "rs_whole", "{small}"], clock="wall_ms"),
        ],
        [Bar("deltic info", "time", limit=20), Bar("deltic cat", "time", limit=80)],
        "The only two bars in milliseconds: they are the issue's.",
    ),
    Case(
        "python-import",
        "`import` of the Python package",
        [],
        [package("deltic", "package_import"), peer("deltalake", "rs_import")],
        [Bar("deltic", "time", limit=80)],
        "A bar in milliseconds: it is the issue's.",
    ),
    Case(
        "python-arrow",
        "lineitem to a pyarrow table",
        ["lineitem"],
        [package("deltic", "arrow_table", "{lineitem}"), peer("delta-rs", "rs_arrow_table", "{lineitem}")],
        [Bar("deltic", "time", "delta-rs", 1), Bar("deltic", "memory", "delta-rs", 1)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "python-pandas",
        "lineitem to a pandas frame",
        ["lineitem"],
        [package("deltic", "pandas_frame", "{lineitem}"), peer("delta-rs", "rs_pandas", "{lineitem}")],
        [Bar("deltic", "time", "delta-rs", 1)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "python-polars",
        "lineitem to a polars frame",
        ["lineitem"],
        [
            package("deltic", "polars_frame", "{lineitem}"),
            package("deltic, lazy", "polars_lazy", "{lineitem}"),
            peer("polars.read_delta", "polars_read", "{lineitem}"),
            peer("delta-rs scan", "rs_polars", "{lineitem}"),
        ],
        [Bar("deltic", "time", "polars.read_delta", 1), Bar("deltic", "time", "delta-rs scan", 1)],
        same_answer=["deltic", "deltic, lazy", "polars.read_delta", "delta-rs scan"],
    ),
    Case(
        "tpch",
        "The 22 queries of TPC-H at SF1 on Delta tables, from Python, in sum",
        ["tpch"],
        [
            package("deltic", "tpch", "{tpch}"),
            peer("DuckDB read_parquet", "duckdb_tpch", "{tpch}"),
            peer("delta-rs", "rs_tpch", "{tpch}"),
        ],
        [Bar("deltic", "time", "DuckDB read_parquet", 1.15), Bar("deltic", "time", "delta-rs", 1 / 1.5)],
        "Tables are open already; every query is planned anew. DuckDB reads the same data files as plain Parquet.",
        ["deltic", "DuckDB read_parquet", "delta-rs"],
    ),
    Case(
        "changes",
        "The change feed of 1,000 versions (745,000 changes) to an Arrow table",
        ["changes"],
        [package("deltic", "changes", "{changes}"), peer("delta-rs", "rs_changes", "{changes}")],
        [Bar("deltic", "time", "delta-rs", 1 / 3)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "append-lineitem",
        "lineitem from an Arrow stream into a new table (the stream is read from the same files, on the clock)",
        ["lineitem"],
        [
            writer("deltic", "--warm", "append", "{lineitem}"),
            peer("delta-rs", "rs_append", "{lineitem}"),
            peer("DuckDB COPY", "duckdb_copy", "{lineitem}"),
        ],
        [
            Bar("deltic", "time", "delta-rs", 1 / 1.6),
            Bar("deltic", "memory", "delta-rs", 0.5),
            Bar("deltic", "time", "DuckDB COPY", 1.2),
        ],
        "deltic makes its files durable before it commits; the peers do not.",
        ["deltic", "delta-rs", "DuckDB COPY"],
    ),
    Case(
        "appends",
        "300 appends of 100 rows by one process, to a new table",
        [],
        [writer("deltic", "--warm", "appends", "300"), peer("delta-rs", "rs_appends", "300")],
        [Bar("deltic", "time", "delta-rs", 1 / 5)],
        "deltic makes each file and each commit durable; delta-rs does not. Both upkeep the log as they do by default.",
        ["deltic", "delta-rs"],
    ),
    Case(
        "appends-late",
        "The same to a table at version 10,000 (10,000 files, a checkpoint at the end)",
        ["ten_thousand_versions"],
        [
            writer("deltic", "--warm", "appends", "300", "{ten_thousand_versions}"),
            peer("delta-rs", "rs_appends", "300", "{ten_thousand_versions}"),
        ],
        [Bar("deltic", "time", "delta-rs", 1 / 5)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "writers",
        "8 processes that append 100 rows at a time to one table for 5 seconds: time for one commit",
        [],
        [writer("deltic", "writers", "8", "5"), peer("delta-rs", "rs_writers", "8", "5")],
        [Bar("deltic", "time", "delta-rs", 1 / 3)],
        "The processes have two cores among them; starting them counts for neither.",
    ),
    Case(
        "delete",
        "Delete 1 % of lineitem's rows (2 files, from Python)",
        ["lineitem"],
        [
            rows("deltic, deletion vectors", "delete", "deltic+vectors", "lineitem"),
            rows("deltic, rewriting", "delete", "deltic", "lineitem"),
            rows("delta-rs", "delete", "deltalake", "lineitem"),
        ],
        [
            Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 10),
            Bar("deltic, deletion vectors", "memory", limit=200),
            Bar("deltic, rewriting", "time", "delta-rs", 1 / 1.5),
        ],
        "delta-rs writes no deletion vectors.",
        ["deltic, deletion vectors", "deltic, rewriting", "delta-rs"],
    ),
    Case(
        "update",
        "Update 1 % of lineitem's rows",
        ["lineitem"],
        [
            rows("deltic, deletion vectors", "update", "deltic+vectors", "lineitem"),
            rows("deltic, rewriting", "update", "deltic", "lineitem"),
            rows("delta-rs", "update", "deltalake", "lineitem"),
        ],
        [Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 5)],
        same_answer=["deltic, deletion vectors", "deltic, rewriting", "delta-rs"],
    ),
    Case(
        "merge",
        "Merge changed rows (1 % of the orders) and 20,000 new ones into lineitem",
        ["lineitem"],
        [
            rows("deltic, deletion vectors", "merge", "deltic+vectors", "lineitem"),
            rows("deltic, rewriting", "merge", "deltic", "lineitem"),
            rows("delta-rs", "merge", "deltalake", "lineitem"),
        ],
        [
            Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 4),
            Bar("deltic, deletion vectors", "memory", limit=400),
        ],
        "The source is in memory, and counts in all three.",
        ["deltic, deletion vectors", "deltic, rewriting", "delta-rs"],
    ),
    Case(
        "merge-sf10",
        "Merge 60,476 changed rows and 20,000 new ones into lineitem of 60 million rows",
        ["lineitem_sf10"],
        [
            Contender("deltic, deletion vectors", ["{rows}", "merge", "deltic+vectors", "{lineitem_sf10}", "60476"]),
            Contender("delta-rs", ["{rows}", "merge", "deltalake", "{lineitem_sf10}", "60476"]),
        ],
        [
            Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 4),
            Bar("deltic, deletion vectors", "memory", limit=600),
        ],
        "The source is in memory, and counts in both.",
        ["deltic, deletion vectors", "delta-rs"],
    ),
    *[
        Case(
            f"merge-{kind}-{matched}-{not_matched}",
            f"{title} of web_returns: matched {float(matched) * 100:g} %, not matched {float(not_matched) * 100:g} %",
            ["web_returns"],
            [
                Contender(name, ["{rows}", "merge_web_returns", package, "{web_returns}", kind, matched, not_matched])
                for name, package in (("deltic, deletion vectors", "deltic+vectors"), ("deltic, rewriting", "deltic"), ("delta-rs", "deltalake"))
            ],
            [Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 2), Bar("deltic, rewriting", "time", "delta-rs", 1 / 2)],
            "A case of delta-rs' own benchmark.",
            ["deltic, deletion vectors", "deltic, rewriting", "delta-rs"],
        )
        for kind, title, matched, not_matched in WEB_RETURNS_MERGES
    ],
    Case(
        "compact-300",
        "Compact 300 files of 100 rows",
        ["small_300"],
        [rows("deltic", "compact", "deltic", "small_300"), rows("delta-rs", "compact", "deltalake", "small_300")],
        [Bar("deltic", "time", "delta-rs", 1 / 2)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "compact-10000",
        "Compact 10,000 files of 100 rows",
        ["small_10000"],
        [rows("deltic", "compact", "deltic", "small_10000"), rows("delta-rs", "compact", "deltalake", "small_10000")],
        [Bar("deltic", "time", "delta-rs", 1 / 2)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "z-order",
        "Z-order lineitem by l_shipdate, l_partkey",
        ["lineitem"],
        [rows("deltic", "z_order", "deltic", "lineitem"), rows("delta-rs", "z_order", "deltalake", "lineitem")],
        [Bar("deltic", "time", "delta-rs", 1 / 4), Bar("deltic", "memory", limit=800)],
    ),
    Case(
        "vacuum",
        "Vacuum a table with 100,000 files beside it that no version names: all are found and deleted",
        ["small"],
        [rows("deltic", "vacuum", "deltic", "small"), rows("delta-rs", "vacuum", "deltalake", "small")],
        [Bar("deltic", "time", "delta-rs", 1 / 3)],
        same_answer=["deltic", "delta-rs"],
    ),
]
