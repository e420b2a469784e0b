"""Spark writes through S3A to a bucket, and deltic reads and writes the same table in turns. The jars of S3A come from Maven; Spark is that of
tests/interop. Without Java this says so."""
import servers
import spark_program
import tools

BUCKET = "deltic-spark"


def run():
    if not spark_program.there():
        return spark_program.NO_JAVA
    jars = tools.s3a_jars()
    with servers.start("versitygw", BUCKET) as server:
        return spark_program.last_line("spark_turns.py", server, server.url, f"{BUCKET}/some folder/table", jars)
