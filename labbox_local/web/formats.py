"""How numbers, times and sizes are written on pages; a dash stands for nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import median
from typing import Any

NOTHING = "–"
THIN_SPACE = "\u2009"


def count(value: float | None) -> str:
    """A count with thin spaces between thousands: 83 500."""
    return NOTHING if value is None else f"{int(value):,}".replace(",", THIN_SPACE)


def number(value: float | None, decimals: int = 2) -> str:
    """A number with equal decimals throughout a column."""
    return NOTHING if value is None else f"{value:,.{decimals}f}".replace(",", THIN_SPACE)


def rate(value: float | None) -> str:
    """A sampling rate in Hz with as many decimals as it really has."""
    if value is None:
        return NOTHING
    rounded = round(value, 3)
    return count(rounded) if rounded == int(rounded) else f"{rounded:,.3f}".rstrip("0").replace(",", THIN_SPACE)


def duration(seconds: float | None) -> str:
    """A length of time: 0.067 ms, 28.800 s, 10 min 4 s, 2 h 05 min."""
    if seconds is None:
        return NOTHING
    if seconds < 0.1:
        return f"{seconds * 1000:.3g}{THIN_SPACE}ms"
    if seconds < 60:
        return f"{seconds:.3f}{THIN_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{THIN_SPACE}min {rest:02d}{THIN_SPACE}s"
    return f"{minutes // 60}{THIN_SPACE}h {minutes % 60:02d}{THIN_SPACE}min"


def took(seconds: float | None) -> str:
    """How long a job took, where milliseconds do not matter: 33 s, 10 min 04 s."""
    if seconds is None:
        return NOTHING
    return f"{seconds:.1f}{THIN_SPACE}s" if seconds < 60 else duration(seconds)


def size(value: float | None) -> str:
    """A size in B, kB, MB, GB or TB."""
    if value is None:
        return NOTHING
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.3g}{THIN_SPACE}{unit}"
        value /= 1000
    return f"{value:.3g}{THIN_SPACE}TB"


def moment(text: str | None) -> str:
    """A stored UTC time in the machine's own time zone: 2026-11-22 14:05."""
    return NOTHING if not text else datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def moment_exact(text: str | None) -> str:
    """As `moment`, to the second."""
    return NOTHING if not text else datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def plural(value: int, noun: str) -> str:
    """“1 sorting”, “3 sortings”, “no sortings”; -y becomes -ies."""
    many = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{count(value) if value else 'no'} {noun if value == 1 else many}"


def seconds_between(start: str | None, end: str | None) -> float | None:
    """Seconds from one stored time to another, None when one of them is not known."""
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() if start and end else None


def middle(values: Iterable[float]) -> float:
    """The median."""
    return median(values)


def words(values: Mapping[str, Any]) -> str:
    """Parameters as “name = value, name = value”."""
    return ", ".join(f"{name} = {value}" for name, value in values.items()) or NOTHING


def listed(values: Iterable[object]) -> str:
    """Values with commas between, or the dash."""
    return ", ".join(str(value) for value in values) or NOTHING


def tally(labels: Mapping[str, str]) -> str:
    """How often each label occurs: “212 good, 191 mua”."""
    return ", ".join(f"{count(times)} {label}" for label, times in Counter(labels.values()).most_common())


def without(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The values but for one."""
    return {key: value for key, value in values.items() if key != name}


def sentence(text: str) -> str:
    """The text with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def pretty(value: Any) -> str:
    """Plain data as indented JSON, units and umlauts as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False)


FILTERS = {
    function.__name__: function
    for function in (
        count,
        number,
        rate,
        duration,
        took,
        size,
        moment,
        moment_exact,
        middle,
        plural,
        words,
        listed,
        tally,
        sentence,
        without,
        pretty,
    )
}
