"""Freed memory that is used again: without it, half the time of a frame goes into pages that the system hands out anew.

A frame of 384 channels takes some 5 MB in four arrays. The C library gives such memory back at once, and every page of
it costs a fault when it is taken again: 5 ms a frame, of which 3 are faults.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

# From malloc.h. What is larger than the second is still given back at once.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 1 << 26
LARGEST_BYTES = 1 << 25


@cache
def reuse_freed() -> bool:
    """Has this process hold on to up to 64 MB of freed memory; True where the C library can be told so."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # not the GNU library
        return False
    return bool(mallopt(TRIM_THRESHOLD, KEPT_BYTES)) and bool(mallopt(MMAP_THRESHOLD, LARGEST_BYTES))
