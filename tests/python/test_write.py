"""Proves write_deltalake, write_query and DeltaTable.create by behaviour: what they do with every kind of rows and every option is read
back by the package deltalake, and what that one wrote is written to here."""
import datetime
import decimal
import glob
import json
import os
import pathlib
import unittest

import arro3.core
import deltalake
import pandas
import polars
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

import deltic
from deltic import (
    BloomFilterProperties,
    ColumnProperties,
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    Transaction,
    WriterProperties,
    write_deltalake,
    write_query,
)
from deltic import exceptions
from deltic.transaction import AddAction, RemoveAction, create_table_with_add_actions
from tables import Tables, every_type

ROWS = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "kind": ["a", "b", None]})


def theirs(path):
    """The rows as the package deltalake reads them, sorted."""
    rows = deltalake.DeltaTable(path).to_pyarrow_table()
    return (rows.sort_by(rows.column_names[0]) if rows.num_rows > 1 else rows).to_pylist()


def log(path, version=None):
    """The actions of a commit, or of the newest."""
    names = sorted(glob.glob(f"{path}/_delta_log/*[0-9].json"))
    name = names[-1] if version is None else f"{path}/_delta_log/{version:020}.json"
    return [json.loads(line) for line in pathlib.Path(name).read_text().splitlines()]


def data_files(path):
    return {os.path.relpath(name, path) for name in glob.glob(f"{path}/**/*.parquet", recursive=True) if "_delta_log" not in name}


