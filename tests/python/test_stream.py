"""Proves how rows stream: once, in batches, to any Arrow library, from many threads, stopped by Ctrl-C; and which exception
an error is, also in the middle of a stream."""
import ctypes
import gc
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
import unittest

import arro3.core
import deltalake
import deltic
import pyarrow as pa
from deltic import exceptions
from tables import Tables

SLOW = "select sum(a.range * b.range % 7) from range(1000000) a, range(1000000) b"


class Stream(Tables):
    def test_batches_and_tables_are_objects_of_arro3(self):
        reader = deltic.DeltaTable(self.versions).scan(["id"])
        self.assertEqual(reader.schema.names, ["id"])
        batches = list(reader)
        self.assertTrue(all(isinstance(batch, arro3.core.RecordBatch) for batch in batches))
        self.assertEqual(sum(batch.num_rows for batch in batches), 4999)
        with self.assertRaises(StopIteration):
            reader.read_next_batch()
        self.assertIsInstance(deltic.DeltaTable(self.versions).scan().read_all(), arro3.core.Table)

    def test_any_arrow_library_takes_the_stream(self):
        import duckdb
        import polars as pl
        table = deltic.DeltaTable(self.versions)
        self.assertEqual(pa.table(table.scan()).num_rows, 4999)
        self.assertEqual(pa.RecordBatchReader.from_stream(table.scan()).read_all().num_rows, 4999)
        self.assertEqual(pl.DataFrame(table.scan()).height, 4999)
        self.assertEqual(arro3.core.RecordBatchReader.from_stream(table.scan()).read_all().num_rows, 4999)
        reader = pa.RecordBatchReader.from_stream(table.scan())
        self.assertEqual(duckdb.connect().execute("select count(*) from reader").fetchall(), [(4999,)])

    def test_a_stream_is_read_once_and_may_be_dropped_at_any_time(self):
        table = deltic.DeltaTable(self.versions)
        reader = table.scan()
        pa.table(reader)
        self.assertTrue(reader.closed)
        with self.assertRaises(exceptions.InvalidArgumentError):
            pa.table(reader)
        with self.assertRaises(exceptions.InvalidArgumentError):
            reader.read_all()
        with table.scan() as reader:
            reader.read_next_batch()
        self.assertTrue(reader.closed)
        reader.close()
        for _ in range(20):
            table.scan().read_next_batch()
            table.scan()
        self.assertIn("id", repr(table.scan()))
        self.assertIn("closed", repr(reader))

    def test_limits_and_columns_hold(self):
        table = deltic.DeltaTable(self.versions)
        self.assertEqual(table.scan(limit=17).read_all().num_rows, 17)
        self.assertEqual(table.scan(limit=0).read_all().num_rows, 0)
        self.assertEqual(table.scan(["value", "id"], where="id = 3").read_all().column_names, ["value", "id"])
        for wrong in (dict(limit=-1), dict(columns=[]), dict(columns=["nothing"]), dict(predicate="id = 1", where="id = 1"), dict(row_ids=True)):
            with self.assertRaises(exceptions.InvalidArgumentError):
                table.scan(**wrong)

    def test_threads_share_a_table(self):
        table = deltic.DeltaTable(self.versions)
        wrong = []

        def work(number):
            try:
                for step in range(8):
                    if table.to_pyarrow_table(filters=[("id", "<", 100 + number)]).num_rows != 99 + number:
                        wrong.append(number)
                    table.update_incremental()
                    table.file_uris()
            except Exception as error:
                wrong.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_reading_gives_up_the_gil(self):
        done = threading.Event()
        seen = []
        query = "select sum(a.range % 7) from range(100000000) a"
        threading.Thread(target=lambda: (deltic.sql(query).read_all(), done.set())).start()
        while not done.is_set():
            seen.append(time.monotonic())
            time.sleep(0.005)
        self.assertGreater(len(seen), 2)

    def interrupted(self, call):
        """Runs a call that would take hours in a process of its own, and interrupts it."""
        program = "import os, signal, sys, threading, deltic, pyarrow as pa\nSLOW = sys.argv[1]\n" + textwrap.dedent(f"""
            timer = threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
            try:
                {call}
            except KeyboardInterrupt:
                print("interrupted")
            # The engine is whole after it.
            print(pa.table(deltic.sql("select 42 as x"))["x"].to_pylist())
        """)
        done = subprocess.run([sys.executable, "-c", program, SLOW], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.stdout.split("\n"), done.returncode), (["interrupted", "[42]", ""], 0), done.stderr)

    def test_ctrl_c_stops_a_read_of_all(self):
        self.interrupted("deltic.sql(SLOW).read_all()")

    def test_ctrl_c_stops_a_wait_for_a_batch(self):
        self.interrupted("next(deltic.sql(SLOW))")


