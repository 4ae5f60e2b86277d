"""`python -m labbox_local` is the command `labbox-local`."""

from __future__ import annotations

from labbox_local.cli import main

if __name__ == "__main__":
    main()
