"""Owns what the proofs with Spark have in common: Spark and deltic at one table, each by its own name for the place. Run with the python that
has pyspark."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "interop"))
from spark_session import make_session  # noqa: E402, F401


class OneTable:
    """A table (id long, name string) at `theirs` for Spark and at `mine` for the program. One thread, but for `ours` and `by_spark`."""

    def __init__(self, spark, program, theirs, mine):
        self.spark, self.program, self.theirs, self.mine = spark, program, theirs, mine

    def by_spark(self, rows):
        self.spark.createDataFrame(rows, "id long, name string").coalesce(1).write.format("delta").mode("append").save(self.theirs)

    def ours(self, *words):
        done = subprocess.run([self.program, *words], capture_output=True, text=True)
        assert done.returncode == 0, f"deltic {' '.join(words)}: {done.stderr}"
        return done.stdout

    def same(self, wanted):
        """Both see these rows."""
        read = sorted((row.id, row.name) for row in self.spark.read.format("delta").load(self.theirs).collect())
        seen = sorted((row["id"], row["name"]) for row in map(json.loads, self.ours("cat", self.mine, "--format", "json").splitlines()))
        assert read == sorted(wanted), f"Spark sees {read}, must be {wanted}"
        assert seen == sorted(wanted), f"deltic sees {seen}, must be {wanted}"

    def delete_by_vector(self, where):
        """Spark deletes rows without writing the others anew."""
        self.spark.sql(f"ALTER TABLE delta.`{self.theirs}` SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
        self.spark.sql(f"DELETE FROM delta.`{self.theirs}` WHERE {where}")

    def versions(self):
        return json.loads(self.ours("info", self.mine, "--json"))["version"] + 1
