"""SQL as the package ``deltalake`` takes it, for the engine: names in backquotes become names in double quotes, and names of
columns that a caller wrote are taken apart. Knows no table."""

from __future__ import annotations

from collections.abc import Iterator

from deltic._filters import quote_name
from deltic.exceptions import InvalidArgumentError
from deltic.schema import DataType, PrimitiveType

__all__ = ["column_parts", "column_text", "engine_sql", "try_cast"]


def engine_sql(text: str) -> str:
    """The text with ```odd name``` written as ``"odd name"``; texts, comments and names in double quotes stay."""
    if "`" not in text:
        return text
    return "".join(quote_name(part[1]) if part[0] == "`" else part[1] for part in _parts(text))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """("`", a name in backquotes) and ("", all else)."""
    start = at = 0
    while at < len(text):
        here = text[at]
        if here in "'\"":
            at = _end(text, at, here)
        elif text.startswith("--", at):
            at = (text.find("\n", at) + 1) or len(text)
        elif text.startswith("/*", at):
            at = (text.find("*/", at + 2) + 2) if "*/" in text[at + 2 :] else len(text)
        elif here == "`":
            end = _end(text, at, here)
            if end > len(text):
                raise InvalidArgumentError(f"a backquote is not closed: {text}")
            yield "", text[start:at]
            yield "`", text[at + 1 : end - 1].replace("``", "`")
            start = at = end
        else:
            at += 1
    yield "", text[start:]


def _end(text: str, at: int, quote: str) -> int:
    """Behind the quotation that begins at `at`; beyond the text's end when it is not closed."""
    at += 1
    while True:
        at = text.find(quote, at)
        if at < 0:
            return len(text) + 1
        if not text.startswith(quote, at + 1):
            return at + 1
        at += 2


def column_parts(text: str) -> list[str]:
    """The names of ``t.`odd name`.b``: t, odd name and b. Names may be in backquotes or double quotes."""
    parts: list[str] = []
    at = 0
    while True:
        quote = text[at : at + 1]
        if quote in ("`", '"'):
            end = _end(text, at, quote)
            if end > len(text) or text[end : end + 1] not in ("", "."):
                raise InvalidArgumentError(f"{text} is not the name of a column: a quotation is not closed, or no dot follows it")
            parts.append(text[at + 1 : end - 1].replace(quote * 2, quote))
        else:
            end = text.find(".", at) if "." in text[at:] else len(text)
            parts.append(text[at:end])
        if not parts[-1]:
            raise InvalidArgumentError(f"{text!r} is not the name of a column")
        if end >= len(text):
            return parts
        at = end + 1


def column_text(parts: list[str]) -> str:
    """The names as the core takes them: in backquotes, parted by dots."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


_ENGINE_TYPES = {
    "string": "VARCHAR",
    "long": "BIGINT",
    "integer": "INTEGER",
    "short": "SMALLINT",
    "byte": "TINYINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "binary": "BLOB",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "timestamp_ntz": "TIMESTAMP",
}


def try_cast(expression: str, data_type: DataType) -> str:
    """The expression as a value of the type, NULL where it is none. Of nested types as it is."""
    if not isinstance(data_type, PrimitiveType):
        return expression
    name = _ENGINE_TYPES.get(data_type.type, data_type.type)  # decimal(10,2) is called so there too
    return f"TRY_CAST(({expression}\n) AS {name})"
