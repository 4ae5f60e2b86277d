"""``labbox-local doctor``: what is missing and how to get it."""

from __future__ import annotations

from typing import Any

import click

from labbox_local.cli import FAILED, json_option, settings_of, workspace_option
from labbox_local.cli_checkup import Check, examine, grouped
from labbox_local.cli_text import plain

MARKS = {"good": "ok", "optional": "--", "bad": "!!"}


@click.command()
@workspace_option
@json_option
def doctor(as_json: bool, **given: Any) -> None:
    """Say what is installed, which sorters run, whether a window can open, and what would mend each lack.

    Exit status 1 when something is missing that a plain install has (marked !!); optional things are marked --.
    """
    checks = list(examine(settings_of(given)))
    bad = [check for check in checks if check.state == "bad"]
    if as_json:
        click.echo(plain({"ok": not bad, "checks": [check.plain() for check in checks]}))
    else:
        click.echo(grouped(checks, line))
        click.echo(f"\n{verdict(len(bad))}")
    if bad:
        click.get_current_context().exit(FAILED)


def line(check: Check) -> str:
    """One check as a line or two."""
    mend = f"\n       to mend it: {check.mend}" if check.mend else ""
    return f"  {MARKS[check.state]} {check.name}: {check.says}{mend}"


def verdict(bad: int) -> str:
    """The last line."""
    return "All that a plain install promises is here." if not bad else f"{bad} to mend (marked !!)."


COMMANDS = {"doctor": doctor}
