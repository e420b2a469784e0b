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
NEW_ORDERS = 100_000_000  # above every key of lineitem, at scale factor 10 too
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
    # Data files are never written twice, so one more name of them is a copy; those of 60 million rows take long to copy.
    shutil.copytree(path, copy, ignore=shutil.ignore_patterns("*.parquet"))
    for folder, _, names in os.walk(path):
        for name in names:
            if name.endswith(".parquet"):
                link = os.link if os.path.basename(folder) != "_delta_log" else shutil.copy
                link(os.path.join(folder, name), os.path.join(copy, os.path.relpath(folder, path), name))
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


def merge(package, path, updated=""):
    """Rows of 1 % of the orders (or so many rows) changed, and 20,000 new ones; the source is in memory before the clock starts."""
    import duckdb

    table, copy = opened(package, path)
    limit = f" and hash(l_orderkey, l_linenumber) % 9 = 3 limit {updated}" if updated else ""
    files = [os.path.join(path, name) for name in os.listdir(path) if name.endswith(".parquet")]
    rows = f"from read_parquet({files}) where {CHANGED}"
    source = duckdb.sql(
        f"(select * replace ('merged' as l_comment) {rows}{limit}) union all "
        f"select * replace (l_orderkey + {NEW_ORDERS} as l_orderkey) from (select * {rows} limit {INSERTED})"
    ).to_arrow_table()
    yield
    on = "t.l_orderkey = s.l_orderkey and t.l_linenumber = s.l_linenumber"
    merger = table.merge(source, on, source_alias="s", target_alias="t").when_matched_update_all().when_not_matched_insert_all()
    done = merger.execute()
    yield ended(copy, f"{done['num_target_rows_updated']} updated, {done['num_target_rows_inserted']} inserted")


WEB_RETURNS_ON = "source.wr_item_sk = target.wr_item_sk and source.wr_order_number = target.wr_order_number"


def merge_web_returns(package, path, kind, matched, not_matched):
    """A case of delta-rs' own benchmark: `matched` of the table's rows, and `not_matched` of them with random keys, as the source.

    The rows and keys are chosen by hashes of the keys, so that all contenders get the same.
    """
    import duckdb

    table, copy = opened(package, path)
    files = [os.path.join(path, name) for name in os.listdir(path) if name.endswith(".parquet")]
    draw = "hash(wr_item_sk, wr_order_number, {}) % 4294967296"
    source = duckdb.sql(
        f"select * from read_parquet({files}) where {draw.format(1)} / 4294967296 < {matched} union all "
        f"select * replace (({draw.format(2)})::bigint as wr_item_sk, ({draw.format(3)})::bigint as wr_order_number) "
        f"from read_parquet({files}) where {draw.format(4)} / 4294967296 < {not_matched}"
    ).to_arrow_table()
    columns = {name: f"source.{name}" for name in source.column_names}
    yield
    merger = table.merge(source, WEB_RETURNS_ON, source_alias="source", target_alias="target")
    if kind == "delete":
        merger = merger.when_matched_delete()
    if kind == "upsert":
        merger = merger.when_matched_update(columns)
    if kind == "inserts":
        merger = merger.when_not_matched_insert(columns, predicate="source.wr_item_sk % 2 = 0")
    if kind != "delete":
        merger = merger.when_not_matched_insert(columns)
    done = merger.execute()
    yield ended(copy, " ".join(f"{done[f'num_target_rows_{change}']} {change}" for change in ("updated", "deleted", "inserted")))


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
