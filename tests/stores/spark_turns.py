"""Run by part_spark.py with the python that has pyspark: Spark through S3A and deltic write one table in turns, and each sees what the other
did.

    spark_turns.py SCRATCH ENDPOINT BUCKET/PATH DELTIC JAR...
"""
import json
import os
import sys
import urllib.parse

from spark_and_ours import OneTable, make_session

scratch, endpoint, place, deltic, *jars = sys.argv[1:]
spark = make_session(jars, scratch)
hadoop = spark._jsc.hadoopConfiguration()
for name, value in {"endpoint": endpoint, "access.key": os.environ["AWS_ACCESS_KEY_ID"], "secret.key": os.environ["AWS_SECRET_ACCESS_KEY"],
                    "path.style.access": "true", "connection.ssl.enabled": "false", "endpoint.region": "us-east-1",
                    "change.detection.mode": "none", "input.stream.type": "classic", "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
                    }.items():
    hadoop.set("fs.s3a." + name, value)
s3a, s3 = "s3a://" + place, "s3://" + urllib.parse.quote(place)

table = OneTable(spark, deltic, s3a, s3)
by_spark, ours, same = table.by_spark, table.ours, table.same

rows = [(1, "a"), (2, "ü"), (3, "c d")]
by_spark(rows)
same(rows)
ours("write", s3, "--from", "select 4 as id, 'deltic' as name")
rows.append((4, "deltic"))
same(rows)
by_spark([(5, "spark")])
rows.append((5, "spark"))
same(rows)
ours("delete", s3, "--where", "id = 2")
rows.remove((2, "ü"))
same(rows)
table.delete_by_vector("id = 1")
rows.remove((1, "a"))
same(rows)
ours("checkpoint", s3)
by_spark([(6, "after the checkpoint")])
rows.append((6, "after the checkpoint"))
same(rows)
ours("create", s3 + "-ours", "id bigint, name string")
ours("write", s3 + "-ours", "--from", "select 1 as id, 'made by deltic' as name")
read = spark.read.format("delta").load(s3a + "-ours").collect()
assert [(row.id, row.name) for row in read] == [(1, "made by deltic")], read
# Shallow clones name their source's files by URL: each reads and changes what the other made, deleted rows and odd names of folders too.
spark.sql(f"CREATE TABLE delta.`{s3a}-source` (id LONG, p STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
spark.createDataFrame([(i, "ü%:= a" if i % 2 else "b") for i in range(10)], "id long, p string").coalesce(1).write.format("delta").mode("append").save(s3a + "-source")
ours("delete", s3 + "-source", "--where", "id in (2, 3)")
spark.sql(f"CREATE TABLE delta.`{s3a}-theirs` SHALLOW CLONE delta.`{s3a}-source`")
hadoop_url = "s3a://" + urllib.parse.quote(place)  # Hadoop knows no s3://
ours("clone", hadoop_url + "-source", hadoop_url + "-named", "--shallow")
ours("clone", s3 + "-theirs", s3 + "-copied")
for clone in ("-theirs", "-named", "-copied"):
    for step in range(2):
        kept = [id for id in range(10) if id not in (2, 3) and (step == 0 or id not in (5, 6))]
        theirs = sorted(row.id for row in spark.read.format("delta").load(s3a + clone).collect())
        mine = sorted(row["id"] for row in map(json.loads, ours("cat", s3 + clone, "--format", "json").splitlines()))
        assert theirs == kept and mine == kept, f"{clone}: Spark sees {theirs}, deltic {mine}, must be {kept}"
        if step == 0:
            spark.sql(f"DELETE FROM delta.`{s3a}{clone}` WHERE id = 5")
            ours("delete", s3 + clone, "--where", "id = 6")
print(f"Spark {spark.version} through S3A and deltic took turns on one table: {table.versions()} versions, both see the same")
spark.stop()
