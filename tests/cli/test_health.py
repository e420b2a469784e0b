"""Owns the proof that `deltic info --health` measures a table's files, partitions, log and removed files as they are, and
names the maintenance that would better them. Tables of delta-rs, their logs changed by hand where delta-rs would not.
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


def info(table, *arguments):
    done = subprocess.run([DELTIC, "info", str(table), *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def health(table):
    return json.loads(info(table, "--health", "--json"))["health"]


def codes(table):
    return [finding["code"] for finding in health(table)["findings"]]


def log_table(folder, adds=(), removes=(), configuration=None, partition_by=()):
    """A log by hand: sizes and times as the test wants them. There are no data files."""
    log = folder / "_delta_log"
    log.mkdir(parents=True)
    fields = [{"name": n, "type": "string", "nullable": True, "metadata": {}} for n in ("p", "x")]
    lines = [{"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                           "writerFeatures": ["deletionVectors"]}},
             {"metaData": {"id": "t", "format": {"provider": "parquet", "options": {}},
                           "schemaString": json.dumps({"type": "struct", "fields": fields}),
                           "partitionColumns": list(partition_by), "configuration": configuration or {}}}]
    for number, add in enumerate(adds):
        lines.append({"add": {"path": f"f{number}", "partitionValues": {}, "modificationTime": 1, "dataChange": True,
                              "stats": json.dumps({"numRecords": 100, "minValues": {"x": "a"}}), **add}})
    for number, remove in enumerate(removes):
        lines.append({"remove": {"path": f"r{number}", "deletionTimestamp": 1, "dataChange": True, **remove}})
    (log / f"{0:020}.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@unittest.skipUnless(os.access(DELTIC, os.X_OK), f"{DELTIC} is not built")
class Health(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deltic-health-"))
        self.table = self.folder / "t"

    def tearDown(self):
        shutil.rmtree(self.folder)

    def test_a_table_in_order_has_no_findings(self):
        log_table(self.table, [{"size": 200 << 20}] * 3)
        found = health(self.table)
        self.assertEqual((found["findings"], found["num_small_files"]), ([], 0))
        self.assertIn("nothing that maintenance would better", info(self.table, "--health"))

    def test_without_the_option_nothing_is_said_of_health(self):
        log_table(self.table, [{"size": 1}] * 50)
        self.assertNotIn("health", json.loads(info(self.table, "--json")))
        self.assertNotIn("small_files", info(self.table))

    def test_sizes_fall_into_bins_whose_sums_are_the_tables(self):
        log_table(self.table, [{"size": size} for size in (0, 4095, 4096, 16383, 16384, 1 << 40)])
        found = health(self.table)
        filled = {bin["from_bytes"]: bin["num_files"] for bin in found["file_sizes"] if bin["num_files"]}
        self.assertEqual(filled, {0: 2, 4096: 2, 16384: 1, 1 << 34: 1})
        self.assertEqual((found["smallest_file_bytes"], found["largest_file_bytes"]), (0, 1 << 40))
        self.assertEqual(sum(bin["size_bytes"] for bin in found["file_sizes"]),
                         json.loads(info(self.table, "--json"))["size_bytes"])

    def test_small_files_are_told_with_what_compaction_would_leave_in_each_partition(self):
        adds = [{"size": 1 << 20, "partitionValues": {"p": "ab"[n % 2]}} for n in range(40)]
        log_table(self.table, adds + [{"size": 100 << 20, "partitionValues": {"p": "c"}}], partition_by=["p"])
        found = health(self.table)
        self.assertEqual((found["num_small_files"], found["num_files_after_compaction"]), (40, 3))
        self.assertEqual((found["num_partitions"], found["largest_partition"]["values"]), (3, {"p": "c"}))
        self.assertEqual(codes(self.table), ["small_files"])

    def test_the_tables_own_target_size_decides_what_is_small(self):
        log_table(self.table, [{"size": 1 << 20}] * 40, configuration={"delta.targetFileSize": "1048576"})
        self.assertEqual(health(self.table)["num_small_files"], 0)

    def test_deleted_rows_call_for_a_purge(self):
        vector = {"storageType": "u", "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^", "offset": 1, "sizeInBytes": 40}
        log_table(self.table, [{"size": 64 << 20, "deletionVector": {**vector, "cardinality": 60}}, {"size": 64 << 20}])
        found = health(self.table)
        self.assertEqual(found["num_files_half_deleted"], 1)
        self.assertEqual(codes(self.table), ["deleted_rows"])

    def test_files_without_statistics_are_counted(self):
        log_table(self.table, [{"size": 64 << 20, "stats": None}, {"size": 64 << 20},
                               {"size": 64 << 20, "stats": json.dumps({"numRecords": 5, "minValues": {}})}])
        found = health(self.table)
        self.assertEqual((found["num_files_without_row_count"], found["num_files_without_bounds"]), (1, 2))
        self.assertEqual(codes(self.table), ["no_row_counts", "no_bounds"])

    def test_many_small_partitions_and_one_that_holds_most_are_told(self):
        adds = [{"size": 1000, "partitionValues": {"p": str(n)}} for n in range(120)]
        adds[7]["size"] = 1_000_000
        log_table(self.table, adds, partition_by=["p"])
        self.assertEqual(codes(self.table), ["small_partitions", "partition_skew"])

    def test_removed_files_past_their_retention_are_those_that_a_vacuum_would_delete(self):
        vector = {"storageType": "u", "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^", "sizeInBytes": 40, "cardinality": 1}
        removes = [{"size": 10 << 20} for _ in range(5)] + [{"path": "f0", "size": 5, "deletionVector": vector},
                                                            {"deletionTimestamp": 1 << 50}]
        log_table(self.table, [{"size": 32 << 20}], removes)
        found = health(self.table)
        # f0 lives: only its deletion vector of before was removed.
        self.assertEqual((found["num_removed_files"], found["num_removed_files_expired"]), (6, 5))
        self.assertEqual(found["removed_files_expired_bytes"], 50 << 20)
        self.assertEqual(codes(self.table), ["removed_files"])

    def test_a_long_log_after_the_checkpoint_is_told_until_there_is_a_checkpoint(self):
        from deltalake import DeltaTable, write_deltalake
        for number in range(25):
            write_deltalake(self.table, pa.table({"x": [number]}), mode="append")
        self.assertIn("log_tail", codes(self.table))
        self.assertEqual(health(self.table)["num_commits_since_checkpoint"], 25)
        DeltaTable(self.table).create_checkpoint()
        found = health(self.table)
        self.assertEqual((found["checkpoint_version"], found["num_commits_since_checkpoint"]), (24, 0))
        self.assertNotIn("log_tail", codes(self.table))

    def test_an_empty_table_has_a_page(self):
        log_table(self.table)
        self.assertIn("Health", info(self.table, "--health"))

    def test_a_narrow_terminal_is_not_overrun(self):
        log_table(self.table, [{"size": 4 ** n} for n in range(20)] * 3)
        for columns in (40, 80):
            parent, child = pty.openpty()
            fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            env = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
            process = subprocess.Popen([DELTIC, "info", str(self.table), "--health"], stdout=child, stderr=child, env=env)
            os.close(child)
            shown = b""
            while chunk := self.read(parent):
                shown += chunk
            os.close(parent)
            process.wait(timeout=60)
            page = shown.decode().split("File sizes")[1]
            for line in page.splitlines():
                if not line.startswith(("Log", "Removed")):
                    self.assertLessEqual(len(line), columns, line)
            self.assertIn("█", page)

    @staticmethod
    def read(descriptor):
        try:
            return os.read(descriptor, 65536)
        except OSError:
            return b""


if __name__ == "__main__":
    unittest.main()
