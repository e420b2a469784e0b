"""Delta's types: their JSON as the protocol writes it ("Schema Serialization Format") and their Arrow forms. Values: two that
are written alike are equal. Reads no table."""

from __future__ import annotations

import json
import re
from typing import Any, Union, cast

from arro3.core import DataType as ArrowDataType
from arro3.core import Field as ArrowField
from arro3.core import Schema as ArrowSchema
from arro3.core.types import ArrowSchemaExportable

from deltic import _deltic

__all__ = [
    "ArrayType",
    "DataType",
    "Field",
    "MapType",
    "PrimitiveType",
    "Schema",
    "StructType",
    "VariantType",
]

_PRIMITIVES = (
    "string",
    "long",
    "integer",
    "short",
    "byte",
    "float",
    "double",
    "boolean",
    "binary",
    "date",
    "timestamp",
    "timestamp_ntz",
    "void",
)
_VARIANT_EXTENSIONS = ("arrow.parquet.variant", "parquet.variant")
_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")


class _Value:
    """What all types share: a JSON form that makes them equal, and the Arrow PyCapsule interface."""

    # As in the package deltalake: types are compared, not used as keys.
    __hash__ = None  # type: ignore[assignment]

    def _value(self) -> Any:
        raise NotImplementedError

    def to_json(self) -> str:
        """The JSON of the type as Delta's log has it."""
        return json.dumps(self._value(), separators=(",", ":"), ensure_ascii=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Value) and self._value() == other._value()


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error}") from None


def _type_from(value: Any) -> DataType:
    """The type that parsed JSON describes."""
    if isinstance(value, str):
        return VariantType() if value == "variant" else PrimitiveType(value)
    kind = value.get("type") if isinstance(value, dict) else None
    try:
        if kind == "struct":
            return StructType([_field_from(field) for field in value["fields"]])
        if kind == "array":
            return ArrayType(_type_from(value["elementType"]), contains_null=bool(value["containsNull"]))
        if kind == "map":
            return MapType(
                _type_from(value["keyType"]),
                _type_from(value["valueType"]),
                value_contains_null=bool(value["valueContainsNull"]),
            )
    except KeyError as error:
        raise ValueError(f"a type of kind {kind!r} lacks {error}: {json.dumps(value)}") from None
    raise ValueError(f"this is no Delta type: {json.dumps(value)}")


def _field_from(value: Any) -> Field:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or "type" not in value:
        raise ValueError(f"this is no Delta field: {json.dumps(value)}")
    return Field(
        value["name"],
        _type_from(value["type"]),
        nullable=bool(value.get("nullable", True)),
        metadata=value.get("metadata") or {},
    )


def _json_of(data_type: DataType) -> Any:
    return data_type._value()


def _checked(data_type: DataType | str) -> DataType:
    if isinstance(data_type, str):
        return _type_from(data_type)
    if isinstance(data_type, (PrimitiveType, ArrayType, MapType, StructType, VariantType)):
        return data_type
    raise TypeError(f"a Delta type, or the name of a primitive one, is needed, not {type(data_type).__name__}")


class PrimitiveType(_Value):
    """A type without parts: ``string``, ``long``, ``integer``, ``short``, ``byte``, ``float``, ``double``, ``boolean``,
    ``binary``, ``date``, ``timestamp``, ``timestamp_ntz`` or ``decimal(precision,scale)``."""

    type: str
    """The type's name."""

    def __init__(self, data_type: str) -> None:
        decimal = _DECIMAL.fullmatch(data_type)
        if decimal is not None:
            precision, scale = int(decimal[1]), int(decimal[2])
            if not 1 <= precision <= 38 or scale > precision:
                raise ValueError(f"invalid type string: {data_type} (precision is 1 to 38, scale at most the precision)")
            data_type = f"decimal({precision},{scale})"
        elif data_type == "decimal":
            data_type = "decimal(10,0)"
        elif data_type not in _PRIMITIVES:
            raise ValueError(f"invalid type string: {data_type}")
        self.type = data_type

    def _value(self) -> Any:
        return self.type

    @staticmethod
    def from_json(json: str) -> PrimitiveType:
        """The type of a JSON string such as ``'"integer"'``."""
        value = _read_json(json)
        if not isinstance(value, str):
            raise ValueError(f"a primitive type is a JSON string, not {json}")
        return PrimitiveType(value)

    def to_arrow(self) -> ArrowDataType:
        """The same type as an arro3 data type."""
        return _arrow_type(self, False)

    @staticmethod
    def from_arrow(type: ArrowSchemaExportable) -> PrimitiveType:
        """The Delta type of an Arrow type; TypeError for one with parts."""
        found = _type_of(type)
        if not isinstance(found, PrimitiveType):
            raise TypeError("Type is not primitive")
        return found

    def __arrow_c_schema__(self) -> object:
        return self.to_arrow().__arrow_c_schema__()

    def __repr__(self) -> str:
        return f'PrimitiveType("{self.type}")'


