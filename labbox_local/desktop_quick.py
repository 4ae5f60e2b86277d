"""A quick start: libraries of the server look for optional ones that this process never uses and that load slowly."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# sqlite-utils imports pandas (0.3 s) to know its types, Litestar pydantic (0.16 s) for models that no route here takes.
UNUSED = ("numpy", "pandas", "pydantic")


@contextmanager
def unused_hidden(names: tuple[str, ...] = UNUSED) -> Iterator[None]:
    """While the block imports things, packages of these names seem not to be installed, unless they are loaded already.

    To be used before other threads import anything. Workers are processes of their own and see all that is installed.
    """
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None there is Python's way to say "absent"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
