"""Points in time as users write them, as milliseconds since the Unix epoch."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FORM = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:[.,](\d{1,9}))?)?\s*(Z|z|UTC|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)


def to_milliseconds(moment: datetime | str) -> int:
    """The last millisecond that is not after the moment. A time without a zone is UTC."""
    if isinstance(moment, str):
        moment = _parse(moment)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _parse(text: str) -> datetime:
    # By hand: datetime.fromisoformat takes neither Z nor hundredths before Python 3.11.
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"cannot read {text!r} as a time: write ISO 8601, such as 2026-01-31, 2026-01-31T12:00:00Z or "
            "2026-01-31T12:00:00.5+01:00"
        )
    day, minute, second, fraction, zone = match.groups()
    moment = datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ':00'}")
    moment = moment.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6]), tzinfo=timezone.utc)
    if zone and zone not in ("Z", "z", "UTC"):
        sign = -1 if zone[0] == "-" else 1
        digits = zone[1:].replace(":", "").ljust(4, "0")
        moment -= sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment
