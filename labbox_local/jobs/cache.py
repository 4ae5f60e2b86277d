"""What a worker keeps open from one order to the next."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any


class Cache:
    """Holds what was used last, up to a number of things and a number of bytes; the least recently used goes first.

    What is larger than the limit alone is made, given out and not kept.
    """

    def __init__(self, limit_bytes: int, limit_count: int) -> None:
        self.limit_bytes = limit_bytes
        self.limit_count = limit_count
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any], size_bytes: Callable[[Any], int]) -> Any:
        """The thing under `key`, made if it is not held; `size_bytes` says how much memory it takes."""
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key][0]
        made = make()
        self._held[key] = (made, size_bytes(made))
        self._shrink()
        return made

    def __len__(self) -> int:
        return len(self._held)

    @property
    def size_bytes(self) -> int:
        """Bytes of all that is held."""
        return sum(size for _, size in self._held.values())

    def clear(self) -> None:
        """Let go of everything."""
        self._held.clear()

    def _shrink(self) -> None:
        while len(self._held) > self.limit_count or self.size_bytes > self.limit_bytes:
            self._held.popitem(last=False)
