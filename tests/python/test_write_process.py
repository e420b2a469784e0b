"""Proves how writing lives in a process: threads and processes that write to one table, Ctrl-C, conflicts as classes, a fork, memory
that does not grow with the number of writes or of rows, other threads that go on."""
import glob
import json
import os
import pathlib
import subprocess
import sys
import textwrap
import threading
import time
import unittest

import deltalake
import pyarrow as pa

from deltic import CommitProperties, DeltaTable, Transaction, exceptions, write_deltalake, write_query
from tables import Tables

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "kind": ["a", "b", None]})
HERE = pathlib.Path(__file__).parent


def run(program, *arguments):
    return subprocess.run([sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=HERE)


def data_files(path):
    return {name for name in glob.glob(f"{path}/**/*.parquet", recursive=True) if "_delta_log" not in name}


class Process(Tables):
    def new(self, **options):
        path = self.fresh()
        write_deltalake(path, ROWS, **options)
        return path

    def test_threads_that_append_to_one_table_lose_nothing(self):
        path = self.new()
        table = DeltaTable(path)
        failures = []

        def work(number):
            try:
                for turn in range(10):
                    write_deltalake(table if number % 2 else path, pa.table({"id": [100 * number + turn]}), mode="append")
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        rows = deltalake.DeltaTable(path).to_pyarrow_table()["id"].to_pylist()
        self.assertEqual(sorted(rows), [1, 2, 3, *[100 * number + turn for number in range(1, 5) for turn in range(10)]])
        self.assertEqual(deltalake.DeltaTable(path).version(), 40)

    def test_both_packages_append_to_one_table_at_once(self):
        path = self.new()
        failures = []

        def work(write, number):
            try:
                for turn in range(8):
                    write(path, pa.table({"id": pa.array([100 * number + turn], pa.int64()), "kind": ["x"]}), mode="append")
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(write, number)) for number, write in ((1, write_deltalake), (2, deltalake.write_deltalake))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(DeltaTable(path).count(), 19)

    def test_other_threads_go_on_while_rows_are_written(self):
        path = self.fresh()
        done, turns = threading.Event(), [0]

        def count():
            while not done.is_set():
                turns[0] += 1
                time.sleep(0.001)

        thread = threading.Thread(target=count)
        thread.start()
        write_query(path, "select i as id, random() as x from range(3000000) t(i)")
        done.set()
        thread.join()
        self.assertGreater(turns[0], 20)

    def test_ctrl_c_stops_a_write_and_leaves_nothing_behind(self):
        for rows in ("stream", "query"):
            with self.subTest(rows):
                path = self.new()
                before = data_files(path)
                done = run("""
                    import os, signal, sys, threading, time
                    import pyarrow as pa
                    from deltic import DeltaTable, write_deltalake, write_query

                    def endless():
                        batch = pa.record_batch({"id": pa.array(range(100000), pa.int64())})
                        while True:
                            yield batch

                    threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
                    try:
                        if sys.argv[2] == "query":
                            write_query(sys.argv[1], "select i as id from range(1000000000000) t(i)", mode="append")
                        else:
                            source = pa.RecordBatchReader.from_batches(pa.schema({"id": pa.int64()}), endless())
                            write_deltalake(sys.argv[1], source, mode="append")
                    except KeyboardInterrupt:
                        print("stopped", DeltaTable(sys.argv[1]).version())
                """, path, rows)
                self.assertEqual(done.stdout, "stopped 0\n", done.stderr)
                self.assertEqual(data_files(path), before)

    def test_each_conflict_has_a_class_of_its_own(self):
        """A writer that began before another one's commit: the rows' source makes that commit while it is read."""
        def meanwhile(path, act, **options):
            def batches():
                yield ROWS.to_batches()[0]
                act(path)
            rows = pa.RecordBatchReader.from_batches(ROWS.schema, batches())
            write_deltalake(path, rows, **options)

        once = CommitProperties(app_transactions=[Transaction("app", 1)])
        cases = {
            exceptions.MetadataChangedError: (lambda path: DeltaTable(path).alter.add_columns("more int"), {"mode": "append"}),
            exceptions.ConcurrentTransactionError: (
                lambda path: write_deltalake(path, ROWS, mode="append", commit_properties=once), {"mode": "append", "commit_properties": once}),
            exceptions.ConflictError: (lambda path: write_deltalake(path, ROWS, mode="overwrite"), {"mode": "overwrite"}),
        }
        for kind, (act, options) in cases.items():
            with self.subTest(kind.__name__):
                path = self.new()
                with self.assertRaises(kind) as caught:
                    meanwhile(path, act, **options)
                self.assertIsInstance(caught.exception, exceptions.CommitFailedError)
                live = {os.path.basename(name) for name in DeltaTable(path).files()}
                self.assertEqual({os.path.basename(name) for name in data_files(path)} - live - self.removed(path), set(), "an orphan")
        path = self.new()
        meanwhile(path, lambda path: write_deltalake(path, ROWS, mode="append"), mode="append")  # appends do not mind each other
        self.assertEqual(DeltaTable(path).count(), 9)

    def removed(self, path):
        names = set()
        for name in glob.glob(f"{path}/_delta_log/*.json"):
            for line in pathlib.Path(name).read_text().splitlines():
                action = json.loads(line).get("remove")
                if action:
                    names.add(os.path.basename(action["path"]))
        return names

    def test_memory_stays_flat_over_many_appends(self):
        path = self.new()
        done = run("""
            import sys, pyarrow as pa
            from deltic import DeltaTable, write_deltalake

            def resident():
                return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1024

            table, rows = DeltaTable(sys.argv[1]), pa.table({"id": list(range(100)), "kind": ["x"] * 100})
            for turn in range(2000):
                if turn == 400:
                    before = resident()
                write_deltalake(table, rows, mode="append")
            print(resident() - before, table.version())
        """, path)
        grown, version = done.stdout.split()
        self.assertEqual(version, "2000", done.stderr)
        self.assertLess(float(grown), 40)

    def test_memory_does_not_grow_with_the_rows(self):
        done = run("""
            import resource, sys, pyarrow as pa
            from deltic import write_deltalake

            batch = pa.record_batch({"id": pa.array(range(100000), pa.int64()), "text": [str(i) * 20 for i in range(100000)]})
            peaks = []
            for turns in (10, 100):
                source = pa.RecordBatchReader.from_batches(batch.schema, (batch for _ in range(turns)))
                write_deltalake(f"{sys.argv[1]}{turns}", source)
                peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            print(peaks[1] - peaks[0])
        """, self.fresh())
        self.assertLess(float(done.stdout or "inf"), 400, done.stderr)

    def test_a_child_of_a_fork_writes_too(self):
        path = self.new()
        done = run("""
            import os, sys, pyarrow as pa
            from deltic import DeltaTable, write_deltalake
            write_deltalake(sys.argv[1], pa.table({"id": [4]}), mode="append")
            child = os.fork()
            if child == 0:
                write_deltalake(sys.argv[1], pa.table({"id": [5]}), mode="append")
                os._exit(0)
            _, status = os.waitpid(child, 0)
            write_deltalake(sys.argv[1], pa.table({"id": [6]}), mode="append")
            print(status, DeltaTable(sys.argv[1]).count())
        """, path)
        self.assertEqual(done.stdout, "0 6\n", done.stderr)

    def test_a_folder_that_cannot_be_written_is_said(self):
        if os.getuid() == 0:
            self.skipTest("root may write everywhere")
        path = self.new()
        os.chmod(path, 0o500)
        self.addCleanup(os.chmod, path, 0o700)
        with self.assertRaises(exceptions.PermissionDeniedError):
            write_deltalake(path, ROWS, mode="append")

    def test_a_name_that_is_a_file_is_said(self):
        path = self.fresh()
        pathlib.Path(path).write_text("not a table")
        with self.assertRaises(exceptions.DeltaError):
            write_deltalake(path, ROWS)


if __name__ == "__main__":
    unittest.main()