class VariantType(_Value):
    """A value of any shape. Comes as JSON text when rows are read."""

    type: str

    def __init__(self) -> None:
        self.type = "variant"

    def _value(self) -> Any:
        return "variant"

    @staticmethod
    def from_json(json: str) -> VariantType:
        """The type of the JSON string ``'"variant"'``; TypeError for another type."""
        if not isinstance(_type_from(_read_json(json)), VariantType):
            raise TypeError("Type is not variant")
        return VariantType()

    def to_arrow(self) -> ArrowDataType:
        """The physical form: a struct of two binary values."""
        return _arrow_type(self, False)

    @staticmethod
    def from_arrow(type: ArrowSchemaExportable) -> VariantType:
        """The type of an Arrow field that is marked as a variant (the extension ``arrow.parquet.variant``); TypeError for
        another: a struct of two binary values alone may be anything."""
        if _described(type)[3].get("ARROW:extension:name") not in _VARIANT_EXTENSIONS:
            raise TypeError("Type is not variant")
        return VariantType()

    def __arrow_c_schema__(self) -> object:
        return self.to_arrow().__arrow_c_schema__()

    def __repr__(self) -> str:
        return "VariantType()"


class ArrayType(_Value):
    """A list of values of one type."""

    type: str
    element_type: DataType
    """The type of the elements."""
    contains_null: bool
    """Whether elements may be null."""

    def __init__(self, element_type: DataType | str, *, contains_null: bool = True) -> None:
        self.type = "array"
        self.element_type = _checked(element_type)
        self.contains_null = contains_null

    def _value(self) -> Any:
        return {"type": "array", "elementType": _json_of(self.element_type), "containsNull": self.contains_null}

    @staticmethod
    def from_json(json: str) -> ArrayType:
        """The type of JSON such as ``{"type":"array","elementType":"integer","containsNull":true}``."""
        found = _type_from(_read_json(json))
        if not isinstance(found, ArrayType):
            raise ValueError(f"this is no array type: {json}")
        return found

    def to_arrow(self) -> ArrowDataType:
        """The same type as an arro3 data type."""
        return _arrow_type(self, False)

    @staticmethod
    def from_arrow(type: ArrowSchemaExportable) -> ArrayType:
        """The Delta type of an Arrow list type; TypeError for another."""
        found = _type_of(type)
        if not isinstance(found, ArrayType):
            raise TypeError("Type is not an array")
        return found

    def __arrow_c_schema__(self) -> object:
        return self.to_arrow().__arrow_c_schema__()

    def __repr__(self) -> str:
        return f"ArrayType({self.element_type!r}, contains_null={self.contains_null})"


class MapType(_Value):
    """Keys and values."""

    type: str
    key_type: DataType
    """The type of the keys, which are never null."""
    value_type: DataType
    """The type of the values."""
    value_contains_null: bool
    """Whether values may be null."""

    def __init__(
        self, key_type: DataType | str, value_type: DataType | str, *, value_contains_null: bool = True
    ) -> None:
        self.type = "map"
        self.key_type = _checked(key_type)
        self.value_type = _checked(value_type)
        self.value_contains_null = value_contains_null

    def _value(self) -> Any:
        return {
            "type": "map",
            "keyType": _json_of(self.key_type),
            "valueType": _json_of(self.value_type),
            "valueContainsNull": self.value_contains_null,
        }

    @staticmethod
    def from_json(json: str) -> MapType:
        """The type of JSON such as ``{"type":"map","keyType":"string","valueType":"long","valueContainsNull":true}``."""
        found = _type_from(_read_json(json))
        if not isinstance(found, MapType):
            raise ValueError(f"this is no map type: {json}")
        return found

    def to_arrow(self) -> ArrowDataType:
        """The same type as an arro3 data type."""
        return _arrow_type(self, False)

    @staticmethod
    def from_arrow(type: ArrowSchemaExportable) -> MapType:
        """The Delta type of an Arrow map type; TypeError for another."""
        found = _type_of(type)
        if not isinstance(found, MapType):
            raise TypeError("Type is not a map")
        return found

    def __arrow_c_schema__(self) -> object:
        return self.to_arrow().__arrow_c_schema__()

    def __repr__(self) -> str:
        return f"MapType({self.key_type!r}, {self.value_type!r}, value_contains_null={self.value_contains_null})"


