"""Owns the steps that change and maintain a table, one a run, the same code for deltic and for delta-rs: their packages have the
same names. Each works on a copy of its own, made off the clock and deleted after it. Decides no verdict.

    python3 bench/rows.py STEP PACKAGE ARGUMENT...      PACKAGE: deltic, "deltic+vectors" (with deletion vectors), deltalake

Prints what peers.py prints.
"""

import os
import shutil
import tempfile
import time

import peers

CHANGED = "l_orderkey % 100 = 7"  # about 1 % of lineitem's rows, in every row group
NEW_ORDERS = 10_000_000  # above every key of lineitem
INSERTED = 20_000
ORPHANS = 100_000


def opened(package, path):
    """The package, and a copy of the table open in it."""
    import importlib

    name, _, vectors = package.partition("+")
    module = importlib.import_module(name)
    if name == "deltic":
        module.sql("select 1").read_all()  # loading the engine is outside the step, as imports are
    copy = os.path.join(tempfile.mkdtemp(prefix="bench-", dir=os.path.dirname(path)), "t")
    shutil.copytree(path, copy)
    table = module.DeltaTable(copy)
    if vectors:
        table.alter.set_table_properties({"delta.enableDeletionVectors": "true"})
    return table, copy


def ended(copy, result):
    shutil.rmtree(os.path.dirname(copy))
    return result


def delete(package, path):
    table, copy = opened(package, path)
    yield
    done = table.delete(CHANGED)
    yield ended(copy, f"{done['num_deleted_rows']} rows deleted")


def update(package, path):
    table, copy = opened(package, path)
    yield
    done = table.update({"l_comment": "'changed'"}, predicate=CHANGED)
    yield ended(copy, f"{done['num_updated_rows']} rows updated")


def merge(package, path):
    """Rows of 1 % of the orders changed, and 20,000 new ones; the source is in memory before the clock starts."""
    import duckdb

    table, copy = opened(package, path)
    files = [os.path.join(path, name) for name in os.listdir(path) if name.endswith(".parquet")]
    rows = f"from read_parquet({files}) where {CHANGED}"
    source = duckdb.sql(
        f"select * replace ('merged' as l_comment) {rows} union all "
        f"select * replace (l_orderkey + {NEW_ORDERS} as l_orderkey) from (select * {rows} limit {INSERTED})"
    ).to_arrow_table()
    yield
    on = "t.l_orderkey = s.l_orderkey and t.l_linenumber = s.l_linenumber"
    merger = table.merge(source, on, source_alias="s", target_alias="t").when_matched_update_all().when_not_matched_insert_all()
    done = merger.execute()
    yield ended(copy, f"{done['num_target_rows_updated']} updated, {done['num_target_rows_inserted']} inserted")


def compact(package, path):
    table, copy = opened(package, path)
    yield
    done = table.optimize.compact()
    yield ended(copy, f"{done['numFilesRemoved']} files")


def z_order(package, path):
    table, copy = opened(package, path)
    yield
    table.optimize.z_order(["l_shipdate", "l_partkey"])
    yield ended(copy, None)


def vacuum(package, path):
    """100,000 files that no version names, old enough to go: found and deleted."""
    table, copy = opened(package, path)
    old = time.time() - 30 * 86_400
    for i in range(ORPHANS):
        name = f"{copy}/part-{i:06d}.parquet"
        with open(name, "wb"):
            pass
        os.utime(name, (old, old))
    yield
    done = table.vacuum(dry_run=False, full=True)
    yield ended(copy, f"{len(done)} files")


if __name__ == "__main__":
    peers.main(globals())
