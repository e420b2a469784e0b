"""How Parquet files are written. The names are those of the module ``deltalake.writer.properties``; what deltic's Parquet
writer cannot do is refused by name when it is asked for, never ignored."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal

from deltic.exceptions import UnsupportedError

__all__ = ["BloomFilterProperties", "ColumnProperties", "Compression", "Encoding", "WriterProperties"]


class Compression(Enum):
    """The compressions that have names in Parquet."""

    UNCOMPRESSED = "UNCOMPRESSED"
    SNAPPY = "SNAPPY"
    GZIP = "GZIP"
    BROTLI = "BROTLI"
    LZ4 = "LZ4"
    ZSTD = "ZSTD"
    LZ4_RAW = "LZ4_RAW"

    @classmethod
    def from_str(cls, value: str) -> Compression:
        """The compression of a name, whatever its case; ValueError for none."""
        try:
            return cls(value.upper())
        except ValueError:
            raise ValueError(
                f"{value} is not a valid Compression. Valid values are: {[item.value for item in Compression]}"
            ) from None

    def _levels(self) -> tuple[int, int, int]:
        known = {Compression.GZIP: (0, 10, 6), Compression.BROTLI: (0, 11, 1), Compression.ZSTD: (1, 22, 1)}
        if self not in known:
            raise KeyError(f"{self.value} does not have a compression level.")
        return known[self]

    def get_level_range(self) -> tuple[int, int]:
        """The smallest and the largest level; KeyError for a compression without levels."""
        return self._levels()[:2]

    def get_default_level(self) -> int:
        """The level that is meant when none is given; KeyError for a compression without levels."""
        return self._levels()[2]

    def check_valid_level(self, level: int) -> bool:
        """True; ValueError for a level that the compression does not have."""
        lowest, highest = self.get_level_range()
        if not lowest <= level <= highest:
            raise ValueError(f"Compression level for {self.value} should fall between {lowest}-{highest}")
        return True


class Encoding(Enum):
    """The encodings that have names in Parquet."""

    PLAIN = "PLAIN"
    RLE = "RLE"
    DELTA_BINARY_PACKED = "DELTA_BINARY_PACKED"
    DELTA_LENGTH_BYTE_ARRAY = "DELTA_LENGTH_BYTE_ARRAY"
    DELTA_BYTE_ARRAY = "DELTA_BYTE_ARRAY"
    BYTE_STREAM_SPLIT = "BYTE_STREAM_SPLIT"

    @classmethod
    def from_str(cls, value: str) -> Encoding:
        """The encoding of a name, whatever its case; ValueError for none."""
        try:
            return cls(value.upper())
        except ValueError:
            raise ValueError(
                f"{value} is not a valid Encoding. Valid values are: {[item.value for item in Encoding]}"
            ) from None


class _Shown:
    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"


class BloomFilterProperties(_Shown):
    """Whether columns have bloom filters, and how good they are."""

    def __init__(self, set_bloom_filter_enabled: bool | None, fpp: float | None = None, ndv: int | None = None) -> None:
        """What is not given is left to deltic.

        Args:
            set_bloom_filter_enabled: whether they have
            fpp: how often a filter may say yes wrongly, between 0 and 1
            ndv: how many different values there are. Refused when it is used: deltic counts them
        """
        if fpp is not None and not 0 < fpp < 1:
            raise ValueError("fpp must be between 0 and 1 exclusive")
        self.set_bloom_filter_enabled = set_bloom_filter_enabled
        self.fpp = fpp
        self.ndv = ndv

    def __str__(self) -> str:
        return f"set_bloom_filter_enabled: {self.set_bloom_filter_enabled}, fpp: {self.fpp}, ndv: {self.ndv}"


class ColumnProperties(_Shown):
    """How a column is written."""

    def __init__(
        self,
        dictionary_enabled: bool | None = None,
        statistics_enabled: Literal["NONE", "CHUNK", "PAGE"] | None = None,
        bloom_filter_properties: BloomFilterProperties | None = None,
        encoding: Literal[
            "PLAIN",
            "RLE",
            "DELTA_BINARY_PACKED",
            "DELTA_LENGTH_BYTE_ARRAY",
            "DELTA_BYTE_ARRAY",
            "BYTE_STREAM_SPLIT",
        ]
        | None = None,
    ) -> None:
        """What is not given is left to deltic.

        Args:
            dictionary_enabled: whether repeated values are written once
            statistics_enabled: ``CHUNK``, which is what deltic writes; the others are refused when they are used
            bloom_filter_properties: of bloom filters
            encoding: refused when it is used: deltic chooses by the values
        """
        self.dictionary_enabled = dictionary_enabled
        self.statistics_enabled = statistics_enabled
        self.bloom_filter_properties = bloom_filter_properties
        self.encoding = encoding
        if isinstance(encoding, str) and dictionary_enabled:
            raise ValueError("Cannot specify dictionary_enabled=True and encoding")

    def __str__(self) -> str:
        return (
            f"dictionary_enabled: {self.dictionary_enabled}, statistics_enabled: {self.statistics_enabled}, "
            f"bloom_filter_properties: {self.bloom_filter_properties}, encoding: {self.encoding}"
        )


class WriterProperties(_Shown):
    """How Parquet files are written."""

    def __init__(
        self,
        data_page_size_limit: int | None = None,
        dictionary_page_size_limit: int | None = None,
        data_page_row_count_limit: int | None = None,
        write_batch_size: int | None = None,
        max_row_group_size: int | None = None,
        compression: Literal["UNCOMPRESSED", "SNAPPY", "GZIP", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"] | None = None,
        compression_level: int | None = None,
        statistics_truncate_length: int | None = None,
        default_column_properties: ColumnProperties | None = None,
        column_properties: dict[str, ColumnProperties] | None = None,
    ) -> None:
        """What is not given is left to deltic.

        Args:
            data_page_size_limit: refused when it is used, as the next three: deltic's writer chooses its pages
            dictionary_page_size_limit: refused
            data_page_row_count_limit: refused
            write_batch_size: refused
            max_row_group_size: rows of a row group, rounded up to a multiple of 2048
            compression: ``SNAPPY`` (default), ``ZSTD``, ``GZIP``, ``BROTLI``, ``LZ4_RAW`` or ``UNCOMPRESSED``; ``LZ4``, which
                the format gave up, is refused
            compression_level: of ``ZSTD``: 1 to 22; that of ``GZIP`` and ``BROTLI`` is refused
            statistics_truncate_length: refused
            default_column_properties: of all columns
            column_properties: of single columns: refused
        """
        self.data_page_size_limit = data_page_size_limit
        self.dictionary_page_size_limit = dictionary_page_size_limit
        self.data_page_row_count_limit = data_page_row_count_limit
        self.write_batch_size = write_batch_size
        self.max_row_group_size = max_row_group_size
        self.compression: str | None = None
        self.statistics_truncate_length = statistics_truncate_length
        self.default_column_properties = default_column_properties
        self.column_properties = column_properties
        if compression_level is not None and compression is None:
            raise ValueError(
                "Providing a compression level without the compression type is not possible, please provide the "
                "compression as well."
            )
        self._level = compression_level
        if compression is not None:
            kind = Compression.from_str(compression)
            if kind not in (Compression.GZIP, Compression.BROTLI, Compression.ZSTD):
                self.compression = kind.value
            else:
                if compression_level is not None:
                    kind.check_valid_level(compression_level)
                level = kind.get_default_level() if compression_level is None else compression_level
                self.compression = f"{kind.value}({level})"

    def __str__(self) -> str:
        columns = ", ".join(f"column '{name}': {each}" for name, each in (self.column_properties or {}).items())
        return (
            f"data_page_size_limit: {self.data_page_size_limit}, "
            f"dictionary_page_size_limit: {self.dictionary_page_size_limit}, "
            f"data_page_row_count_limit: {self.data_page_row_count_limit}, write_batch_size: {self.write_batch_size}, "
            f"max_row_group_size: {self.max_row_group_size}, compression: {self.compression}, "
            f"statistics_truncate_length: {self.statistics_truncate_length}, "
            f"default_column_properties: {self.default_column_properties}, column_properties: {columns or None}"
        )


# What an engine without the setting could only ignore.
_REFUSED = (
    "data_page_size_limit",
    "dictionary_page_size_limit",
    "data_page_row_count_limit",
    "write_batch_size",
    "statistics_truncate_length",
    "column_properties",
)


def _refuse(name: str, why: str) -> None:
    raise UnsupportedError(f"WriterProperties: deltic cannot do {name}: {why}; leave it out")


def _parquet_request(properties: WriterProperties | None) -> dict[str, Any] | None:
    """The properties as the extension module takes them."""
    if properties is None:
        return None
    for name in _REFUSED:
        if getattr(properties, name):
            _refuse(name, "its Parquet writer has no such setting")
    request: dict[str, Any] = {"max_row_group_rows": properties.max_row_group_size}
    if properties.compression is not None:
        kind, _, level = properties.compression.partition("(")
        if kind == "LZ4":
            _refuse("compression LZ4", "Parquet gave it up for LZ4_RAW")
        # The level of an object of the package deltalake is in its text alone, the default among them.
        given = getattr(properties, "_level", int(level[:-1]) if level else None)
        if given is not None and kind == "ZSTD":
            request["compression_level"] = given
        elif given is not None and given != Compression(kind).get_default_level():
            _refuse(f"compression_level of {kind}", "only ZSTD has levels here")
        request["compression"] = kind.lower()
    column = properties.default_column_properties
    if column is None:
        return request
    if column.encoding is not None:
        _refuse("encoding", "it chooses by the values")
    if column.statistics_enabled not in (None, "CHUNK"):
        _refuse(f"statistics_enabled {column.statistics_enabled}", "it writes them of each column chunk")
    if column.dictionary_enabled is False:
        request["dictionary_size_limit"] = 0
    bloom = column.bloom_filter_properties
    if bloom is not None:
        if bloom.ndv is not None:
            _refuse("ndv", "it counts the values itself")
        request["bloom_filters"] = bloom.set_bloom_filter_enabled
        request["bloom_filter_false_positive_ratio"] = bloom.fpp
    return request
