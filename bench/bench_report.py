"""What every benchmark prints: a table or the same as JSON, and with ``--check`` whether its targets are met."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """A number that must stay below (or, with `at_least`, must reach) a limit."""

    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.value >= self.limit if self.at_least else self.value < self.limit

    def sentence(self) -> str:
        """By how much it is met or missed."""
        distance = abs(self.value - self.limit)
        wanted = f"{'at least' if self.at_least else 'under'} {self.limit:g} {self.unit}"
        return (
            f"{'met' if self.met else 'MISSED'}: {self.name} is {self.value:.3f} {self.unit}, wanted {wanted}; "
            f"{'to spare' if self.met else 'missing'}: {distance:.3f} {self.unit}"
        )


@dataclass(frozen=True)
class Report:
    """Rows of one table, and the targets that the benchmark checks."""

    title: str
    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    targets: Sequence[Target]

    def plain(self) -> dict[str, Any]:
        """As JSON-able data."""
        return {
            "title": self.title,
            "machine": {"python": platform.python_version(), "system": platform.platform(terse=True)},
            "rows": [dict(row) for row in self.rows],
            "targets": [{**asdict(target), "met": target.met} for target in self.targets],
        }

    def table(self) -> str:
        """As Markdown, which reads well in a terminal too."""
        lines = [list(self.columns.values())] + [[_text(row[key]) for key in self.columns] for row in self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        drawn = [
            "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |"
            for line in lines
        ]
        return "\n".join(
            [self.title, "", drawn[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *drawn[1:]]
        )


def run(measure: Callable[[argparse.Namespace], Report], parser: argparse.ArgumentParser) -> int:
    """Measure and print; the exit status is 1 when ``--check`` is given and a target is missed."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    given = parser.parse_args()
    report = measure(given)
    print(json.dumps(report.plain(), indent=2) if given.json else report.table())
    if given.check:
        stream = sys.stderr if given.json else sys.stdout
        print(
            "\n".join(target.sentence() for target in sorted(report.targets, key=lambda target: not target.met)),
            file=stream,
        )
    return int(given.check and not all(target.met for target in report.targets))


def _text(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
