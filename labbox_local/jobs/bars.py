"""Progress bars of other people's code, read instead of asking that code to report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tqdm.std


def listen(report: Callable[[str, float | None], None]) -> None:
    """From now on every tqdm bar of this process also tells `report` its description and fraction."""
    original = tqdm.std.tqdm.update

    def update(bar: Any, n: float | None = 1) -> bool | None:
        shown: bool | None = original(bar, n)
        if not bar.disable:
            report(str(bar.desc or "").rstrip(": "), bar.n / bar.total if bar.total else None)
        return shown

    tqdm.std.tqdm.update = update