class Errors(Tables):
    def test_there_is_a_class_for_each_code_and_all_are_delta_errors(self):
        self.assertEqual(sorted(exceptions._BY_CODE), list(range(1, 13)))
        header = pathlib.Path(__file__).resolve().parents[2] / "include/deltic/result.h"
        codes = header.read_text().split("enum class Code ")[1].split("};")[0]
        for line in codes.splitlines():
            if line.startswith("  k") and "//" in line and " = " in line:
                name, number = line.split("//")[0].strip(" ,").removeprefix("k").split(" = ")
                self.assertEqual(exceptions._BY_CODE[int(number)].__name__, name.removesuffix("Error") + "Error")
        for error in exceptions._BY_CODE.values():
            self.assertTrue(issubclass(error, exceptions.DeltaError))

    def test_the_hierarchy_is_that_of_deltalake(self):
        for name in ("DeltaError", "TableNotFoundError", "DeltaProtocolError", "CommitFailedError", "SchemaMismatchError"):
            theirs, ours = getattr(deltalake.exceptions, name), getattr(exceptions, name)
            self.assertEqual([base.__name__ for base in ours.__mro__], [base.__name__ for base in theirs.__mro__])

    def damaged(self):
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"id": list(range(1000))}))
        return pathlib.Path(uri)

    def test_no_table_is_not_found(self):
        with self.assertRaisesRegex(exceptions.TableNotFoundError, "nowhere"):
            deltic.DeltaTable(self.folder / "nowhere")

    def test_a_broken_log_is_a_protocol_error_that_names_the_file(self):
        table = self.damaged()
        (table / "_delta_log/00000000000000000000.json").write_text('{"metaData":{"id"\n')
        with self.assertRaisesRegex(exceptions.CorruptError, "00000000000000000000.json") as caught:
            deltic.DeltaTable(table)
        self.assertIsInstance(caught.exception, exceptions.DeltaProtocolError)
        self.assertTrue(deltic.DeltaTable.is_deltatable(table), "damaged, but a table")

    def test_a_feature_of_tomorrow_is_unsupported_by_name(self):
        table = self.damaged()
        log = table / "_delta_log/00000000000000000001.json"
        log.write_text('{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["ofTomorrow"],"writerFeatures":["ofTomorrow"]}}\n')
        with self.assertRaisesRegex(exceptions.UnsupportedError, "ofTomorrow"):
            deltic.DeltaTable(table)

    def test_a_missing_data_file_is_an_error_of_the_stream_and_of_each_reader(self):
        table = self.damaged()
        opened = deltic.DeltaTable(table)
        for file in table.glob("*.parquet"):
            file.unlink()
        for read in (lambda: opened.scan().read_all(), lambda: list(opened.scan()), opened.to_pyarrow_table, opened.to_polars, opened.to_pandas):
            with self.assertRaisesRegex(exceptions.DeltaError, "part-"):
                read()
        with self.assertRaises(Exception):
            pa.table(opened.scan())

    def test_a_cut_data_file_is_corrupt(self):
        table = self.damaged()
        opened = deltic.DeltaTable(table)
        for file in table.glob("*.parquet"):
            file.write_bytes(file.read_bytes()[:-20])
        with self.assertRaisesRegex(exceptions.DeltaError, "part-"):
            opened.to_pyarrow_table()


class Memory(Tables):
    def memory_kib(self):
        gc.collect()
        # What earlier tests freed goes back first: a leak that fills it again must show.
        ctypes.CDLL(None).malloc_trim(0)
        return int([line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")][0].split()[1])

    def flat(self, work, rounds, allowed_kib):
        for _ in range(rounds // 4):
            work()
        before = self.memory_kib()
        for _ in range(rounds):
            work()
        self.assertLess(self.memory_kib() - before, allowed_kib)

    def test_the_measure_of_memory_sees_a_leak(self):
        kept = []
        with self.assertRaises(AssertionError):
            self.flat(lambda: kept.append(bytes(range(256)) * 160), 2000, 8 * 1024)

    def test_ten_thousand_opens_and_refreshes_leave_memory_flat(self):
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"id": [1]}))

        def work():
            table = deltic.DeltaTable(uri)
            table.update_incremental()
            table.schema(), table.metadata(), table.file_uris(), table.history(1)

        self.flat(work, 10_000, 8 * 1024)

    def test_a_thousand_looks_at_files_leave_memory_flat(self):
        table = deltic.DeltaTable(self.types)

        def work():
            table.get_add_actions(), table.get_add_actions(flatten=True), table.deletion_vectors()
            pa.table(table.get_add_actions())
            table.get_add_actions(True).to_batches()

        self.flat(work, 1000, 8 * 1024)

    def test_reads_that_are_finished_or_dropped_leave_memory_flat(self):
        table = deltic.DeltaTable(self.versions)

        def work():
            table.to_pyarrow_table()
            table.scan().read_next_batch()
            table.scan()
            try:
                table.scan(["nothing"])
            except ValueError:
                pass

        self.flat(work, 200, 24 * 1024)


if __name__ == "__main__":
    unittest.main()
