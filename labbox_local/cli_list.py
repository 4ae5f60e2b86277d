"""``labbox-local ls``, ``jobs`` and ``delete``: what is there, how the jobs are, and taking things out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from labbox_local.cli import json_option, opened, say, settings_of, workspace_option
from labbox_local.cli_rows import (
    JOB_COLUMNS,
    RECORDING_COLUMNS,
    SORTING_COLUMNS,
    job_row,
    recording_row,
    sorting_row,
)
from labbox_local.cli_text import Progress, cell, plain, table
from labbox_local.cli_wait import finished, queued_sentence

if TYPE_CHECKING:
    from labbox_local.lab import Lab

NOUNS = ("recordings", "sortings", "jobs")
NOTHING_YET = {
    "recordings": "The library is empty. Bring something in with: labbox-local import PATH",
    "sortings": "There are no sortings yet. Make one with: labbox-local sort RECORDING",
    "jobs": "There are no jobs yet.",
}
COLUMNS = {"recordings": RECORDING_COLUMNS, "sortings": SORTING_COLUMNS, "jobs": JOB_COLUMNS}


@click.command()
@click.argument("what", type=click.Choice(NOUNS), default="recordings")
@workspace_option
@json_option
def ls(what: str, **given: Any) -> None:
    """List the recordings, the sortings or the jobs of the library."""
    with opened(settings_of(given), owner=False) as lab:
        _print(what, _rows(lab, what), given["as_json"])


@click.command()
@click.argument("job_id", metavar="[ID]", type=int, required=False)
@click.option("--cancel", "act", flag_value="cancel", help="End the job and its whole process tree.")
@click.option("--retry", "act", flag_value="retry", help="Queue a failed, cancelled or lost job again, and wait.")
@click.option("--log", "act", flag_value="log", help="Print what the job wrote.")
@click.option("--detach", is_flag=True, help="With --retry: do not wait.")
@workspace_option
@json_option
def jobs(job_id: int | None, act: str | None, **given: Any) -> None:
    """List the jobs; or show, cancel or retry the one with this ID, or print its log."""
    if job_id is None and act:
        raise click.UsageError(f"--{act} needs the ID of a job.")
    waits = act == "retry" and not given["detach"]
    with opened(settings_of(given), owner=waits) as lab:
        if job_id is None:
            _print("jobs", _rows(lab, "jobs"), given["as_json"])
        elif act == "log":
            _print_log(lab, job_id)
        else:
            _act(lab, job_id, act, given)


@click.command()
@click.argument("what", type=click.Choice(("recording", "sorting")))
@click.argument("which")
@click.option("--yes", is_flag=True, help="Do not ask.")
@workspace_option
def delete(what: str, which: str, yes: bool, **given: Any) -> None:
    """Take the recording or sorting WHICH (number or name) out of the library. Raw data is never touched."""
    # Imported here, as in every command: `--help` should not wait for it.
    from labbox_local.services import library

    with opened(settings_of(given), owner=False) as lab:
        item: Any
        if what == "recording":
            item = library.find_recording(lab.tools, which)
            deletion = library.recording_deletion(lab.tools, item.id)
        else:
            item = library.find_sorting(lab.tools, which)
            deletion = library.sorting_deletion(lab.tools, item.id)
        if not yes:
            click.confirm(deletion_question(deletion), abort=True, err=True)
        (lab.recordings if what == "recording" else lab.sortings).delete(item.id)
    say(f"Deleted {what} {item.id}, {item.name}.")


def deletion_question(deletion: Any) -> str:
    """What goes, and what stays."""
    parts = [f"the {deletion.kind} “{deletion.name}”"]
    if deletion.sorting_count:
        parts.append(counted(deletion.sorting_count, "sorting"))
    if deletion.active_jobs:
        parts.append(counted(deletion.active_jobs, "running job"))
    size = f" ({deletion.size_bytes / 1e6:.1f} MB of results)" if deletion.size_bytes else ""
    stays = f" The raw data in {deletion.raw_path} stays." if deletion.raw_path else ""
    return f"This deletes {', '.join(parts)}{size}.{stays} Go on?"


def counted(number: int, noun: str) -> str:
    """“1 sorting”, “2 sortings”."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _rows(lab: Lab, what: str) -> list[dict[str, Any]]:
    if what == "jobs":
        return [job_row(job, lab.tools.workspace.log_path(job.id)) for job in lab.jobs()]
    if what == "sortings":
        return [sorting_row(sorting) for sorting in lab.sortings()]
    from labbox_local.services import library

    page = library.page(lab.tools)
    return [recording_row(row.recording, row.sorting_count, row.state) for row in page.rows]


def _print(what: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    click.echo(plain(rows) if as_json else table(rows, COLUMNS[what], NOTHING_YET[what]))


def _act(lab: Lab, job_id: int, act: str | None, given: dict[str, Any]) -> None:
    job = lab.jobs.get(job_id)
    if act == "cancel":
        job = lab.jobs.cancel(job_id)
    elif act == "retry":
        job = lab.jobs.retry(job_id)
        if given["detach"] and not given["as_json"]:
            say(queued_sentence(lab, job))
            return
        if not given["detach"]:
            job = finished(lab, job, Progress(quiet=given["as_json"]))
    row = job_row(job, lab.tools.workspace.log_path(job.id))
    if given["as_json"]:
        click.echo(plain(row))
        return
    width = max(len(name) for name in row)
    click.echo("\n".join(f"{name.replace('_', ' '):<{width}}  {cell(value)}" for name, value in row.items()))


def _print_log(lab: Lab, job_id: int) -> None:
    from labbox_local.services import jobs as job_services

    offset = 0
    while (chunk := job_services.log(lab.tools, job_id, offset)).next_offset > offset:
        click.echo(chunk.text, nl=False)
        offset = chunk.next_offset
    click.echo(chunk.partial, nl=False)


COMMANDS = {"ls": ls, "jobs": jobs, "delete": delete}
