"""Proves that the types have the JSON, the Arrow forms and the text of those of the package deltalake."""
import copy
import unittest

import deltalake.schema as theirs
import deltic.schema as ours
import pyarrow as pa


def build(s):
    return s.Schema([
        s.Field("id", "long", nullable=False),
        s.Field("price", s.PrimitiveType("decimal(10,2)"), metadata={"comment": "in euro"}),
        s.Field("tags", s.ArrayType("string", contains_null=False)),
        s.Field("counts", s.MapType("string", s.ArrayType(s.StructType([s.Field("x", "integer")])), value_contains_null=False)),
        s.Field("place", s.StructType([s.Field("at", "timestamp"), s.Field("local", "timestamp_ntz"), s.Field("b", "binary")])),
        s.Field("v", s.VariantType()),
    ])


class Schema(unittest.TestCase):
    def test_json_text_and_arrow_are_those_of_deltalake(self):
        mine, other = build(ours), build(theirs)
        self.assertEqual(mine.to_json(), other.to_json())
        self.assertEqual(repr(mine), repr(other))
        self.assertEqual(pa.schema(mine), pa.schema(other))
        for large in (False, True):
            for a, b in zip(pa.schema(mine.to_arrow(large)), pa.schema(other.to_arrow(large))):
                self.assertTrue(a.equals(b, check_metadata=True), f"{a} {b}")
        for a, b in zip(mine.fields, other.fields):
            self.assertEqual((a.name, a.nullable, a.metadata, a.type.type, repr(a), a.to_json()), (b.name, b.nullable, b.metadata, b.type.type, repr(b), b.to_json()))

    def test_json_round_trips(self):
        schema = build(ours)
        self.assertEqual(ours.Schema.from_json(schema.to_json()), schema)
        for field in schema.fields:
            self.assertEqual(ours.Field.from_json(field.to_json()), field)
            if hasattr(field.type, "from_json"):
                self.assertEqual(type(field.type).from_json(field.type.to_json()), field.type)
        self.assertEqual(ours.Field("a", "integer", metadata={"x": {"y": 1}}).to_json(), '{"name":"a","type":"integer","nullable":true,"metadata":{"x":{"y":1}}}')

    def test_arrow_types_become_delta_types_as_in_deltalake(self):
        for arrow in (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary(4), pa.int8(), pa.int16(), pa.int32(),
                      pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(), pa.float32(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us"),
                      pa.timestamp("us", "UTC"), pa.decimal128(5, 2), pa.decimal128(38, 0), pa.dictionary(pa.int32(), pa.string()), pa.list_(pa.int8()),
                      pa.large_list(pa.field("x", pa.string(), nullable=False)), pa.list_(pa.int8(), 3), pa.struct([("a", pa.int8())]),
                      pa.map_(pa.string(), pa.list_(pa.int64()))):
            schema = pa.schema([pa.field("c", arrow, nullable=False)])
            self.assertEqual(ours.Schema.from_arrow(schema).to_json(), theirs.Schema.from_arrow(schema).to_json(), str(arrow))
            self.assertEqual(ours.Field.from_arrow(schema.field(0)).to_json(), theirs.Field.from_arrow(schema.field(0)).to_json())

    def test_arrow_round_trips(self):
        schema = ours.Schema([field for field in build(ours).fields if field.name != "v"])
        self.assertEqual(ours.Schema.from_arrow(schema.to_arrow()), schema)
        self.assertEqual(ours.Schema.from_arrow(schema.to_arrow(as_large_types=True)), schema)
        self.assertEqual(ours.MapType.from_arrow(schema.fields[3].type.to_arrow()), schema.fields[3].type)
        self.assertEqual(ours.Field.from_arrow(pa.field("a", pa.int32(), metadata={"k": "v"})).metadata, {"k": "v"})

    def test_what_is_no_type_is_refused(self):
        for wrong in ("foo", "decimal(39,1)", "decimal(3,4)", "Integer", ""):
            with self.assertRaises(ValueError):
                ours.PrimitiveType(wrong)
        for wrong in ("{", "[]", '{"type":"struct"}', '{"type":"array","elementType":"integer"}', '{"type":"what"}', '"integer"', "null"):
            with self.assertRaises(ValueError):
                ours.Schema.from_json(wrong)
        for call in (lambda: ours.PrimitiveType.from_arrow(pa.list_(pa.int8())), lambda: ours.ArrayType.from_arrow(pa.int8()), lambda: ours.MapType.from_arrow(pa.int8()),
                     lambda: ours.StructType.from_arrow(pa.int8()), lambda: ours.Field("a", 3), lambda: ours.Schema.from_arrow(pa.schema([("t", pa.time32("s"))])),
                     lambda: hash(ours.PrimitiveType("integer"))):
            with self.assertRaises(TypeError):
                call()

    def test_types_are_equal_by_value(self):
        self.assertEqual(build(ours), build(ours))
        self.assertEqual(copy.deepcopy(build(ours)), build(ours))
        self.assertNotEqual(ours.Field("a", "integer"), ours.Field("a", "integer", nullable=False))
        self.assertNotEqual(ours.PrimitiveType("integer"), "integer")

    def test_invariants_are_told(self):
        text = '{"expression":{"expression":"id > 0"}}'
        self.assertEqual(ours.Schema([ours.Field("id", "long", metadata={"delta.invariants": text})]).invariants, [("id", "id > 0")])
        self.assertEqual(build(ours).invariants, [])


if __name__ == "__main__":
    unittest.main()
