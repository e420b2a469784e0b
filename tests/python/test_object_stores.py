"""Proves that everything in the package that takes a location takes one in an object store, with storage options, and that these are shown
nowhere. moto stands for S3 (tests/stores/servers.py starts it); how requests are signed and commits decided is tests/stores' to test.
"""
import io
import os
import pathlib
import pickle
import signal
import sys
import threading
import time
import unittest
import warnings

import deltalake
import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq

import deltic
from deltic import DeltaTable, QueryBuilder, convert_to_deltalake, write_deltalake
from deltic.exceptions import DeltaError, InvalidArgumentError, TableNotFoundError, UnsupportedError
from deltic.fs import DeltaStorageHandler
from deltic.transaction import create_table_with_add_actions

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "stores"))
import proxy  # noqa: E402
import servers  # noqa: E402
from objects import keys  # noqa: E402

SECRET = "a-secret-that-nobody-shows"
ROWS = pa.table({"id": [1, 2, 3], "kind": ["a", "b", "b"]})


class ObjectStores(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = servers.start("moto", "lake")
        cls.addClassCleanup(cls.server.stop)
        cls.options = {"aws_access_key_id": "id", "AWS_SECRET_ACCESS_KEY": SECRET, "aws_region": "us-east-1", "aws_endpoint_url": cls.server.url,
                       "aws_allow_http": "true", "aws_s3_allow_unsafe_rename": "true", "max_retries": "2"}
        # All of it must come from the options.
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

    def place(self):
        return f"s3://lake/{self.id().rsplit('.', 1)[1]}/a%20table"

    def made(self, rows=ROWS, **more):
        place = self.place()
        write_deltalake(place, rows, storage_options=self.options, **more)
        return DeltaTable(place, storage_options=self.options)

    def test_tables_are_written_opened_and_read(self):
        place = self.place()
        self.assertFalse(DeltaTable.is_deltatable(place, self.options))
        with self.assertRaises(TableNotFoundError):
            DeltaTable(place, storage_options=self.options)
        write_deltalake(place, ROWS, storage_options=self.options, partition_by=["kind"])
        write_deltalake(place, ROWS, storage_options=self.options, mode="append")
        self.assertTrue(DeltaTable.is_deltatable(place, self.options))
        table = DeltaTable(place, storage_options=self.options)
        self.assertEqual((table.version(), table.table_uri), (1, place + "/"))
        self.assertEqual(table.to_pyarrow_table().num_rows, 6)
        self.assertEqual(table.to_pandas(filters=[("kind", "=", "b")]).id.sum(), 10)
        self.assertEqual(table.to_pyarrow_dataset().to_table().num_rows, 6)
        self.assertEqual(table.to_polars().height, 6)
        self.assertEqual(sorted(DeltaTable(place, 0, self.options).to_pyarrow_table()["id"].to_pylist()), [1, 2, 3])
        self.assertEqual([entry["version"] for entry in table.history()], [1, 0])
        self.assertTrue(all(uri.startswith(f"{place}/kind=") for uri in table.file_uris()), table.file_uris())

    def test_deltalake_reads_what_deltic_writes_and_the_other_way_round(self):
        table = self.made()
        theirs = deltalake.DeltaTable(self.place(), storage_options=self.options)
        self.assertEqual(theirs.to_pyarrow_table().num_rows, 3)
        deltalake.write_deltalake(self.place(), ROWS, mode="append", storage_options=self.options)
        table.update_incremental()
        self.assertEqual(table.to_pyarrow_table().num_rows, 6)

    def test_rows_are_changed_and_tables_kept(self):
        table = self.made(configuration={"delta.enableChangeDataFeed": "true"})
        table.update(updates={"kind": "'c'"}, predicate="id = 1")
        table.delete("id = 2")
        table.merge(pa.table({"id": [3, 4], "kind": ["x", "y"]}), "t.id = s.id", source_alias="s", target_alias="t") \
            .when_matched_update_all().when_not_matched_insert_all().execute()
        self.assertEqual(sorted(zip(*table.to_pyarrow_table().to_pydict().values())), [(1, "c"), (3, "x"), (4, "y")])
        self.assertGreater(pa.table(table.load_cdf(0)).num_rows, 3)
        table.optimize.compact()
        table.create_checkpoint()
        table.restore(1)
        self.assertEqual(sorted(table.to_pyarrow_table()["kind"].to_pylist()), ["b", "b", "c"])
        self.assertTrue(table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False))
        table.alter.set_table_properties({"delta.appendOnly": "true"})
        self.assertEqual(table.metadata().configuration["delta.appendOnly"], "true")

    def test_tables_are_created_cloned_and_converted(self):
        place = self.place()
        made = DeltaTable.create(place, "id bigint, kind string", storage_options=self.options)
        write_deltalake(made, ROWS, mode="append")
        for shallow in (False, True):
            copy = made.clone(f"s3://lake/copies/{shallow}", shallow=shallow)
            self.assertEqual(copy.to_pyarrow_table().num_rows, 3)
        files = pyarrow.fs.S3FileSystem(access_key="id", secret_key="key", endpoint_override=self.server.url, region="us-east-1")
        with files.open_output_stream("lake/plain/year=2026/a.parquet") as out:
            buffer = io.BytesIO()
            pq.write_table(ROWS, buffer)
            out.write(buffer.getvalue())
        convert_to_deltalake("s3://lake/plain", partition_strategy="hive", storage_options=self.options)
        plain = DeltaTable("s3://lake/plain", storage_options=self.options)
        self.assertEqual(set(plain.to_pyarrow_table()["year"].to_pylist()), {2026})
        create_table_with_add_actions("s3://lake/named", made.schema(), [], storage_options=self.options)
        self.assertEqual(DeltaTable("s3://lake/named", storage_options=self.options).version(), 0)

    def test_sql_reads_tables_and_files_by_location(self):
        self.made()
        text = f"select count(*) as n from delta_scan('{self.place()}')"
        self.assertEqual(deltic.sql(text, storage_options=self.options).read_all()["n"].to_pylist(), [3])
        builder = QueryBuilder(storage_options=self.options).register("t", DeltaTable(self.place(), storage_options=self.options))
        self.assertEqual(builder.execute(f"select count(*) as n from t join delta_scan('{self.place()}') using (id)").read_all()["n"].to_pylist(), [3])
        with self.assertRaises(DeltaError):
            deltic.sql(text).read_all()
        # A write's query, and a merge's, open other tables as the table itself is opened.
        deltic.write_query(self.place(), f"select * from delta_scan('{self.place()}')", mode="append", storage_options=self.options)
        self.assertEqual(DeltaTable(self.place(), storage_options=self.options).to_pyarrow_table().num_rows, 6)

    def test_the_file_system_reads_objects(self):
        table = self.made()
        for handler in (DeltaStorageHandler(self.place(), self.options), DeltaStorageHandler.from_table(table),
                        pickle.loads(pickle.dumps(DeltaStorageHandler.from_table(table)))):
            files = pyarrow.fs.PyFileSystem(handler)
            [log] = files.get_file_info(pyarrow.fs.FileSelector("_delta_log"))[:1]
            self.assertTrue(log.path.startswith("_delta_log/"))
            with files.open_input_file("_delta_log/00000000000000000000.json") as file:
                self.assertIn(b"commitInfo", file.read())

    def test_a_table_is_pickled_with_its_options(self):
        table = pickle.loads(pickle.dumps(self.made()))
        self.assertEqual(table.to_pyarrow_table().num_rows, 3)

    def test_options_are_shown_nowhere(self):
        table = self.made()
        shown = [repr(table), str(table), table._repr_html_(), table.table_uri, repr(table.metadata()), repr(table.history()),
                 repr(DeltaStorageHandler(self.place(), self.options)), repr(vars(QueryBuilder()))]
        wrong = {**self.options, "aws_endpoint_url": "http://127.0.0.1:9", "max_retries": "0"}
        for fail in (lambda: DeltaTable(self.place(), storage_options=wrong), lambda: write_deltalake(self.place(), ROWS, storage_options=wrong),
                     lambda: DeltaTable("s3://key:" + SECRET + "@lake/t", storage_options=wrong),
                     lambda: DeltaTable(self.place(), storage_options={**wrong, "timeout": "soon"}),
                     lambda: DeltaTable(self.place(), storage_options={**wrong, "number": 1})):
            with self.assertRaises((DeltaError, TypeError)) as caught:
                fail()
            shown += [str(caught.exception), repr(caught.exception)]
        for text in shown:
            self.assertNotIn(SECRET, text)

    def test_a_misspelt_option_is_a_warning_without_its_value(self):
        self.made()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            DeltaTable(self.place(), storage_options={**self.options, "aws_regoin": SECRET, "my_own": "x"})
        [text] = [str(each.message) for each in caught if "storage option" in str(each.message)]
        self.assertIn("aws_regoin is not known", text)
        self.assertIn("aws_region", text)
        self.assertNotIn(SECRET, text)

    def test_ctrl_c_ends_what_waits_for_a_server_that_does_not_answer(self):
        """Nobody waits for the minutes that the server would take. What was begun is gone, and the table as it was."""
        self.made()
        before = keys(self.server, "lake")
        silent = proxy.Fault("silent", forward=False, wait_before=200)
        busy = proxy.s3_error("busy", False, 503, "SlowDown")
        is_data = lambda request: ".parquet" in request.path  # noqa: E731
        puts_data = lambda request: request.method == "PUT" and is_data(request)  # noqa: E731
        everything = lambda request: True  # noqa: E731
        for ill in (silent, busy):
            chosen = lambda request: False  # noqa: E731
            met = threading.Event()

            def plan(request):
                if not chosen(request):
                    return None
                met.set()
                return ill

            with proxy.Proxy(self.server.port, plan) as between:
                options = {**self.options, "aws_endpoint_url": f"http://127.0.0.1:{between.port}", "max_retries": "50"}
                table = DeltaTable(self.place(), storage_options=options)
                steps = {
                    "open": (everything, lambda: DeltaTable(self.place(), storage_options=options)),
                    "history": (everything, table.history),
                    "read": (is_data, table.to_pyarrow_table),
                    "stream": (is_data, lambda: [*table.scan()]),
                    "write": (puts_data, lambda: write_deltalake(self.place(), ROWS, mode="append", storage_options=options)),
                    "update": (puts_data, lambda: table.update({"kind": "'x'"})),
                    "alter": (everything, lambda: table.alter.set_table_description("another")),
                    "checkpoint": (everything, table.create_checkpoint),
                }
                for name, (chooses, act) in steps.items():
                    with self.subTest(step=name, ill=ill.name):
                        met.clear()
                        chosen = chooses
                        interrupts = threading.Thread(target=lambda: met.wait(60) and os.kill(os.getpid(), signal.SIGINT))
                        interrupts.start()
                        begin = time.monotonic()
                        try:
                            with self.assertRaises(KeyboardInterrupt):
                                act()
                        finally:
                            interrupts.join()
                            chosen = lambda request: False  # noqa: E731
                        self.assertLess(time.monotonic() - begin, 60)
                        self.assertEqual(keys(self.server, "lake"), before)
                        self.assertEqual(DeltaTable(self.place(), storage_options=self.options).version(), 0)

    @unittest.skipIf(sys.version_info < (3, 11), "exceptions have no notes before Python 3.11")
    def test_ctrl_c_says_when_it_left_a_commit_open(self):
        self.made()
        silent = proxy.Fault("silent", forward=False, wait_before=200)
        met = threading.Event()

        def plan(request):
            if not request.path.split("?")[0].endswith("00000000000000000001.json"):
                return None
            met.set()
            return silent

        with proxy.Proxy(self.server.port, plan) as between:
            options = {**self.options, "aws_endpoint_url": f"http://127.0.0.1:{between.port}"}
            interrupts = threading.Thread(target=lambda: met.wait(60) and os.kill(os.getpid(), signal.SIGINT))
            interrupts.start()
            with self.assertRaises(KeyboardInterrupt) as raised:
                write_deltalake(self.place(), ROWS, mode="append", storage_options=options)
            interrupts.join()
        self.assertIn("txnId", "".join(raised.exception.__notes__))

    def test_other_locations_are_refused_by_scheme(self):
        with self.assertRaises(UnsupportedError):
            DeltaTable("ftp://host/t")
        with self.assertRaises(InvalidArgumentError):
            DeltaTable("https://account.blob.core.windows.net/c/t?sig=" + SECRET)


if __name__ == "__main__":
    unittest.main()