class Field(_Value):
    """A named column of a struct or a table: ``Field("id", "long", nullable=False)``."""

    name: str
    """The name."""
    type: DataType
    """The type."""
    nullable: bool
    """Whether values may be null."""
    metadata: dict[str, Any]
    """What else the schema says of it: JSON values by name."""

    def __init__(
        self,
        name: str,
        type: DataType | str,
        *,
        nullable: bool = True,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.type = _checked(type)
        self.nullable = nullable
        self.metadata = dict(metadata or {})

    def _value(self) -> Any:
        return {
            "name": self.name,
            "type": _json_of(self.type),
            "nullable": self.nullable,
            "metadata": self.metadata,
        }

    @staticmethod
    def from_json(json: str) -> Field:
        """The field of JSON such as ``{"name":"id","type":"long","nullable":true,"metadata":{}}``."""
        return _field_from(_read_json(json))

    def to_arrow(self) -> ArrowField:
        """The same field as an arro3 field."""
        return _arrow_field(self, False)

    @staticmethod
    def from_arrow(field: ArrowSchemaExportable) -> Field:
        """The Delta field of an Arrow field."""
        return _field_of(_described(field))

    def __arrow_c_schema__(self) -> object:
        return self.to_arrow().__arrow_c_schema__()

    def __repr__(self) -> str:
        metadata = f", metadata={self.metadata}" if self.metadata else ""
        return f"Field({self.name}, {self.type!r}, nullable={self.nullable}{metadata})"


class StructType(_Value):
    """Fields in an order: ``StructType([Field("x", "integer"), Field("y", "string")])``."""

    type: str
    fields: list[Field]
    """The fields."""

    def __init__(self, fields: list[Field]) -> None:
        self.type = "struct"
        self.fields = list(fields)

    def _value(self) -> Any:
        return {"type": "struct", "fields": [field._value() for field in self.fields]}

    @staticmethod
    def from_json(json: str) -> StructType:
        """The type of JSON such as ``{"type":"struct","fields":[...]}``."""
        found = _type_from(_read_json(json))
        if not isinstance(found, StructType):
            raise ValueError(f"this is no struct type: {json}")
        return found

    def to_arrow(self) -> ArrowDataType:
        """The same type as an arro3 data type."""
        return _arrow_type(self, False)

    @staticmethod
    def from_arrow(type: ArrowSchemaExportable) -> StructType:
        """The Delta type of an Arrow struct type; TypeError for another."""
        found = _type_of(type)
        if not isinstance(found, StructType):
            raise TypeError("Type is not a struct")
        return found

    def __arrow_c_schema__(self) -> object:
        return self.to_arrow().__arrow_c_schema__()

    def __repr__(self) -> str:
        return f"{type(self).__name__}([{', '.join(map(repr, self.fields))}])"


class Schema(StructType):
    """A table's columns. The same as a struct, and with the same JSON."""

    @property
    def invariants(self) -> list[tuple[str, str]]:
        """The columns' invariants (``delta.invariants``): path of the field, and the SQL that must hold."""
        found: list[tuple[str, str]] = []
        for field in self.fields:
            text = field.metadata.get("delta.invariants")
            if text is None:
                continue
            try:
                expression = json.loads(text)["expression"]["expression"]
            except (ValueError, KeyError, TypeError):
                expression = str(text)
            found.append((field.name, expression))
        return found

    def json(self) -> dict[str, Any]:
        """The schema's JSON, parsed."""
        value: dict[str, Any] = self._value()
        return value

    @staticmethod
    def from_json(json: str) -> Schema:
        """The schema of a table's ``schemaString``."""
        return Schema(StructType.from_json(json).fields)

    def to_arrow(self, as_large_types: bool = False) -> ArrowSchema:  # type: ignore[override]
        """The same as an arro3 schema; with 64-bit lengths of strings, binaries and lists if ``as_large_types``."""
        return ArrowSchema([_arrow_field(field, as_large_types) for field in self.fields])

    @staticmethod
    def from_arrow(type: ArrowSchemaExportable) -> Schema:
        """The Delta schema of an Arrow schema; TypeError for a type that Delta has not."""
        description = _described(type)
        if description[0] != "+s":
            raise TypeError("an Arrow schema is needed")
        return Schema([_field_of(child) for child in description[4]])


DataType = Union[PrimitiveType, MapType, StructType, ArrayType, VariantType]


def _arrow_type(data_type: DataType, large: bool) -> ArrowDataType:
    if isinstance(data_type, ArrayType):
        element = ArrowField("element", _arrow_type(data_type.element_type, large), nullable=data_type.contains_null)
        return ArrowDataType.large_list(element) if large else ArrowDataType.list(element)
    if isinstance(data_type, MapType):
        key = ArrowField("key", _arrow_type(data_type.key_type, large), nullable=False)
        value = ArrowField("value", _arrow_type(data_type.value_type, large), nullable=data_type.value_contains_null)
        return ArrowDataType.map(key, value, False)
    if isinstance(data_type, StructType):
        return ArrowDataType.struct([_arrow_field(field, large) for field in data_type.fields])
    if isinstance(data_type, VariantType):
        binary = ArrowDataType.large_binary() if large else ArrowDataType.binary()
        return ArrowDataType.struct(
            [ArrowField("metadata", binary, nullable=False), ArrowField("value", binary, nullable=False)]
        )
    name = data_type.type
    decimal = _DECIMAL.fullmatch(name)
    if decimal is not None:
        return ArrowDataType.decimal128(int(decimal[1]), int(decimal[2]))
    if name == "string":
        return ArrowDataType.large_string() if large else ArrowDataType.string()
    if name == "binary":
        return ArrowDataType.large_binary() if large else ArrowDataType.binary()
    if name == "timestamp":
        return ArrowDataType.timestamp("us", tz="UTC")
    if name == "timestamp_ntz":
        return ArrowDataType.timestamp("us")
    return {
        "long": ArrowDataType.int64,
        "integer": ArrowDataType.int32,
        "short": ArrowDataType.int16,
        "byte": ArrowDataType.int8,
        "float": ArrowDataType.float32,
        "double": ArrowDataType.float64,
        "boolean": ArrowDataType.bool,
        "date": ArrowDataType.date32,
        "void": ArrowDataType.null,
    }[name]()


def _arrow_field(field: Field, large: bool) -> ArrowField:
    metadata = {
        key: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        for key, value in field.metadata.items()
    }
    return ArrowField(
        field.name, _arrow_type(field.type, large), nullable=field.nullable, metadata=cast(Any, metadata) or None
    )


# Arrow's formats ("The Arrow C data interface", "Data type description") of what Delta has too. Delta knows no unsigned
# numbers: they keep their width, as in the package deltalake.
_FORMATS = {
    "n": "void",
    "b": "boolean",
    "c": "byte",
    "C": "byte",
    "s": "short",
    "S": "short",
    "i": "integer",
    "I": "integer",
    "l": "long",
    "L": "long",
    "e": "float",
    "f": "float",
    "g": "double",
    "z": "binary",
    "Z": "binary",
    "vz": "binary",
    "u": "string",
    "U": "string",
    "vu": "string",
    "tdD": "date",
    "tdm": "date",
}
_LISTS = ("+l", "+L", "+vl", "+vL")


def _described(exported: ArrowSchemaExportable) -> Any:
    return _deltic.describe_schema(exported.__arrow_c_schema__())


def _type_of(exported: ArrowSchemaExportable) -> DataType:
    return _from_description(_described(exported))


def _field_of(description: Any) -> Field:
    _, name, nullable, metadata, _, _ = description
    return Field(name, _from_description(description), nullable=nullable, metadata=metadata)


def _from_description(description: Any) -> DataType:
    form, _, _, _, children, dictionary = description
    if dictionary is not None:
        return _from_description(dictionary)
    if form in _FORMATS:
        return PrimitiveType(_FORMATS[form])
    if form == "+s":
        return StructType([_field_of(child) for child in children])
    if form == "+m":
        key, value = children[0][4]
        return MapType(_from_description(key), _from_description(value), value_contains_null=value[2])
    if form in _LISTS or form.startswith("+w:"):
        return ArrayType(_from_description(children[0]), contains_null=children[0][2])
    if form.startswith("w:"):
        return PrimitiveType("binary")
    if form.startswith("ts"):
        # A zone is only how a moment is shown: Delta keeps the moment.
        return PrimitiveType("timestamp_ntz" if form.endswith(":") else "timestamp")
    if form.startswith("d:"):
        precision, scale, *width = (int(part) for part in form[2:].split(","))
        if 0 <= scale <= precision <= 38:
            return PrimitiveType(f"decimal({precision},{scale})")
    raise TypeError(f"Delta has no type like Arrow's {form!r}")
