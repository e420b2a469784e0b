"""Run by part_spark_hdfs.py with the python that has pyspark: Spark on HDFS, through Hadoop's own protocol and Delta's HDFSLogStore, and deltic
through WebHDFS write one table: in turns, then at once.

    spark_hdfs.py SCRATCH hdfs://HOST:PORT PATH DELTIC JAR...
"""
import sys
import threading
import urllib.parse

from spark_and_ours import OneTable, make_session

scratch, cluster, path, deltic, *jars = sys.argv[1:]
spark = make_session(jars, scratch)
mine = "hdfs://lake" + urllib.parse.quote(path)
table = OneTable(spark, deltic, cluster + path, mine)
by_spark, ours, same = table.by_spark, table.ours, table.same

rows = [(1, "a"), (2, "ü"), (3, "c d")]
by_spark(rows)
same(rows)
ours("write", mine, "--from", "select 4 as id, 'deltic' as name")
ours("delete", mine, "--where", "id = 2")
rows = [(1, "a"), (3, "c d"), (4, "deltic")]
same(rows)
table.delete_by_vector("id = 1")
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
print(f"Spark {spark.version} with HDFSLogStore and deltic by WebHDFS wrote one table in turns and at once: {table.versions()} versions, both see the same")
spark.stop()
