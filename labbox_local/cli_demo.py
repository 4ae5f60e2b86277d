"""``labbox-local demo``: the whole path on a generated recording whose true units are known."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from labbox_local.cli import (
    json_option,
    opened,
    probe_for,
    say,
    settings_of,
    show_lab,
    show_options,
    tell,
    workspace_option,
)
from labbox_local.cli_rows import ACCURACY_COLUMNS, recording_row, sorting_row
from labbox_local.cli_text import Progress, plain, table
from labbox_local.cli_wait import finish_followers, finished

if TYPE_CHECKING:
    from labbox_local.lab import Lab

EXAMPLE_NAME = "Example recording"
GOOD_ACCURACY = 0.8


@click.command()
@click.option("--headless", is_flag=True, help="Do the work, print what came of it, and end.")
@click.option("--sorter", default="", help="SpikeInterface's name of the sorter; the default one when left out.")
@workspace_option
@show_options
@json_option
def demo(headless: bool, sorter: str, as_json: bool, **given: Any) -> None:
    """Make the example recording, sort it, and open the sorting.

    A second time, what is there already is used.
    """
    if as_json and not headless:
        raise click.UsageError("--json goes with --headless.")
    settings = settings_of(given)
    probe = None if headless else probe_for(settings)
    began = time.monotonic()
    with opened(settings) as lab:
        progress = Progress(quiet=as_json)
        recording = example(lab, progress)
        sorting = sorted_example(lab, recording, sorter, progress)
        units = lab.sortings.accuracy(sorting.id)
        found = summary(recording_row(recording), sorting_row(sorting), units, time.monotonic() - began)
        if as_json:
            click.echo(plain(found))
        else:
            (say if headless else tell)(text(found))
        if not headless:
            show_lab(lab, f"/sortings/{sorting.id}", probe)


def example(lab: Lab, progress: Progress) -> Any:
    """The example recording, made now unless an earlier demo made it."""
    # Imported here, as in every command: `--help` should not wait for it.
    from labbox_local.services import importing

    for known in lab.recordings():
        if known.name == EXAMPLE_NAME and "example" in known.tags:
            return known
    job = finished(lab, importing.make_example(lab.tools, {"name": EXAMPLE_NAME}), progress)
    made = next(known for known in lab.recordings() if known.result_key == job.key)
    finish_followers(lab, progress, recording_id=made.id)
    return lab.recordings.get(made.id)


def sorted_example(lab: Lab, recording: Any, sorter: str, progress: Progress) -> Any:
    """The sorting of the example with what its page needs."""
    from labbox_local.services import sorting

    ran = sorting.run(lab.tools, recording.id, sorter)
    made = ran.sorting
    if ran.job is not None:
        made = lab.sortings.made_by(finished(lab, ran.job, progress))
    assert made is not None
    finish_followers(lab, progress, sorting_id=made.id)
    return lab.sortings.get(made.id)


def summary(
    recording: Mapping[str, Any], sorting: Mapping[str, Any], units: Sequence[Mapping[str, Any]], seconds: float
) -> dict[str, Any]:
    """What came of the demo, as ``--json`` gives it."""
    well = sum(unit["accuracy"] >= GOOD_ACCURACY for unit in units)
    return {
        "recording": dict(recording),
        "sorting": dict(sorting),
        "units_found": sorting["unit_count"],
        "true_unit_count": len(units),
        "good_accuracy": GOOD_ACCURACY,
        "well_found": well,
        "well_found_fraction": well / len(units) if units else None,
        "seconds": round(seconds, 1),
        "units": [{key: unit[key] for key in ACCURACY_COLUMNS} for unit in units],
    }


def text(found: Mapping[str, Any]) -> str:
    """The same for a person: a table of the true units and one line that sums it up."""
    recording, sorting = found["recording"], found["sorting"]
    share = f" ({found['well_found_fraction']:.0%})" if found["true_unit_count"] else ""
    return "\n".join(
        (
            table(found["units"], ACCURACY_COLUMNS),
            "",
            f"{recording['name']}: {recording['channel_count']} channels, {recording['duration_s']:g} s. "
            f"{sorting['sorter']} found {found['units_found']} units; {found['well_found']} of "
            f"{found['true_unit_count']} true units{share} at accuracy ≥ {found['good_accuracy']:g}. "
            f"{found['seconds']:g} s.",
        )
    )


COMMANDS = {"demo": demo}
