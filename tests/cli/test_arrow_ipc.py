"""Owns the proof that the Arrow IPC writer of apps/cli writes what pyarrow reads back as equal: every type, nulls,
slices at every offset. Needs the test library that the build makes (env ARROW_IPC_TEST_LIBRARY, default
build/release/lib/libarrow_ipc_ctypes.so). Does not run the program; test_cli.py does.
"""
import ctypes
import datetime
import decimal
import os
import pathlib
import random
import tempfile
import unittest

import pyarrow as pa
import pyarrow.ipc

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = pathlib.Path(
    os.environ.get("ARROW_IPC_TEST_LIBRARY", ROOT / "build/release/lib/libarrow_ipc_ctypes.so"))
UNSUPPORTED = 5


def long_text(i):
    return f"value {i} that is longer than a view holds inline"


def every_type(n):
    """One array of each type with a null in every third place."""
    def holes(values):
        return [None if i % 3 == 1 else v for i, v in enumerate(values)]

    at = [datetime.datetime(2024, 2, 29, 12, 0, i % 60, 123456) for i in range(n)]
    arrays = {"null": pa.nulls(n)}
    arrays["bool"] = pa.array(holes([i % 5 < 2 for i in range(n)]))
    for t in (pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64(),
              pa.float32(), pa.float64()):
        arrays[str(t)] = pa.array(holes([i % 120 for i in range(n)]), t)
    for t in (pa.string(), pa.large_string(), pa.string_view()):
        arrays[str(t)] = pa.array(holes([long_text(i) * (i % 2) for i in range(n)]), t)
    for t in (pa.binary(), pa.large_binary(), pa.binary_view()):
        arrays[str(t)] = pa.array(holes([bytes([i % 256] * (i % 40)) for i in range(n)]), t)
    arrays["fixed"] = pa.array(holes([bytes([i % 256] * 7) for i in range(n)]), pa.binary(7))
    for t in (pa.decimal128(10, 2), pa.decimal256(60, 3), pa.decimal128(38, 0)):
        arrays[str(t)] = pa.array(holes([decimal.Decimal(i) for i in range(n)]), t)
    if hasattr(pa, "decimal32"):
        arrays["d32"] = pa.array(holes([decimal.Decimal(i) for i in range(n)]), pa.decimal32(9, 1))
        arrays["d64"] = pa.array(holes([decimal.Decimal(i) for i in range(n)]), pa.decimal64(18, 2))
    arrays["date32"] = pa.array(holes([a.date() for a in at]), pa.date32())
    arrays["date64"] = pa.array(holes([a.date() for a in at]), pa.date64())
    for unit in ("s", "ms", "us", "ns"):
        arrays["ts" + unit] = pa.array(holes([i * 1000 for i in range(n)]), pa.timestamp(unit))
        arrays["duration" + unit] = pa.array(holes([i * 1000 for i in range(n)]), pa.duration(unit))
    arrays["tsutc"] = pa.array(holes(at), pa.timestamp("us", "UTC"))
    arrays["time32s"] = pa.array(holes(list(range(n))), pa.time32("s"))
    arrays["time32ms"] = pa.array(holes(list(range(n))), pa.time32("ms"))
    arrays["time64us"] = pa.array(holes(list(range(n))), pa.time64("us"))
    arrays["time64ns"] = pa.array(holes([i * 1000 for i in range(n)]), pa.time64("ns"))
    arrays["interval"] = pa.array(holes([pa.MonthDayNano([i, i, i]) for i in range(n)]))
    lists = holes([[None if j == 1 else j for j in range(i % 4)] for i in range(n)])
    arrays["list"] = pa.array(lists, pa.list_(pa.int32()))
    arrays["large_list"] = pa.array(lists, pa.large_list(pa.int32()))
    arrays["fixed_list"] = pa.array(holes([[i, None, i] for i in range(n)]), pa.list_(pa.int16(), 3))
    arrays["struct"] = pa.array(holes([{"a": i, "b": long_text(i), "c": [True] * (i % 3)} for i in range(n)]),
                                pa.struct([("a", pa.int64()), ("b", pa.string()), ("c", pa.list_(pa.bool_()))]))
    arrays["map"] = pa.array(holes([[(str(j), j) for j in range(i % 3)] for i in range(n)]),
                             pa.map_(pa.string(), pa.float64()))
    arrays["deep"] = pa.array(holes([[{"m": [("k", [b"x" * i])], "s": {"t": i}}] * (i % 3) for i in range(n)]),
                              pa.list_(pa.struct([("m", pa.map_(pa.string(), pa.list_(pa.binary()))),
                                                  ("s", pa.struct([("t", pa.int32())]))])))
    return pa.table(arrays)


