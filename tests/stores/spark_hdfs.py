"""Run by part_spark_hdfs.py with the python that has pyspark: Spark on HDFS, through Hadoop's own protocol and Delta's HDFSLogStore, and deltic
through WebHDFS write one table: in turns, then at once.

    spark_hdfs.py SCRATCH hdfs://HOST:PORT PATH DELTIC JAR...
"""
import json
import os
import subprocess
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "interop"))
import spark_session  # noqa: E402

scratch, cluster, path, deltic, *jars = sys.argv[1:]
spark = spark_session.make_session(jars, scratch)
theirs, mine = cluster + path, "hdfs://lake" + urllib.parse.quote(path)


def by_spark(rows):
    spark.createDataFrame(rows, "id long, name string").coalesce(1).write.format("delta").mode("append").save(theirs)


def ours(*words):
    done = subprocess.run([deltic, *words], capture_output=True, text=True)
    assert done.returncode == 0, f"deltic {' '.join(words)}: {done.stderr}"
    return done.stdout


def same(wanted):
    """Both see these rows."""
    read = sorted((row.id, row.name) for row in spark.read.format("delta").load(theirs).collect())
    seen = sorted((row["id"], row["name"]) for row in map(json.loads, ours("cat", mine, "--format", "json").splitlines()))
    assert read == sorted(wanted), f"Spark sees {read}, must be {wanted}"
    assert seen == sorted(wanted), f"deltic sees {seen}, must be {wanted}"


rows = [(1, "a"), (2, "ü"), (3, "c d")]
by_spark(rows)
same(rows)
ours("write", mine, "--from", "select 4 as id, 'deltic' as name")
ours("delete", mine, "--where", "id = 2")
rows = [(1, "a"), (3, "c d"), (4, "deltic")]
same(rows)
spark.sql(f"ALTER TABLE delta.`{theirs}` SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
spark.sql(f"DELETE FROM delta.`{theirs}` WHERE id = 1")
rows.remove((1, "a"))
same(rows)
ours("checkpoint", mine)

# At once: what Spark renames and what deltic renames is one namenode's to decide.
failures = []


def many(first, write):
    for i in range(5):
        try:
            write(first + i)
        except Exception as e:  # told below, where the other thread has ended too
            failures.append(e)


threads = [threading.Thread(target=many, args=(100 * w, lambda n: ours("write", mine, "--from", f"select {n} as id, 'at once' as name")))
           for w in (1, 2)]
threads.append(threading.Thread(target=many, args=(300, lambda n: by_spark([(n, "at once")]))))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failures, failures[0]
rows += [(100 * w + i, "at once") for w in (1, 2, 3) for i in range(5)]
same(rows)
versions = json.loads(ours("info", mine, "--json"))["version"] + 1
print(f"Spark {spark.version} with HDFSLogStore and deltic by WebHDFS wrote one table in turns and at once: {versions} versions, both see the same")
spark.stop()
