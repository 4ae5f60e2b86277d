"""``labbox-local sort``: a sorter runs on a recording."""

from __future__ import annotations

from typing import Any

import click

from labbox_local.cli import json_option, opened, settings_of, workspace_option
from labbox_local.cli_import import pairs_or_usage
from labbox_local.cli_rows import SORTING_COLUMNS, job_row, sorting_row
from labbox_local.cli_text import Progress, plain, table
from labbox_local.cli_wait import finish_followers, finished, queued_sentence


@click.command()
@click.argument("recording")
@click.option("--sorter", default="", help="SpikeInterface's name of the sorter; the default one when left out.")
@click.option("-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="A parameter; dots go deeper.")
@click.option("--name", default="", help="Of the new sorting; the sorter's name when left out.")
@click.option("--detach", is_flag=True, help="Queue the job and return.")
@workspace_option
@json_option
def sort(recording: str, **given: Any) -> None:
    """Sort RECORDING (its number or name) and wait, with the post-processing that the views need.

    A preprocessing option is a parameter too, such as -p preprocessing.freq_min=300. Ctrl+C cancels the job.
    What was already sorted in the very same way is not sorted again.
    """
    # Imported here, as in every command: `--help` should not wait for it.
    from labbox_local.services import library, sorting

    params = pairs_or_usage(given["params"])
    progress = Progress(quiet=given["as_json"])
    with opened(settings_of(given), owner=not given["detach"]) as lab:
        wanted = library.find_recording(lab.tools, recording)
        ran = sorting.run(lab.tools, wanted.id, given["sorter"], params, given["name"])
        if ran.job is not None and given["detach"]:
            row = job_row(ran.job, lab.tools.workspace.log_path(ran.job.id))
            click.echo(plain(row) if given["as_json"] else queued_sentence(lab, ran.job))
            return
        made = ran.sorting
        if ran.job is not None:
            made = lab.sortings.made_by(finished(lab, ran.job, progress))
        assert made is not None
        finish_followers(lab, progress, sorting_id=made.id)
        row = sorting_row(lab.sortings.get(made.id))
    click.echo(plain(row) if given["as_json"] else table([row], SORTING_COLUMNS))


COMMANDS = {"sort": sort}
