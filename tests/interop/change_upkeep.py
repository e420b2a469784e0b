"""Owns the change cases that are not one operation on two copies: vacuum, repair, manifests, and changes of clones.

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


def older_versions(ours, theirs):
    """What is within the retention can still be read by Spark at every version, and its feed, after deltic's vacuum."""
    import rows
    wrong = []
    for version in range(1, 6):
        try:
            got = ours.sql(f"SELECT * FROM {{t}} VERSION AS OF {version}").toArrow()
            difference = rows.compare(theirs.sql(f"SELECT * FROM {{t}} VERSION AS OF {version}").toArrow(), got)
        except Exception as error:  # noqa: BLE001
            difference = str(error).split("\n")[0][:300]
        if difference:
            wrong.append(f"after vacuum Spark reads version {version}: {difference}")
    return wrong


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
            if not text:
                wrong += older_versions(ours, theirs)
                # deltic keeps change files of commits within the retention, whatever their time of change; Spark goes by that
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


def manifests_of(copy):
    """Folder of a manifest to the files that it names, as Copy.path/..., without the parts of names that are random."""
    root, found = os.path.join(copy.path, "_symlink_format_manifest"), {}
    for at, _, files in os.walk(root):
        for f in files:
            if not f.endswith(".crc"):
                with open(os.path.join(at, f)) as lines:
                    found[os.path.relpath(os.path.join(at, f), root)] = sorted(lines.read().replace(copy.path, "T").splitlines())
    return found


@case
def manifests(spark, folder):
    """Symlink manifests name the same files as Spark's do, in the same words; of partitions that are gone there are none."""
    if "manifest" not in COMMANDS:
        raise Skipped("deltic manifest")
    wrong = []
    for name, partition in (("flat", ()), ("partitioned", ("p",))):
        theirs, ours = lived(spark, os.path.join(folder, name), NO_VECTORS, partition)
        for where in ("false", "p = 1", "true"):
            theirs.sql(f"DELETE FROM {{t}} WHERE {where}").collect()
            shutil.rmtree(os.path.join(ours.path, "_delta_log"))
            shutil.copytree(theirs.path, ours.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("_symlink_format_manifest"))
            theirs.sql("GENERATE symlink_format_manifest FOR TABLE {t}").collect()
            ours.deltic("manifest", "{t}")
            if manifests_of(ours) != manifests_of(theirs):
                wrong.append(f"{name}, {where}: manifests {manifests_of(ours)}, Spark's {manifests_of(theirs)}")
            if where == "false":
                # A manifest that Spark wrote has a checksum of Hadoop's, which must not outlive it.
                shutil.copytree(os.path.join(theirs.path, "_symlink_format_manifest"), os.path.join(ours.path, "_symlink_format_manifest"), dirs_exist_ok=True)
                ours.deltic("manifest", "{t}")
                lines = spark.read.text(os.path.join(ours.path, "_symlink_format_manifest"), recursiveFileLookup=True).count()
                if lines != sum(map(len, manifests_of(ours).values())):
                    wrong.append(f"{name}: Spark reads {lines} lines of manifests that deltic wrote over its own")
    return wrong


@case
def manifests_of_commits(spark, folder):
    """With the property both programs' commits leave manifests of the same partitions with as many files; odd values and NULL too."""
    if "manifest" not in COMMANDS:
        raise Skipped("deltic manifest")
    shutil.rmtree(folder, ignore_errors=True)
    wrong = []
    theirs, ours = (Copy(spark, os.path.join(folder, who), who) for who in ("spark", "deltic"))
    properties = {**NO_VECTORS, "delta.compatibility.symlinkFormatManifest.enabled": "true"}
    theirs.sql(create_text("id INT, v STRING, p STRING, q DATE", ("p", "q"), (), properties))
    shutil.copytree(theirs.path, ours.path)
    values = ("SELECT {n} AS id, 'v' AS v, 'a b:/%=ü' AS p, DATE '2026-01-31' AS q UNION ALL SELECT {n} + 1, 'w', NULL, NULL "
              "UNION ALL SELECT {n} + 2, 'x', 'c', DATE '2026-02-01'")
    for words, text in ((("write", "{t}", "--from", values.format(n=1)), f"INSERT INTO {{t}} {values.format(n=1)}"),
                        (("write", "{t}", "--from", values.format(n=11)), f"INSERT INTO {{t}} {values.format(n=11)}"),
                        (("delete", "{t}", "--where", "id = 2"), "DELETE FROM {t} WHERE id = 2"),
                        (("delete", "{t}", "--where", "p = 'c'"), "DELETE FROM {t} WHERE p = 'c'"),
                        (("update", "{t}", "--set", "v = 'y'", "--where", "id = 11"), "UPDATE {t} SET v = 'y' WHERE id = 11"),
                        (("write", "{t}", "--mode", "overwrite", "--from", values.format(n=21)), f"INSERT OVERWRITE {{t}} {values.format(n=21)}"),
                        (("delete", "{t}", "--all"), "DELETE FROM {t}")):
        ours.deltic(*words)
        theirs.sql(text).collect()
        shown = [{place: len(lines) for place, lines in manifests_of(t).items()} for t in (ours, theirs)]
        if shown[0] != shown[1]:
            wrong.append(f"after {text}: manifests {shown[0]}, Spark's {shown[1]}")
    return wrong


@case
def repaired(spark, folder):
    """A table that lost a file of each kind, repaired by deltic: Spark reads the rest, refuses the feed over the repair as it refuses
    any feed of lost files, and goes on writing."""
    if "repair" not in COMMANDS:
        raise Skipped("deltic repair")
    import rows
    wrong = []
    for choice in ("remove-files", "revive-rows"):
        shutil.rmtree(folder, ignore_errors=True)
        t = Copy(spark, os.path.join(folder, "t"), f"repaired, {choice}")
        t.sql(create_text("id INT, v STRING, p INT", ("p",), (), {**VECTORS, **FEED}))
        for first in (0, 10):
            t.sql(f"INSERT INTO {{t}} SELECT /*+ COALESCE(1) */ * FROM ({standard(first, first + 10)})").collect()
        t.sql("DELETE FROM {t} WHERE id IN (4, 14)").collect()
        version = t.version()
        lost = os.path.join(t.path, [a["path"] for a in t.actions("add", 1)][0])
        os.remove(lost)
        for at, _, files in os.walk(t.path):
            for f in files:
                if f.startswith("deletion_vector") and f.endswith(".bin"):
                    os.remove(os.path.join(at, f))
        t.deltic("repair", "{t}", "--lost-vectors", choice)
        t.log_of_spark()
        want = t.rows_by_deltic()
        difference = rows.compare(t.rows_by_spark().toArrow(), want)
        if difference or not want.num_rows:
            wrong.append(f"{choice}: Spark reads {want.num_rows} rows: {difference}")
        if (14 in want["id"].to_pylist()) != (choice == "revive-rows"):
            wrong.append(f"{choice}: the rows are {want['id'].to_pylist()}")
        try:
            t.sql(f"SELECT * FROM table_changes_by_path('{t.path}', {version + 1})").collect()
            wrong.append(f"{choice}: Spark reads a feed of rows that nobody has")
        except Exception:  # noqa: BLE001, S110
            pass
        t.sql("INSERT INTO {t} VALUES (99, 'after', 1)").collect()
        t.sql("DELETE FROM {t} WHERE id = 15").collect()
        t.checksum(t.name, t.log_of_spark())
        difference = rows.compare(t.rows_by_spark().toArrow(), t.rows_by_deltic())
        if difference:
            wrong.append(f"{choice}, then written by Spark: {difference}")
    return wrong
