"""Owns the steps of the peers, one a run: delta-rs and DuckDB, each in a fresh Python process. Decides no verdict.

    python3 bench/peers.py STEP ARGUMENT...

Prints one line, as bench_reader does: {"ms":1.234,"step_cpu_ms":1.2,"import_ms":70.1,"result":"..."}. `ms` is the step
alone; what comes before it (imports, the connection, LOAD of the extension) is import_ms. Result null: the peer does not
say.
"""

import contextlib
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from decimal import Decimal

BATCH_ROWS = 131_072  # DuckDB drains fastest with batches of about this size: its own 1,000,000 takes a third longer


def drain(reader):
    return f"{sum(batch.num_rows for batch in reader)} rows"


def rs_open(path):
    import deltalake

    yield
    yield f"version {deltalake.DeltaTable(path).version()}"


def rs_checkpoint(path):
    """Open and checkpoint a copy of the table; copied off the clock."""
    import deltalake

    copy = path + ".peer_copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(path, copy)
    yield
    deltalake.DeltaTable(copy).create_checkpoint()
    with open(os.path.join(copy, "_delta_log", "_last_checkpoint")) as file:
        actions = json.load(file)["size"]
    shutil.rmtree(copy, ignore_errors=True)
    yield f"{actions} actions"


def rs_arrow_table(path):
    """What most users call."""
    import deltalake
    import pyarrow.dataset  # noqa: F401  not to be paid within the step

    yield
    yield f"{deltalake.DeltaTable(path).to_pyarrow_table().num_rows} rows"


def rs_sql(path, sql):
    """delta-rs's own engine (DataFusion), result drained batch by batch. The table is called t."""
    import deltalake
    import pyarrow  # noqa: F401

    yield
    table = deltalake.DeltaTable(path)
    yield drain(deltalake.QueryBuilder().register("t", table).execute(sql))


def rs_import():
    """What `import` costs; the process has imported nothing before."""
    yield
    import deltalake  # noqa: F401

    yield None


def rs_pandas(path):
    import deltalake
    import pandas  # noqa: F401  not to be paid within the step
    import pyarrow.dataset  # noqa: F401

    yield
    yield f"{len(deltalake.DeltaTable(path).to_pandas())} rows"


def polars_read(path):
    """polars' own way: its Parquet reader on the files that delta-rs names."""
    import deltalake  # noqa: F401
    import polars

    yield
    yield f"{polars.read_delta(path).height} rows"


def rs_polars(path):
    """delta-rs's own engine, its batches taken over by polars."""
    import deltalake
    import polars

    yield
    yield f"{polars.DataFrame(deltalake.DeltaTable(path).scan()).height} rows"


def rs_changes(path):
    import deltalake

    yield
    yield f"{deltalake.DeltaTable(path).load_cdf(0).read_all().num_rows} rows"


def rs_tpch(path):
    """All queries, one after the other; the tables are open already."""
    import deltalake
    import pandas  # noqa: F401  pyarrow asks for it when it takes a stream over
    import pyarrow
    from tpch import QUERIES, TABLES

    builder = deltalake.QueryBuilder()
    for name in TABLES:
        builder.register(name, deltalake.DeltaTable(os.path.join(path, name)))
    yield
    yield answers(pyarrow.table(builder.execute(sql).read_all()) for sql in QUERIES.values())


