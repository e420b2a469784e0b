"""Spark writes to a real HDFS as it does in Hadoop clusters, and deltic reads and writes the same table. Spark is that of tests/interop. Without
Java this says so."""
import re

import servers
import spark_program


def run():
    if not spark_program.there():
        return spark_program.NO_JAVA
    with servers.start("hdfs", "deltic-spark") as server:
        cluster = re.search(r"READY (hdfs://\S+)", server.log())[1].rstrip("/")
        return spark_program.last_line("spark_hdfs.py", server, cluster, "/some folder/table")
