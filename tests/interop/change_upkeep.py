"""Owns the change cases that are not one operation on two copies: vacuum, manifests, and changes of clones.

Restore, clone and convert themselves are compared in tests/clone.
"""
import os
import shutil
import subprocess

import environment
from change_kinds import FEED, MAPPED, NO_VECTORS, VECTORS, standard
from change_pair import COMMANDS, Copy, Skipped
from write_table import create_text

CASES = {}
FAST = {"spark.databricks.delta.retentionDurationCheck.enabled": "false", "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2"}


def case(function):
    CASES[function.__name__] = function
    return function


def lived(spark, folder, properties, partition=()):
    """A table of Spark's whose folder holds files of old versions, change files, old vectors and things of others; and a copy of it."""
    shutil.rmtree(folder, ignore_errors=True)
    path = os.path.join(folder, "spark")
    t = Copy(spark, path, "Spark's")
    t.sql(create_text("id INT, v STRING, p INT", partition, (), properties))
    for first in (0, 10):
        t.sql(f"INSERT INTO {{t}} SELECT /*+ COALESCE(1) */ * FROM ({standard(first, first + 10)})")
    t.sql("DELETE FROM {t} WHERE id IN (1, 12)")
    t.sql("UPDATE {t} SET v = 'u' WHERE id IN (2, 13)")
    t.sql("DELETE FROM {t} WHERE id = 3")
    for name in ("junk.parquet", "junk.txt", "sub/junk.parquet", "_hidden/x.parquet", ".dot/x.parquet", "_kept", "_change_data/junk.parquet",
                 "deletion_vector_00000000-0000-0000-0000-000000000000.bin", "p=1/sub/junk", "p=1/_kept.parquet"):
        os.makedirs(os.path.dirname(os.path.join(path, name)), exist_ok=True)
        with open(os.path.join(path, name), "w") as f:
            f.write("x")
    old = 1577836800
    for at, folders, files in os.walk(path):
        if "_delta_log" not in at:
            for name in files:
                os.utime(os.path.join(at, name), (old, old))
    shutil.copytree(path, os.path.join(folder, "deltic"))
    return t, Copy(spark, os.path.join(folder, "deltic"), "deltic's")


def files_of(copy):
    """Files of the folder but those of the log and Hadoop's checksums, without the parts of names that are random."""
    found = set()
    for at, _, files in os.walk(copy.path):
        if "_delta_log" not in os.path.relpath(at, copy.path).split(os.sep):
            found.update(os.path.relpath(os.path.join(at, f), copy.path) for f in files if not (f.startswith(".") and f.endswith(".crc")))
    return found


def vacuum(kind_properties, partition=(), lite=False):
    def run(spark, folder):
        if "vacuum" not in COMMANDS:
            raise Skipped("deltic vacuum")
        wrong = []
        theirs, ours = lived(spark, folder, kind_properties, partition)
        behind = 0  # versions: deltic commits nothing when it finds nothing, Spark always START and END
        for words, text in (((), ""), (("--retention", "0 hours", "--no-retention-check"), " RETAIN 0 HOURS")):
            with theirs.conf(FAST):
                theirs.sql(f"VACUUM {{t}}{' LITE' if lite else ''}{text}").collect()
            before = files_of(ours)
            told = ours.deltic("vacuum", "{t}", *words, *(["--lite"] if lite else []), "--dry-run")
            if files_of(ours) != before:
                wrong.append(f"a dry run{text} changed files")
            ours.deltic("vacuum", "{t}", *words, *(["--lite"] if lite else []))
            a, b = files_of(theirs), files_of(ours)
            if not text:  # deltic keeps change files of commits within the retention, whatever their time of change; Spark goes by that
                b -= {name for name in b - a if os.path.basename(name).startswith("cdc-")}
            if a != b:
                wrong.append(f"after VACUUM{text}: only Spark kept {sorted(a - b)[:8]}, only deltic kept {sorted(b - a)[:8]}")
            if files_of(ours) == before:
                behind += 2
                continue
            if not told:
                wrong.append(f"a dry run{text} said nothing")
            if theirs.version() != ours.version() + behind:
                wrong.append(f"after VACUUM{text}: deltic's version is {ours.version()}, Spark's {theirs.version()}")
            for back in (1, 0):
                record, spark_record = (c.actions("commitInfo", c.version() - back)[0] for c in (ours, theirs))
                for key in ("operation",):
                    if record.get(key) != spark_record.get(key):
                        wrong.append(f"VACUUM{text}: {key} {record.get(key)}, Spark's {spark_record.get(key)}")
                lacking = set(spark_record.get("operationParameters", {})) - set(record.get("operationParameters", {}))
                lacking |= set(spark_record.get("operationMetrics", {})) - set(record.get("operationMetrics", {}))
                if lacking:
                    wrong.append(f"VACUUM{text}: the record of {record.get('operation')} lacks {sorted(lacking)}")
        want = theirs.rows_by_spark().toArrow()
        import rows
        ours.log_of_spark()
        for what, got in (("Spark reads", ours.rows_by_spark().toArrow()), ("deltic reads", ours.rows_by_deltic())):
            difference = rows.compare(want, got)
            if difference:
                wrong.append(f"after vacuum {what}: {difference}")
        ours.sql("DELETE FROM {t} WHERE id = 5").collect()
        ours.checksum("after vacuum", ours.log_of_spark())
        return wrong
    return run