def duckdb_tpch(path):
    """All queries on the same data files as plain Parquet."""
    from tpch import QUERIES, TABLES

    connection = connect_duckdb(with_delta=False)
    for name in TABLES:
        connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{path}/{name}/*.parquet')")
    yield
    yield answers(connection.execute(sql).to_arrow_table() for sql in QUERIES.values())


def answers(tables):
    """A word for each answer. Numbers that are not whole are compared in four digits: engines round averages differently."""
    words = []
    for table in tables:
        rows = [[format(float(cell), ".4g") if isinstance(cell, (float, Decimal)) else str(cell) for cell in row.values()]
                for row in table.to_pylist()]
        words.append(hashlib.sha256(repr(rows).encode()).hexdigest()[:4])
    return " ".join(words)


def rs_whole(path):
    """A whole script: read a small table and print it."""
    import deltalake

    yield
    with contextlib.redirect_stdout(sys.stderr):
        print(deltalake.DeltaTable(path).to_pyarrow_table().to_pylist())
    yield None


def connect_duckdb(with_delta):
    import duckdb
    import pyarrow  # noqa: F401

    connection = duckdb.connect(config={"allow_unsigned_extensions": True})
    connection.execute("SET threads=2")
    if with_delta:
        import duckdb_extension_delta

        folder = os.path.dirname(duckdb_extension_delta.__file__)
        (extension,) = glob.glob(os.path.join(folder, "extensions", "*", "delta.duckdb_extension"))
        connection.execute(f"LOAD '{extension}'")
    return connection


def duckdb_plan(path, where):
    """Binding and optimising list and prune the files; EXPLAIN does both and reads no data file."""
    connection = connect_duckdb(with_delta=True)
    yield
    connection.execute(f"EXPLAIN SELECT * FROM delta_scan('{path}') WHERE {where}").fetchall()
    yield None


def duckdb_delta(path, columns="*", where="true"):
    connection = connect_duckdb(with_delta=True)
    yield
    query = f"SELECT {columns} FROM delta_scan('{path}') WHERE {where}"
    yield drain(connection.execute(query).fetch_record_batch(BATCH_ROWS))


def duckdb_parquet(path, columns="*", where="true"):
    """The same data files as plain Parquet: what the engine does without a table around it."""
    connection = connect_duckdb(with_delta=False)
    yield
    query = f"SELECT {columns} FROM read_parquet('{path}/*.parquet') WHERE {where}"
    yield drain(connection.execute(query).fetch_record_batch(BATCH_ROWS))


def duckdb_sql(path, sql):
    """A whole query over the Parquet files, which are called t."""
    connection = connect_duckdb(with_delta=False)
    connection.execute(f"CREATE VIEW t AS FROM read_parquet('{path}/*.parquet')")
    yield
    yield drain(connection.execute(sql).fetch_record_batch(BATCH_ROWS))


def new_folder():
    """Where deltic's own benchmark writes too: a disk, not memory."""
    data = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "build", "bench-data")
    os.makedirs(data, exist_ok=True)
    return tempfile.mkdtemp(prefix="writing-", dir=data)


def rs_append(path):
    import deltalake
    import pyarrow.dataset as ds

    folder = new_folder()
    files = [uri for uri in deltalake.DeltaTable(path).file_uris()]
    yield
    reader = ds.dataset(files).scanner(batch_size=BATCH_ROWS).to_reader()
    deltalake.write_deltalake(folder + "/t", reader)
    rows = deltalake.DeltaTable(folder + "/t").count()
    shutil.rmtree(folder)
    yield f"{rows} rows"


def duckdb_copy(path):
    """The engine alone: Parquet files with the codec and the partitioning of the others, no table around them."""
    connection = connect_duckdb(with_delta=False)
    folder = new_folder()
    yield
    (rows,) = connection.execute(
        f"COPY (SELECT * FROM read_parquet('{path}/*.parquet')) TO '{folder}/t.parquet' (FORMAT parquet, COMPRESSION snappy)"
    ).fetchone()
    shutil.rmtree(folder)
    yield f"{rows} rows"


def hundred_rows(first):
    import pyarrow as pa

    ids = list(range(first, first + 100))
    return pa.table({"id": ids, "name": [f"event {i}" for i in ids]})


def rs_appends(count, copied=None):
    import deltalake

    folder = new_folder()
    if copied:
        shutil.copytree(copied, folder + "/t")
        table = deltalake.DeltaTable(folder + "/t")
    else:
        table = deltalake.DeltaTable.create(folder + "/t", schema=deltalake.Schema.from_arrow(hundred_rows(0).schema))
    before = table.version()
    yield
    for i in range(int(count)):
        deltalake.write_deltalake(table, hundred_rows(i * 100), mode="append")
    after = deltalake.DeltaTable(folder + "/t").version()
    shutil.rmtree(folder)
    yield f"{after - before} versions"


def rs_appends_to(count, location):
    """Into a new table there, which stays: for object stores, whose options are in the environment."""
    import deltalake

    table = deltalake.DeltaTable.create(location, schema=deltalake.Schema.from_arrow(hundred_rows(0).schema))
    before = table.version()
    yield
    for i in range(int(count)):
        deltalake.write_deltalake(table, hundred_rows(i * 100), mode="append")
    yield f"{table.version() - before} versions"


APPEND_FOR = """
import sys, time, deltalake
sys.path.insert(0, sys.argv[1])
from peers import hundred_rows
table, i = deltalake.DeltaTable(sys.argv[2]), 0
print("ready", flush=True)
sys.stdin.readline()
start = time.perf_counter()
while time.perf_counter() - start < float(sys.argv[3]):
    # By its default of 15 it gives up beside seven others.
    deltalake.write_deltalake(table, hundred_rows(i * 100), mode="append",
                              commit_properties=deltalake.CommitProperties(max_commit_retries=1000))
    i += 1
"""


def rs_writers(processes, seconds):
    """Time of one commit. The clock is the step's own: it begins when every process has imported what it needs."""
    import deltalake

    folder = new_folder()
    deltalake.DeltaTable.create(folder + "/t", schema=deltalake.Schema.from_arrow(hundred_rows(0).schema))
    here = os.path.dirname(os.path.abspath(__file__))
    writers = [
        subprocess.Popen([sys.executable, "-c", APPEND_FOR, here, folder + "/t", seconds], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
        for _ in range(int(processes))
    ]
    for one in writers:
        one.stdout.readline()
    yield
    start = time.perf_counter()
    for one in writers:
        one.stdin.write("go\n")
        one.stdin.flush()
    failed = sum(one.wait() != 0 for one in writers)
    taken = (time.perf_counter() - start) * 1e3
    commits = deltalake.DeltaTable(folder + "/t").version()
    shutil.rmtree(folder)
    if failed:
        raise RuntimeError(f"{failed} writers gave up")
    yield {"ms": taken / commits, "result": f"{commits} commits"}


def main(steps):
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    step = steps[sys.argv[1]](*sys.argv[2:])
    next(step)
    ready, processor_ready = time.perf_counter(), time.process_time()
    result = next(step)
    done, processor_done = time.perf_counter(), time.process_time()
    line = {
        "ms": (done - ready) * 1e3,
        "step_cpu_ms": (processor_done - processor_ready) * 1e3,
        "import_ms": (ready - start) * 1e3,
        "result": result,
    }
    if isinstance(result, dict):  # a step with a clock of its own
        line.update(result)
    print(json.dumps(line), flush=True)
    os._exit(0)  # delta-rs's pyarrow threads end the process with SIGABRT at exit now and then


if __name__ == "__main__":
    main(globals())