@unittest.skipUnless(LIBRARY.exists(), f"{LIBRARY} is not built")
class ArrowIpc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.library = ctypes.CDLL(str(LIBRARY))

    def write(self, schema, batches, as_file, path):
        from pyarrow.cffi import ffi
        reader = pa.RecordBatchReader.from_batches(schema, batches)
        stream = ffi.new("struct ArrowArrayStream*")
        address = int(ffi.cast("uintptr_t", stream))
        reader._export_to_c(address)
        error = ctypes.create_string_buffer(1000)
        code = self.library.deltic_test_write_ipc(ctypes.c_void_p(address), int(as_file), str(path).encode(), error)
        return code, error.value.decode()

    def check(self, schema, batches):
        for as_file in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "t.arrow"
                self.assertEqual(self.write(schema, batches, as_file, path), (0, ""))
                with pa.OSFile(str(path)) as source:
                    reader = pa.ipc.open_file(source) if as_file else pa.ipc.open_stream(source)
                    back = reader.read_all()
                back.validate(full=True)
                self.assertTrue(back.schema.equals(schema, check_metadata=True), f"{back.schema}\n{schema}")
                want = pa.Table.from_batches(batches, schema)
                for name in schema.names:
                    self.assertEqual(back[name].to_pylist(), want[name].to_pylist(), name)

    def test_every_type_comes_back_equal(self):
        table = every_type(100)
        self.check(table.schema, table.to_batches())

    def test_slices_at_any_offset_come_back_equal(self):
        batch = every_type(100).combine_chunks().to_batches()[0]
        for start in (*range(1, 18), 63, 64, 65, 99):
            for length in (0, 1, 7, 8, 9, 100):
                self.check(batch.schema, [batch.slice(start, length)])

    def test_slices_of_slices_inside_structs_and_lists_come_back_equal(self):
        inner = pa.array([None if i % 4 == 0 else i for i in range(50)], pa.int32()).slice(3, 40)
        flags = pa.array([i % 3 == 0 for i in range(60)]).slice(5, 40)
        struct = pa.StructArray.from_arrays([inner, flags], ["i", "f"], mask=pa.array([i % 5 == 0 for i in range(40)]))
        offsets = pa.array([0, 2, 2, 10, 31], pa.int32())
        lists = pa.ListArray.from_arrays(offsets, struct.slice(6, 31))
        fixed = pa.FixedSizeListArray.from_arrays(struct.slice(1, 36), 4)
        for start in range(4):
            self.check(pa.schema([("s", struct.type)]), [pa.record_batch([struct.slice(start, 20)], ["s"])])
            self.check(pa.schema([("l", lists.type)]), [pa.record_batch([lists.slice(start)], ["l"])])
            self.check(pa.schema([("x", fixed.type)]), [pa.record_batch([fixed.slice(start)], ["x"])])

    def test_random_nested_tables_come_back_equal(self):
        rng = random.Random(7)

        def make_type(depth):
            if depth == 0 or rng.random() < 0.4:
                return rng.choice([pa.int8(), pa.bool_(), pa.string(), pa.float64(), pa.null(), pa.large_binary()])
            kind = rng.randrange(5)
            if kind == 0:
                return pa.struct([(f"f{i}", make_type(depth - 1)) for i in range(rng.randrange(4))])
            if kind == 1:
                return pa.map_(pa.string(), make_type(depth - 1))
            return [pa.list_, pa.large_list, lambda t: pa.list_(t, 2)][kind - 2](make_type(depth - 1))

        def make_value(t):
            if rng.random() < 0.2 or pa.types.is_null(t):
                return None
            if pa.types.is_struct(t):
                return {f.name: make_value(f.type) for f in t}
            if pa.types.is_map(t):
                return [(str(i), make_value(t.item_type)) for i in range(rng.randrange(3))]
            if pa.types.is_fixed_size_list(t):
                return [make_value(t.value_type) for _ in range(2)]
            if hasattr(t, "value_type"):
                return [make_value(t.value_type) for _ in range(rng.randrange(4))]
            return {"int8": lambda: rng.randrange(-128, 128), "bool": lambda: rng.random() < 0.5,
                    "string": lambda: "ü" * rng.randrange(9), "double": rng.random,
                    "large_binary": lambda: bytes(rng.randrange(5))}[str(t)]()

        for _ in range(40):
            t = make_type(3)
            batch = pa.record_batch([pa.array([make_value(t) for _ in range(30)], t)], ["c"])
            start = rng.randrange(30)
            self.check(batch.schema, [batch, batch.slice(start, rng.randrange(31 - start))])

    def test_no_rows_no_batches_and_no_columns(self):
        table = every_type(3)
        self.check(table.schema, [])
        self.check(table.schema, table.slice(0, 0).to_batches())
        self.check(pa.schema([]), [])

    def test_metadata_nullability_and_wide_schemas_come_back(self):
        fields = [pa.field(f"c{i}", pa.int32(), nullable=i % 2 == 0, metadata={"k": f"v{i}", "e": ""}) for i in range(500)]
        schema = pa.schema(fields, metadata={"table": "ä", "empty": ""})
        batch = pa.record_batch([pa.array([1, 2, 3], pa.int32())] * 500, schema=schema)
        self.check(schema, [batch, batch])

    def test_a_mapped_file_has_aligned_buffers(self):
        table = every_type(10)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "t.arrow"
            self.write(table.schema, table.to_batches(), True, path)
            with pa.memory_map(str(path)) as source:
                back = pa.ipc.open_file(source).read_all()
                for column in back.columns:
                    for buffer in column.chunk(0).buffers():
                        if buffer is not None and buffer.size:
                            self.assertEqual(buffer.address % 64, 0)

    def test_types_without_an_encoding_are_refused_by_name(self):
        dictionary = pa.array(["a", "b"]).dictionary_encode()
        union = pa.UnionArray.from_sparse(pa.array([0, 0], pa.int8()), [pa.array([1, 2])])
        run_end = pa.RunEndEncodedArray.from_arrays([2], [7])
        for array in (dictionary, union, run_end):
            struct = pa.StructArray.from_arrays([array], ["inner"])
            batch = pa.record_batch([struct], ["outer"])
            with tempfile.TemporaryDirectory() as folder:
                code, message = self.write(batch.schema, [batch], True, pathlib.Path(folder) / "t.arrow")
            self.assertEqual(code, UNSUPPORTED, message)
            self.assertIn("outer.inner", message)


if __name__ == "__main__":
    unittest.main()