CASES["vacuum.plain"] = vacuum({**NO_VECTORS, **FEED})
CASES["vacuum.vectors"] = vacuum({**VECTORS, **FEED})
CASES["vacuum.partitioned"] = vacuum(NO_VECTORS, ("p",))
CASES["vacuum.mapped"] = vacuum({**MAPPED, **VECTORS, **FEED}, ("p",))
CASES["vacuum.lite"] = vacuum({**VECTORS, **FEED}, (), lite=True)


@case
def changes_of_clones(spark, folder):
    """Spark changes a clone that deltic made and deltic one that Spark made: vectors and rewrites beside absolute paths."""
    for command in ("clone", "delete", "update"):
        if command not in COMMANDS:
            raise Skipped(f"deltic {command}")
    import rows
    wrong = []
    for name, properties in (("vectors", {**VECTORS, **FEED}), ("rewritten", NO_VECTORS)):
        source, _ = lived(spark, os.path.join(folder, name), properties, ("p",))
        theirs, ours = (Copy(spark, os.path.join(folder, name, f"clone by {who}"), f"{name}, clone by {who}") for who in ("Spark", "deltic"))
        theirs.sql(f"CREATE TABLE {{t}} SHALLOW CLONE delta.`{source.path}`").collect()
        subprocess.run([environment.program(), "clone", source.path, ours.path, "--shallow"], check=True, capture_output=True)
        before = source.rows_by_spark().toArrow()
        for words, text in ((("delete", "{t}", "--where", "id IN (5, 16)"), "DELETE FROM {t} WHERE id IN (5, 16)"),
                            (("update", "{t}", "--set", "v = 'clone'", "--where", "id % 4 = 0"), "UPDATE {t} SET v = 'clone' WHERE id % 4 = 0")):
            theirs.deltic(*words)
            ours.sql(text).collect()
        want = ours.rows_by_spark().toArrow()
        theirs.log_of_spark()
        for what, got in (("Spark reads what deltic changed", theirs.rows_by_spark().toArrow()), ("deltic reads what it changed", theirs.rows_by_deltic()),
                          ("deltic reads what Spark changed", ours.rows_by_deltic()), ("the source, which must be as before,", before)):
            difference = rows.compare(source.rows_by_spark().toArrow() if "source" in what else want, got)
            if difference:
                wrong.append(f"{name}: {what}: {difference[:600]}")
        theirs.checksum(theirs.name, theirs.log_of_spark())
    return wrong


@case
def manifests(spark, folder):
    """Symlink manifests name the same files as Spark's do."""
    if "manifest" not in COMMANDS:
        raise Skipped("deltic manifest")
    wrong = []
    for name, partition in (("flat", ()), ("partitioned", ("p",))):
        theirs, ours = lived(spark, os.path.join(folder, name), NO_VECTORS, partition)
        for where in ("id >= 0", "p = 1"):
            for t in (theirs, ours):
                t.sql(f"DELETE FROM {{t}} WHERE {where}").collect() if where != "id >= 0" else None
            shutil.rmtree(os.path.join(folder, name, "deltic"))
            shutil.copytree(theirs.path, ours.path)
            theirs.sql("GENERATE symlink_format_manifest FOR TABLE {t}").collect()
            ours.deltic("manifest", "{t}")
            shown = []
            for t in (theirs, ours):
                root, found = os.path.join(t.path, "_symlink_format_manifest"), {}
                for at, _, files in os.walk(root):
                    for f in files:
                        if not f.endswith(".crc"):
                            with open(os.path.join(at, f)) as lines:
                                found[os.path.relpath(os.path.join(at, f), root)] = sorted(lines.read().replace(t.path, "T").split())
                shown.append(found)
            if shown[0] != shown[1]:
                wrong.append(f"{name}, {where}: manifests {shown[1]}, Spark's {shown[0]}")
    return wrong