class Write(Tables):
    def new(self, rows=ROWS, **options):
        path = self.fresh()
        write_deltalake(path, rows, **options)
        return path

    # Kinds of rows.

    def test_rows_of_every_kind_are_written(self):
        batch = ROWS.to_batches()[0]
        kinds = {
            "pyarrow table": ROWS, "pyarrow batch": batch, "pyarrow reader": ROWS.to_reader(), "pyarrow dataset": pyarrow.dataset.dataset(ROWS),
            "pandas": ROWS.to_pandas(), "polars": polars.from_arrow(ROWS), "lazy polars": polars.from_arrow(ROWS).lazy(),
            "arro3 table": arro3.core.Table.from_arrow(ROWS), "arro3 batch": arro3.core.RecordBatch.from_arrow(batch),
            "arro3 reader": arro3.core.RecordBatchReader.from_arrow(ROWS), "batches": [batch.slice(0, 1), batch.slice(1)], "tables": [ROWS],
            "arro3 batches": [arro3.core.RecordBatch.from_arrow(batch)], "iterator": iter([batch.slice(0, 2), batch.slice(2)]),
            "a deltic table": DeltaTable(self.new()), "rows of a query": deltic.sql("from t", t=DeltaTable(self.new())),
        }
        for name, rows in kinds.items():
            with self.subTest(name):
                path = self.new(rows)
                self.assertEqual([row["id"] for row in theirs(path)], [1, 2, 3])
                self.assertEqual([row["kind"] for row in theirs(path)], ["a", "b", None])

    def test_what_is_no_rows_is_refused(self):
        for rows in (None, 7, "rows", {"id": [1]}, [{"id": 1}]):
            with self.subTest(rows), self.assertRaises(TypeError):
                write_deltalake(self.fresh(), rows)
        for rows in ([], iter([])):
            with self.assertRaises(exceptions.InvalidArgumentError):
                write_deltalake(self.fresh(), rows)
        with self.assertRaises(ValueError):
            write_deltalake(7, ROWS)

    def test_a_reader_is_written_once(self):
        reader = deltic.sql("select 1 as id")
        path = self.new(reader)
        with self.assertRaises(exceptions.DeltaError):
            write_deltalake(path, reader, mode="append")
        self.assertEqual(DeltaTable(path).version(), 0)

    def test_an_error_of_the_rows_own_source_leaves_nothing(self):
        def batches():
            yield ROWS.to_batches()[0]
            raise RuntimeError("the source broke")
        path = self.new()
        before = data_files(path)
        with self.assertRaisesRegex(exceptions.DeltaError, "the source broke"):
            write_deltalake(path, pa.RecordBatchReader.from_batches(ROWS.schema, batches()), mode="append")
        self.assertEqual(data_files(path), before)
        self.assertEqual(DeltaTable(path).version(), 0)

    def test_every_type_that_a_table_can_have_comes_back(self):
        path = self.new(every_type(), partition_by=["part"])
        mine = DeltaTable(path).to_pyarrow_table().sort_by("id").to_pylist()
        self.assertEqual(mine, DeltaTable(self.types).to_pyarrow_table(columns=list(mine[0])).sort_by("id").to_pylist())
        for ours, other in zip(mine, theirs(path)):
            self.assertEqual(ours, {name: other[name] for name in ours})

    def test_every_arrow_type_has_a_type_of_delta_or_is_refused_by_name(self):
        moment = datetime.datetime(2026, 1, 31, 12, 30, 15, 123456)
        good = {
            "byte": pa.array([1], pa.int8()), "short": pa.array([255], pa.uint8()), "integer": pa.array([65535], pa.uint16()),
            "long": pa.array([2**32 - 1], pa.uint32()), "decimal(20,0)": pa.array([decimal.Decimal(2**64 - 1)], pa.decimal128(20, 0)),
            "float": pa.array([1.5], pa.float32()), "double": pa.array([1.5]), "boolean": pa.array([True]),
            "string": pa.array(["a"], pa.large_string()), "binary": pa.array([b"ab"], pa.binary(2)), "date": pa.array([moment.date()], pa.date64()),
            "timestamp_ntz": pa.array([moment], pa.timestamp("us")), "timestamp": pa.array([moment], pa.timestamp("ms", "Europe/Paris"), safe=False),
        }
        for name, values in good.items():
            with self.subTest(name):
                path = self.new(pa.table({"x": values}))
                self.assertEqual(DeltaTable(path).schema().fields[0].type.type, name)
                self.assertEqual(len(theirs(path)), 1)
        same = {"dictionary": pa.array(["a"]).dictionary_encode(), "view": pa.array(["a"], pa.string_view()),
                "run ends": pa.RunEndEncodedArray.from_arrays([1], ["a"])}
        for name, values in same.items():
            with self.subTest(name):
                self.assertEqual(theirs(self.new(pa.table({"x": values}))), [{"x": "a"}])
        for name, values in {"large list": pa.array([[1]], pa.large_list(pa.int64())), "fixed list": pa.array([[1]], pa.list_(pa.int64(), 1))}.items():
            with self.subTest(name):
                self.assertEqual(theirs(self.new(pa.table({"x": values}))), [{"x": [1]}])
        bad = {"time": pa.array([1], pa.time64("us")), "duration": pa.array([1], pa.duration("us")), "half": pa.array([1.5], pa.float16()),
               "interval": pa.array([(1, 2, 3)], pa.month_day_nano_interval()), "decimal256": pa.array([1], pa.decimal256(40, 0))}
        for name, values in bad.items():
            with self.subTest(name), self.assertRaises(exceptions.UnsupportedError):
                self.new(pa.table({"x": values}))

    # Modes.

    def test_the_modes_do_what_they_say(self):
        path = self.new()
        with self.assertRaises(exceptions.AlreadyExistsError):
            write_deltalake(path, ROWS)
        self.assertFalse(write_deltalake(path, ROWS, mode="ignore").written)
        self.assertFalse(write_deltalake(DeltaTable(path), ROWS, mode="ignore").written)
        done = write_deltalake(path, ROWS, mode="append")
        self.assertEqual((done.version, done.rows, done.files_added, done.files_removed), (1, 3, 1, 0))
        self.assertEqual(len(theirs(path)), 6)
        done = write_deltalake(path, ROWS.slice(0, 1), mode="overwrite")
        self.assertEqual((done.version, done.rows, done.files_removed), (2, 1, 2))
        self.assertEqual(theirs(path), [{"id": 1, "kind": "a"}])
        with self.assertRaises(exceptions.InvalidArgumentError):
            write_deltalake(path, ROWS, mode="upsert")

    def test_what_is_asked_for_wrongly_is_refused_as_a_delta_error_too(self):
        for options in ({"mode": "upsert"}, {"schema_mode": "both"}, {"target_file_size": 0}, {"partition_by": "nowhere"},
                        {"partition_by": ["id", "kind"]}, {"configuration": {"delta.nonsense": "1"}}):
            with self.subTest(options), self.assertRaises(exceptions.DeltaError):
                self.new(**options)
        for rows in (pa.table({}), pa.table([[1], [2]], names=["a", "A"]), pa.table([[1]], names=["a b"])):
            with self.subTest(rows.schema), self.assertRaises(exceptions.InvalidArgumentError):
                self.new(rows)
        self.assertEqual(self.new(pa.table([[1]], names=["a b"]), configuration={"delta.columnMapping.mode": "name"}).count("fresh"), 1)

    def test_a_table_without_rows_and_an_append_without_rows(self):
        path = self.new(ROWS.slice(0, 0))
        self.assertEqual((theirs(path), DeltaTable(path).schema().fields[0].type.type), ([], "long"))
        write_deltalake(path, ROWS.slice(0, 0), mode="append")
        self.assertEqual(theirs(path), [])

    def test_a_table_object_is_at_the_new_version_afterwards(self):
        path = self.new()
        table = DeltaTable(path)
        write_deltalake(table, ROWS, mode="append")
        write_deltalake(path, ROWS, mode="append")
        write_deltalake(table, ROWS, mode="append")  # from an older version: an append does not mind
        self.assertEqual((table.version(), table.count()), (3, 12))

    def test_partitions_become_folders(self):
        path = self.new(partition_by="kind", name="n", description="d", configuration={"delta.enableChangeDataFeed": "true", "mine": "x", "none": None})
        other = deltalake.DeltaTable(path)
        self.assertEqual(other.metadata().partition_columns, ["kind"])
        self.assertEqual((other.metadata().name, other.metadata().description), ("n", "d"))
        self.assertEqual(other.metadata().configuration, {"delta.enableChangeDataFeed": "true", "mine": "x"})
        self.assertEqual({os.path.dirname(name) for name in data_files(path)}, {"kind=a", "kind=b", "kind=__HIVE_DEFAULT_PARTITION__"})
        with self.assertRaises(exceptions.InvalidArgumentError):
            write_deltalake(path, ROWS, mode="append", partition_by=["id"])
        write_deltalake(path, ROWS, mode="append", partition_by=["kind"])

    def test_a_predicate_replaces_its_rows_and_only_them(self):
        path = self.new()
        done = write_deltalake(path, pa.table({"id": [20], "kind": ["b"]}), mode="overwrite", predicate="kind = 'b'")
        self.assertEqual(theirs(path), [{"id": 1, "kind": "a"}, {"id": 3, "kind": None}, {"id": 20, "kind": "b"}])
        self.assertEqual((done.rows, done.rows_copied), (1, 2))
        with self.assertRaises(exceptions.ConstraintViolationError):
            write_deltalake(path, ROWS, mode="overwrite", predicate="kind = 'b'")
        with self.assertRaises(exceptions.InvalidArgumentError):
            write_deltalake(path, ROWS, mode="append", predicate="kind = 'b'")

    def test_dynamic_partitions_replaces_those_that_the_rows_have(self):
        path = self.new(partition_by="kind")
        write_deltalake(path, pa.table({"id": [20], "kind": ["b"]}), mode="overwrite", dynamic_partitions=True)
        self.assertEqual([row["id"] for row in theirs(path)], [1, 3, 20])

    def test_schema_modes(self):
        path = self.new()
        more = pa.table({"id": [4], "city": ["Oslo"]})
        with self.assertRaises(exceptions.SchemaMismatchError) as caught:
            write_deltalake(path, more, mode="append")
        self.assertIn("city", str(caught.exception))
        self.assertIsInstance(caught.exception, exceptions.InvalidArgumentError)
        write_deltalake(path, more, mode="append", schema_mode="merge")
        self.assertEqual(theirs(path)[-1], {"id": 4, "kind": None, "city": "Oslo"})
        write_deltalake(path, pa.table({"x": [1]}), mode="overwrite", schema_mode="overwrite")
        self.assertEqual(theirs(path), [{"x": 1}])
        with self.assertRaises(exceptions.InvalidArgumentError):
            write_deltalake(path, pa.table({"y": [1]}), mode="append", schema_mode="overwrite")
        with self.assertRaises(ValueError):
            write_deltalake(path, ROWS, mode="append", schema_mode="both")

    def test_values_are_cast_where_nothing_is_lost_and_refused_where_it_is(self):
        path = self.new(pa.table({"id": pa.array([1], pa.int32()), "Name": ["a"]}))
        write_deltalake(path, pa.table({"NAME": ["b"], "ID": pa.array([2], pa.int64())}), mode="append")
        self.assertEqual(theirs(path), [{"id": 1, "Name": "a"}, {"id": 2, "Name": "b"}])
        for rows in (pa.table({"id": [2**40]}), pa.table({"id": ["x"]}), pa.table({"id": [{"a": 1}]})):
            with self.subTest(rows.schema), self.assertRaisesRegex(exceptions.DeltaError, "id"):
                write_deltalake(path, rows, mode="append")
        self.assertEqual(DeltaTable(path).version(), 1)

    def test_a_write_is_done_once(self):
        path = self.new()
        self.assertEqual([write_deltalake(path, ROWS, mode="append", once=("job", version)).written for version in (1, 1, 2, 1)],
                         [True, False, True, False])
        self.assertEqual((DeltaTable(path).count(), deltalake.DeltaTable(path).transaction_version("job")), (9, 2))

    # Queries.

    def test_a_query_is_written_without_passing_through_python(self):
        path = self.new()
        done = write_query(path, f"select id + 10 as id, upper(kind) as kind from delta_scan('{path}') where kind is not null", mode="append")
        self.assertEqual(done.rows, 2)
        self.assertEqual([row["kind"] for row in theirs(path)], ["a", "b", None, "A", "B"])
        with self.assertRaises(exceptions.InvalidArgumentError):
            write_query(path, "selec 1", mode="append")
        with self.assertRaises(exceptions.InvalidArgumentError):
            write_query(path, " ", mode="append")

    # What a commit carries.

    def test_commit_properties_are_in_the_log(self):
        path = self.new(commit_properties=CommitProperties({"who": "tests", "more": {"x": 1}, "userMetadata": "said"}, 3, [Transaction("app", 7, 1234)]))
        info = DeltaTable(path).history(1)[0]
        self.assertEqual((info["who"], info["more"], info["userMetadata"]), ("tests", '{"x": 1}', "said"))
        self.assertEqual([action["txn"] for action in log(path) if "txn" in action], [{"appId": "app", "version": 7, "lastUpdated": 1234}])
        self.assertEqual(deltalake.DeltaTable(path).transaction_version("app"), 7)
        for metadata in ({"operation": "x"}, {"txnId": "x"}, {"x": float("nan")}, {"userMetadata": 1}):
            with self.subTest(metadata), self.assertRaises(exceptions.InvalidArgumentError):
                write_deltalake(path, ROWS, mode="append", commit_properties=CommitProperties(metadata))

    def test_objects_of_the_package_deltalake_are_understood(self):
        path = self.new(commit_properties=deltalake.CommitProperties({"who": "them"}, 3, [deltalake.Transaction("app", 1)]),
                        writer_properties=deltalake.WriterProperties(compression="ZSTD"),
                        post_commithook_properties=deltalake.PostCommitHookProperties(create_checkpoint=False))
        self.assertEqual(DeltaTable(path).history(1)[0]["who"], "them")
        self.assertEqual(pq.ParquetFile(f"{path}/{data_files(path).pop()}").metadata.row_group(0).column(0).compression, "ZSTD")

    def test_checkpoints_follow_unless_they_are_switched_off(self):
        checkpoints = lambda path: len(glob.glob(f"{path}/_delta_log/*.checkpoint*.parquet"))
        for hooks, expected in ((None, 1), (PostCommitHookProperties(create_checkpoint=False), 0), (PostCommitHookProperties(cleanup_expired_logs=False), 1),
                                (PostCommitHookProperties(cleanup_expired_logs=True), 1)):
            with self.subTest(hooks):
                path = self.new(configuration={"delta.checkpointInterval": "2"})
                for _ in range(2):
                    write_deltalake(path, ROWS, mode="append", post_commithook_properties=hooks)
                self.assertEqual(checkpoints(path), expected)
                self.assertEqual(len(theirs(path)), 9)

    # Parquet files.

    def column(self, path, name=1):
        return pq.ParquetFile(f"{path}/{data_files(path).pop()}").metadata.row_group(0).column(name)

    def test_writer_properties_are_honoured(self):
        rows = pa.table({"id": range(10000), "text": ["abc"] * 10000})
        for codec in ("SNAPPY", "ZSTD", "GZIP", "BROTLI", "UNCOMPRESSED"):
            with self.subTest(codec):
                path = self.new(rows, writer_properties=WriterProperties(compression=codec))
                self.assertEqual(self.column(path).compression, codec)
                self.assertEqual(len(theirs(path)), 10000)
        path = self.new(rows, writer_properties=WriterProperties(compression="ZSTD", compression_level=15, max_row_group_size=4096))
        self.assertEqual(pq.ParquetFile(f"{path}/{data_files(path).pop()}").metadata.num_row_groups, 3)
        plain = self.column(self.new(rows, writer_properties=WriterProperties(default_column_properties=ColumnProperties(dictionary_enabled=False))))
        self.assertNotIn("PLAIN_DICTIONARY", plain.encodings)
        path = self.new(pa.table({"id": range(200000)}), target_file_size=100000)
        self.assertGreater(len(data_files(path)), 1)

    def test_what_writer_properties_do_not_say_follows_the_table(self):
        for properties in (None, WriterProperties(max_row_group_size=4096)):
            path = self.new(configuration={"delta.parquet.compression.codec": "zstd"}, writer_properties=properties)
            self.assertEqual(self.column(path).compression, "ZSTD")

    def test_writer_properties_that_the_engine_cannot_do_are_refused_by_name(self):
        for name, properties in {
            "data_page_size_limit": WriterProperties(data_page_size_limit=1), "dictionary_page_size_limit": WriterProperties(dictionary_page_size_limit=1),
            "data_page_row_count_limit": WriterProperties(data_page_row_count_limit=1), "write_batch_size": WriterProperties(write_batch_size=1),
            "statistics_truncate_length": WriterProperties(statistics_truncate_length=1), "LZ4": WriterProperties(compression="LZ4"),
            "compression_level": WriterProperties(compression="GZIP", compression_level=3),
            "column_properties": WriterProperties(column_properties={"id": ColumnProperties()}),
            "encoding": WriterProperties(default_column_properties=ColumnProperties(encoding="PLAIN")),
            "statistics_enabled": WriterProperties(default_column_properties=ColumnProperties(statistics_enabled="PAGE")),
            "ndv": WriterProperties(default_column_properties=ColumnProperties(bloom_filter_properties=BloomFilterProperties(True, ndv=3))),
        }.items():
            with self.subTest(name), self.assertRaisesRegex(exceptions.UnsupportedError, name):
                self.new(writer_properties=properties)
        for wrong in (lambda: WriterProperties(compression="LZO"), lambda: WriterProperties(compression_level=3),
                      lambda: WriterProperties(compression="ZSTD", compression_level=23), lambda: BloomFilterProperties(True, fpp=1),
                      lambda: ColumnProperties(True, encoding="PLAIN")):
            with self.assertRaises(ValueError):
                wrong()

    def test_properties_are_shown_as_theirs(self):
        for name in ("WriterProperties", "ColumnProperties"):
            arguments = {"compression": "ZSTD"} if name == "WriterProperties" else {"dictionary_enabled": True}
            mine, other = getattr(deltic, name)(**arguments), getattr(deltalake, name)(**arguments)
            for attribute in vars(other):
                self.assertEqual(getattr(mine, attribute), getattr(other, attribute), attribute)

    # To and fro.

    def test_both_packages_write_to_one_table_in_turn(self):
        path = self.fresh()
        for turn in range(6):
            package = deltic if turn % 2 else deltalake
            package.write_deltalake(path, pa.table({"id": [turn], "kind": ["x"]}), mode="append")
        deltalake.DeltaTable(path).delete("id = 1")
        write_deltalake(path, pa.table({"id": [6], "kind": ["x"]}), mode="append")
        self.assertEqual([row["id"] for row in theirs(path)], [0, 2, 3, 4, 5, 6])
        self.assertEqual(DeltaTable(path).count(), 6)

    def test_rules_that_the_other_package_set_are_kept(self):
        path = self.fresh()
        deltalake.write_deltalake(path, pa.table({"id": pa.array([1], pa.int64())}))
        deltalake.DeltaTable(path).alter.add_constraint({"positive": "id > 0"})
        with self.assertRaisesRegex(exceptions.DeltaProtocolError, "positive"):
            write_deltalake(path, pa.table({"id": [-1]}), mode="append")
        write_deltalake(path, pa.table({"id": [2]}), mode="append")
        self.assertEqual(len(theirs(path)), 2)

    # create.

    def test_create_makes_an_empty_table(self):
        schema = deltic.Schema([deltic.Field("id", "long", nullable=False), deltic.Field("p", "string", metadata={"comment": "c"})])
        for columns in (schema, deltalake.Schema.from_json(schema.to_json()), schema.to_arrow(), "id bigint not null, p string comment 'c'"):
            path = self.fresh()
            table = DeltaTable.create(path, columns, partition_by="p", name="n", description="d", configuration={"delta.appendOnly": "true"})
            self.assertEqual((table.version(), table.count()), (0, 0))
            self.assertEqual(table.schema().to_json(), schema.to_json())
            other = deltalake.DeltaTable(path)
            self.assertEqual((other.metadata().name, other.metadata().partition_columns), ("n", ["p"]))
        with self.assertRaises(exceptions.AlreadyExistsError):
            DeltaTable.create(path, schema)
        self.assertEqual(DeltaTable.create(path, "x int", mode="ignore").schema().to_json(), schema.to_json())
        self.assertEqual(DeltaTable.create(path, "x int", mode="overwrite").version(), 1)
        self.assertEqual([field.name for field in deltalake.DeltaTable(path).schema().fields], ["x"])
        for wrong in (lambda: DeltaTable.create(self.fresh(), "x int", partition_by="y"), lambda: DeltaTable.create(self.fresh(), "x foo"),
                      lambda: DeltaTable.create(self.fresh(), "x int", configuration={"delta.nonsense": "1"}),
                      lambda: DeltaTable.create(self.fresh(), "x int", mode="maybe")):
            with self.assertRaises(ValueError):
                wrong()
        with self.assertWarns(DeprecationWarning):
            DeltaTable.create(self.fresh(), schema, "error", None, None, None, None, None, CommitProperties({"who": "me"}))

    # Files of others.

    def put(self, path, name, rows):
        os.makedirs(os.path.dirname(f"{path}/{name}"), exist_ok=True)
        pq.write_table(rows, f"{path}/{name}")
        return AddAction(name, os.path.getsize(f"{path}/{name}"), {}, 0, True, json.dumps({"numRecords": rows.num_rows}))

    def test_files_of_others_are_committed(self):
        path = self.new(pa.table({"id": pa.array([1], pa.int64())}))
        table = DeltaTable(path)
        action = self.put(path, "with space/x=1.parquet", pa.table({"id": pa.array([7, 8], pa.int64())}))
        table.create_write_transaction([action], "append", table.schema(), commit_properties=CommitProperties({"who": "me"}))
        self.assertEqual((table.version(), [row["id"] for row in theirs(path)]), (1, [1, 7, 8]))
        self.assertEqual(table.count(), 3)
        table.create_write_transaction([RemoveAction("with space/x=1.parquet", True, 5)], "append", table.schema())
        self.assertEqual([row["id"] for row in theirs(path)], [1])
        other = self.put(path, "y.parquet", pa.table({"id": pa.array([9], pa.int64())}))
        table.create_write_transaction([other], "overwrite", table.schema())
        self.assertEqual([row["id"] for row in theirs(path)], [9])
        for wrong, kind in (
            (lambda: table.create_write_transaction([AddAction("no.parquet", 1, {}, 0, True, "")], "append", table.schema()), exceptions.NotFoundError),
            (lambda: table.create_write_transaction([AddAction("y.parquet", 1, {}, 0, True, "")], "append", table.schema()), exceptions.InvalidArgumentError),
            (lambda: table.create_write_transaction([AddAction("../y", 1, {}, 0, True, "")], "append", table.schema()), exceptions.DeltaError),
            (lambda: table.create_write_transaction([RemoveAction("no.parquet", True, 5)], "append", table.schema()), exceptions.InvalidArgumentError),
            (lambda: table.create_write_transaction([], "append", deltic.Schema([deltic.Field("z", "long")])), exceptions.InvalidArgumentError),
            (lambda: table.create_write_transaction([], "merge", table.schema()), ValueError)):
            with self.assertRaises(kind):
                wrong()
        self.assertEqual(table.version(), 3)

    def test_partitions_of_files_are_replaced(self):
        path = self.new(partition_by="kind")
        table = DeltaTable(path)
        action = self.put(path, "kind=a/n.parquet", pa.table({"id": pa.array([7], pa.int64())}))
        action.partition_values = {"kind": "a"}
        table.create_write_transaction([action], "overwrite", table.schema(), "kind", [("kind", "=", "a")])
        self.assertEqual([row["id"] for row in theirs(path)], [2, 3, 7])

    def test_a_table_is_made_of_files(self):
        path = self.fresh()
        action = self.put(path, "a.parquet", pa.table({"id": pa.array([7], pa.int64())}))
        create_table_with_add_actions(path, deltic.Schema([deltic.Field("id", "long")]), [action], name="n")
        self.assertEqual((theirs(path), DeltaTable(path).metadata().name), ([{"id": 7}], "n"))
        with self.assertRaises(exceptions.AlreadyExistsError):
            create_table_with_add_actions(path, deltic.Schema([deltic.Field("id", "long")]), [action])

    def test_a_folder_without_files_cannot_be_converted(self):
        with self.assertRaisesRegex(exceptions.NotFoundError, "no Parquet file"):
            deltic.convert_to_deltalake(self.fresh())


if __name__ == "__main__":
    unittest.main()
