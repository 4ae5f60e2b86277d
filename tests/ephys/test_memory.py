"""Freed memory is used again, where the C library can be told so."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

CODE = """
import resource, sys
import numpy as np
from labbox_local.ephys import memory
if sys.argv[1] == "yes":
    assert memory.reuse_freed()
def frame():
    return [np.zeros(1_000_000, dtype=np.uint8) + 1 for _ in range(4)]
for _ in range(20):
    frame()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    frame()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(told: str) -> int:
    done = subprocess.run([sys.executable, "-c", CODE, told], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Only the GNU C library can be told so.")
def test_arrays_of_a_frame_take_no_new_pages() -> None:
    page_bytes = resource.getpagesize()
    assert faults("yes") < 100 * 4_000_000 / page_bytes / 20
    assert faults("yes") < faults("no") / 5
