"""Run by part_spark.py with the python that has pyspark: Spark through S3A and deltic write one table in turns, and each sees what the other
did.

    spark_turns.py SCRATCH ENDPOINT BUCKET/PATH DELTIC JAR...
"""
import json
import os
import subprocess
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "interop"))
import spark_session  # noqa: E402

scratch, endpoint, place, deltic, *jars = sys.argv[1:]
spark = spark_session.make_session(jars, scratch)
hadoop = spark._jsc.hadoopConfiguration()
for name, value in {"endpoint": endpoint, "access.key": os.environ["AWS_ACCESS_KEY_ID"], "secret.key": os.environ["AWS_SECRET_ACCESS_KEY"],
                    "path.style.access": "true", "connection.ssl.enabled": "false", "endpoint.region": "us-east-1",
                    "change.detection.mode": "none", "input.stream.type": "classic", "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
                    }.items():
    hadoop.set("fs.s3a." + name, value)
s3a, s3 = "s3a://" + place, "s3://" + urllib.parse.quote(place)


def by_spark(rows, mode="append"):
    spark.createDataFrame(rows, "id long, name string").coalesce(1).write.format("delta").mode(mode).save(s3a)


def ours(*words):
    done = subprocess.run([deltic, *words], capture_output=True, text=True)
    assert done.returncode == 0, f"deltic {' '.join(words)}: {done.stderr}"
    return done.stdout


def same(wanted):
    """Both see these rows, and the same version."""
    theirs = sorted((row.id, row.name) for row in spark.read.format("delta").load(s3a).collect())
    mine = sorted((row["id"], row["name"]) for row in map(json.loads, ours("cat", s3, "--format", "json").splitlines()))
    assert theirs == sorted(wanted), f"Spark sees {theirs}, must be {wanted}"
    assert mine == sorted(wanted), f"deltic sees {mine}, must be {wanted}"


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
spark.sql(f"ALTER TABLE delta.`{s3a}` SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
spark.sql(f"DELETE FROM delta.`{s3a}` WHERE id = 1")
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
versions = json.loads(ours("info", s3, "--json"))["version"] + 1
print(f"Spark {spark.version} through S3A and deltic took turns on one table: {versions} versions, both see the same")
spark.stop()
