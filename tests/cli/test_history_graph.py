"""Owns the proof that `deltic history --graph` draws what each commit did, for the metrics of delta-rs and of Spark and for
commits that tell none: numbers, bars, pauses, checkpoints, and its JSON.
"""
import fcntl
import json
import os
import pathlib
import pty
import shutil
import struct
import subprocess
import tempfile
import termios
import unittest

import pyarrow as pa

ROOT = pathlib.Path(__file__).resolve().parents[2]
DELTIC = os.environ.get("DELTIC", str(ROOT / "build/release/bin/deltic"))
DAY = 86_400_000


def history(table, *arguments):
    done = subprocess.run([DELTIC, "history", str(table), *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def summaries(table):
    return {one["version"]: one for one in json.loads(history(table, "--graph", "--json"))}


def rows_of(summary):
    return summary["rows_removed"], summary["rows_updated"], summary["rows_added"]


class LogByHand:
    """Commits with in-commit timestamps, so that times are the test's."""

    def __init__(self, folder):
        self.log = folder / "_delta_log"
        self.log.mkdir(parents=True)
        self.version = 0
        schema = json.dumps({"type": "struct", "fields": [{"name": "x", "type": "long", "nullable": True, "metadata": {}}]})
        self.commit(0, "CREATE TABLE", actions=[
            {"protocol": {"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": ["inCommitTimestamp"]}},
            {"metaData": {"id": "t", "format": {"provider": "parquet", "options": {}}, "schemaString": schema,
                          "partitionColumns": [], "configuration": {"delta.enableInCommitTimestamps": "true"}}}])

    def commit(self, day, operation, metrics=None, actions=(), parameters=None):
        info = {"inCommitTimestamp": 1_700_000_000_000 + day * DAY + self.version, "operation": operation}
        if metrics is not None:
            info["operationMetrics"] = metrics
        if parameters is not None:
            info["operationParameters"] = parameters
        lines = [{"commitInfo": info}, *actions]
        (self.log / f"{self.version:020}.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.version += 1


def add(path, size=100, rows=10, **more):
    return {"add": {"path": path, "partitionValues": {}, "size": size, "modificationTime": 1, "dataChange": True,
                    "stats": json.dumps({"numRecords": rows}), **more}}


def remove(path, size=100, rows=10, **more):
    return {"remove": {"path": path, "deletionTimestamp": 1, "dataChange": True, "size": size,
                       "stats": json.dumps({"numRecords": rows}), **more}}


@unittest.skipUnless(os.access(DELTIC, os.X_OK), f"{DELTIC} is not built")
class HistoryGraph(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deltic-graph-"))
        self.table = self.folder / "t"

    def tearDown(self):
        shutil.rmtree(self.folder)

    def test_the_operations_of_delta_rs_are_counted_as_it_tells_them(self):
        from deltalake import DeltaTable, write_deltalake
        write_deltalake(self.table, pa.table({"x": list(range(100))}))
        DeltaTable(self.table).delete("x < 7")
        DeltaTable(self.table).update(predicate="x = 50", updates={"x": "51"})
        (DeltaTable(self.table).merge(pa.table({"x": [98, 1000, 1001]}), "s.x = t.x", source_alias="s", target_alias="t")
         .when_matched_delete().when_not_matched_insert_all().execute())
        write_deltalake(self.table, pa.table({"x": [1, 2, 3]}), mode="append")
        DeltaTable(self.table).optimize.compact()
        DeltaTable(self.table).create_checkpoint()
        write_deltalake(self.table, pa.table({"x": [5]}), mode="overwrite")
        found = summaries(self.table)
        # An overwrite of delta-rs does not tell how many rows it removed.
        self.assertEqual([rows_of(found[v]) for v in range(7)],
                         [(0, 0, 100), (7, 0, 0), (0, 1, 0), (1, 0, 2), (0, 0, 3), (0, 0, 0), (None, 0, 1)])
        self.assertEqual((found[5]["has_checkpoint"], found[4]["has_checkpoint"]), (True, False))
        self.assertEqual(found[6]["mode"], "Overwrite")
        self.assertGreater(found[5]["bytes_removed"], 0)
        text = history(self.table, "--graph")
        self.assertIn("= OPTIMIZE", text)
        self.assertIn(" 5 * ", text)
        self.assertIn("* has a checkpoint", text)

    def test_the_metrics_of_spark_are_counted_as_it_tells_them(self):
        log = LogByHand(self.table)
        log.commit(0, "WRITE", {"numFiles": "1", "numOutputRows": "500"}, [add("a", rows=500)], {"mode": "Append"})
        log.commit(0, "MERGE", {"numTargetRowsInserted": "3", "numTargetRowsUpdated": "2", "numTargetRowsDeleted": "1",
                                "numOutputRows": "502"}, [remove("a", rows=500), add("b", rows=502)])
        log.commit(0, "DELETE", {"numDeletedRows": "4", "numCopiedRows": "498"}, [remove("b", rows=502), add("c", rows=498)])
        log.commit(0, "OPTIMIZE", {"numRemovedFiles": "1"}, [remove("c", dataChange=False), add("d", dataChange=False)])
        log.commit(0, "SET TBLPROPERTIES", {})
        found = summaries(self.table)
        self.assertEqual([rows_of(found[v]) for v in range(1, 6)],
                         [(0, 0, 500), (1, 2, 3), (4, 0, 0), (0, 0, 0), (0, 0, 0)])

    def test_a_commit_that_tells_nothing_is_counted_by_its_actions(self):
        log = LogByHand(self.table)
        log.commit(0, "WRITE", None, [add("a", size=7, rows=30), add("b", size=8, rows=12)])
        log.commit(0, "odd", {"numOutputRows": "many"}, [remove("a", size=7, rows=30), add("c", size=1, rows=5)])
        log.commit(0, "odd", None, [remove("b", size=8, rows=12), {"add": {**add("d")["add"], "stats": None}}])
        found = summaries(self.table)
        self.assertEqual([rows_of(found[v]) for v in (1, 2, 3)], [(0, 0, 42), (30, 0, 5), (12, 0, None)])
        self.assertEqual((found[1]["bytes_added"], found[2]["files_removed"]), (15, 1))
        self.assertIn("+?", history(self.table, "--graph"))
        self.assertIn("-7 B +1 B", history(self.table, "--graph", "bytes"))

    def test_pauses_and_versions_that_are_gone_have_a_line(self):
        log = LogByHand(self.table)
        for number in range(12):
            log.commit(40 if number == 11 else 0, "WRITE", {"numOutputRows": 1}, [add(f"f{number}")])
        self.assertIn("... 40 days", history(self.table, "--graph"))
        self.assertEqual(history(self.table, "--graph").count("..."), 1)

    def test_a_limit_is_kept_and_without_one_fifty_commits_show(self):
        log = LogByHand(self.table)
        for number in range(60):
            log.commit(0, "WRITE", {"numOutputRows": 1}, [add(f"f{number}")])
        self.assertEqual(history(self.table, "--graph").count("+ WRITE"), 50)
        self.assertEqual(history(self.table, "--graph", "rows", "--limit", 3).count("+ WRITE"), 3)
        self.assertEqual(len(summaries(self.table)), 61)

    def test_a_measure_that_is_none_is_refused(self):
        LogByHand(self.table)
        done = subprocess.run([DELTIC, "history", str(self.table), "--graph", "apples"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)

    def test_a_pipe_gets_plain_text_and_a_terminal_colours_within_its_width(self):
        log = LogByHand(self.table)
        log.commit(0, "WRITE", {"numOutputRows": 123456789}, [add("a")], {"mode": "Append"})
        log.commit(0, "DELETE", {"numDeletedRows": 55}, [remove("a"), add("b")])
        self.assertTrue(history(self.table, "--graph").isascii())
        for columns, no_color in ((60, "1"), (120, "1"), (100, "")):
            parent, child = pty.openpty()
            fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            env = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": no_color}
            process = subprocess.Popen([DELTIC, "history", str(self.table), "--graph"], stdout=child, stderr=child, env=env)
            os.close(child)
            shown = b""
            while chunk := self.read(parent):
                shown += chunk
            os.close(parent)
            process.wait(timeout=60)
            text = shown.decode()
            self.assertEqual("\x1b[" in text, no_color == "")
            self.assertIn("█", text)
            for line in text.splitlines()[:-1]:
                self.assertLessEqual(len(line) if no_color else 0, columns, line)

    @staticmethod
    def read(descriptor):
        try:
            return os.read(descriptor, 65536)
        except OSError:
            return b""


if __name__ == "__main__":
    unittest.main()
