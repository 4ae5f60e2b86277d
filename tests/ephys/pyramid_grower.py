"""A process that grows pyramids in forked children, which a test can kill at any moment without waiting for imports.

Each line on its input is JSON: what to grow and, with ``die_at``, after how many system calls that touch files the
child kills itself. The answer to each is the child's process id, then, in a second line, how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import numpy as np

from labbox_local.ephys import pyramid
from labbox_local.ephys.sources import FlatFile, FlatSource

AT_ONCE = {"checkpoint_s": 0.0, "chunk_bytes": 1024}
TOUCHING = {"write", "truncate", "fsync", "replace", "open", "rmtree", "mkdir", "readinto"}


def die_at(number: int) -> None:
    """Kill this process when it is about to make the call of this number."""
    made = 0

    def count(frame: FrameType, event: str, function: Any) -> None:
        nonlocal made
        if event == "c_call" and function.__name__ in TOUCHING:
            made += 1
            if made == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)


def grow(order: dict[str, Any]) -> None:
    """Grow what the order says."""
    pyramid.CHECKPOINT_S = order["checkpoint_s"]
    pyramid.CHUNK_BYTES = order["chunk_bytes"]
    dtype, channels = np.dtype(order["dtype"]), order["channels"]
    counts = [os.path.getsize(path) // dtype.itemsize // channels for path in order["paths"]]
    files = [FlatFile(path, dtype, 0, channels, count) for path, count in zip(order["paths"], counts, strict=True)]
    source = FlatSource(files, np.arange(channels, dtype=np.int64))
    if order.get("die_at"):
        die_at(order["die_at"])
    pyramid.grow(source, Path(order["folder"]), factor=order["factor"])


def warm(dtype: str, folder: Path) -> None:
    """Load the compiled loops here, so that no child spends its short life on that."""
    path = folder / dtype
    path.write_bytes(bytes(4096))
    grow({"paths": [str(path)], "dtype": dtype, "channels": 2, "folder": f"{path}-pyramid", "factor": 2, **AT_ONCE})


def main() -> None:
    """Serve orders until the input ends."""
    with TemporaryDirectory() as folder:
        for dtype in ("int16", "float32"):
            warm(dtype, Path(folder))
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            grow(json.loads(line))
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
