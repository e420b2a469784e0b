"""Owns what is measured of reading: opening, planning, scans, the program, the Python package, the change feed."""

from case import Bar, Case, Contender, package, peer, program, reader

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

READ_CASES = [
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
        "The scans are compared, without the sums; the whole query is shown for the peers.",
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
]
