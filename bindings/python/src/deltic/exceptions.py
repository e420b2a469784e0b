"""The exceptions that deltic raises: the classes of the package ``deltalake``, and below them one class for each of
deltic's error codes (docs/errors.md), which says what the caller can do next."""

from __future__ import annotations

__all__ = [
    "AlreadyExistsError",
    "CancelledError",
    "CommitFailedError",
    "CommitUnknownError",
    "ConcurrentAppendError",
    "ConcurrentDeleteDeleteError",
    "ConcurrentDeleteReadError",
    "ConcurrentTransactionError",
    "ConflictError",
    "ConstraintViolationError",
    "CorruptError",
    "DeltaError",
    "DeltaProtocolError",
    "InternalError",
    "InvalidArgumentError",
    "MetadataChangedError",
    "NotFoundError",
    "PermissionDeniedError",
    "ProtocolChangedError",
    "RowsDoNotFitError",
    "SchemaMismatchError",
    "TableNotFoundError",
    "UnavailableError",
    "UnsupportedError",
]


class DeltaError(Exception):
    """The base of every error of deltic."""


class TableNotFoundError(DeltaError):
    """There is no Delta table at the location, or not the version or time that was asked for."""


class DeltaProtocolError(DeltaError):
    """The table breaks the Delta protocol, or asks of it what this build cannot do."""


class CommitFailedError(DeltaError):
    """A commit did not succeed."""


class SchemaMismatchError(DeltaError):
    """Data or a request does not fit the table's schema."""


class InvalidArgumentError(DeltaError, ValueError):
    """The request is wrong: an unknown column, a filter that does not parse. Change the request."""


class NotFoundError(TableNotFoundError, FileNotFoundError):
    """The table, version, time or file does not exist. The message names what there is."""


class AlreadyExistsError(DeltaError):
    """What should be created is there already."""


class ConflictError(CommitFailedError):
    """Another writer won: read again and decide anew."""


class ConcurrentAppendError(ConflictError):
    """Files were added that the operation would have read."""


class ConcurrentDeleteReadError(ConflictError):
    """A file that the operation read was removed."""


class ConcurrentDeleteDeleteError(ConflictError):
    """A file that the operation removes was removed."""


class MetadataChangedError(ConflictError):
    """The table's schema, properties or partitioning changed."""


class ProtocolChangedError(ConflictError):
    """The table's protocol changed."""


class ConcurrentTransactionError(ConflictError):
    """The same application's transaction was committed."""


class RowsDoNotFitError(InvalidArgumentError, SchemaMismatchError):
    """Rows to be written, or columns to be added, do not fit the table's columns. The message names the column."""


class UnsupportedError(DeltaProtocolError):
    """The table needs something this build cannot do. The message names every feature in the way."""


class CorruptError(DeltaProtocolError):
    """Bytes in storage break the protocol or a file format. The message names the file."""


class ConstraintViolationError(DeltaProtocolError):
    """A row breaks a rule of the table."""


class PermissionDeniedError(DeltaError, PermissionError):
    """Storage refused access."""


class UnavailableError(DeltaError, OSError):
    """Storage failed for now: a later try may work."""


class CommitUnknownError(CommitFailedError):
    """A commit's outcome is not known and could not be settled."""


class CancelledError(DeltaError):
    """The work was stopped on request."""


class InternalError(DeltaError):
    """A bug in deltic: please report it with the message."""


# By the number of the code (include/deltic/result.h); the extension module raises from here.
_BY_CODE: dict[int, type[DeltaError]] = {
    1: InvalidArgumentError,
    2: NotFoundError,
    3: AlreadyExistsError,
    4: ConflictError,
    5: UnsupportedError,
    6: CorruptError,
    7: ConstraintViolationError,
    8: PermissionDeniedError,
    9: UnavailableError,
    10: CommitUnknownError,
    11: CancelledError,
    12: InternalError,
}

# Of code 4, by the number of the rule that was broken (ConflictKind).
_BY_CONFLICT: dict[int, type[DeltaError]] = {
    1: ConcurrentAppendError,
    2: ConcurrentDeleteReadError,
    3: ConcurrentDeleteDeleteError,
    4: MetadataChangedError,
    5: ProtocolChangedError,
    6: ConcurrentTransactionError,
}
