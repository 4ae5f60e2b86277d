"""Waiting for jobs on the command line: progress, the log's place when one fails, and Ctrl+C that ends the job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labbox_local.cli import tell
from labbox_local.cli_text import Progress
from labbox_local.errors import Unavailable
from labbox_local.services import instances

if TYPE_CHECKING:
    from labbox_local.lab import Lab

OWNER_LOOK_S = 5.0


def finished(lab: Lab, job: Any, progress: Progress) -> Any:
    """Wait for the job to succeed. Ctrl+C cancels it, since it was asked for in the foreground."""
    try:
        ended = waited(lab, job, progress)
    except KeyboardInterrupt:
        lab.jobs.cancel(job.id)
        tell("")
        raise
    progress.end(ended)
    return lab.jobs.finished(ended)


def waited(lab: Lab, job: Any, progress: Progress) -> Any:
    """The job once it has ended, however it ended.

    Raises
    ------
    Unavailable
        When another process was to run it and is gone.
    """
    while True:
        try:
            return lab.tools.supervisor.wait(job.id, None if lab.owner else OWNER_LOOK_S, progress)
        except Unavailable:
            if instances.running(lab.settings.workspace) is None:
                raise Unavailable(
                    f"The program that was open on this workspace has ended before job {job.id} did.",
                    f"labbox-local jobs {job.id} --retry",
                ) from None


def finish_followers(
    lab: Lab, progress: Progress, *, recording_id: int | None = None, sorting_id: int | None = None
) -> None:
    """Wait for the jobs that a finished one has queued. A failed one is told of; what was asked for still holds."""
    while following := [
        job
        for job in lab.jobs("active")
        if (recording_id is not None and job.recording_id == recording_id)
        or (sorting_id is not None and job.sorting_id == sorting_id)
    ]:
        for job in reversed(following):
            ended = waited(lab, job, progress)
            progress.end(ended)
            if ended.state != "done":
                log = lab.tools.workspace.log_path(job.id)
                tell(f"{ended.title}: {ended.error or f'the job was {ended.state}.'} The log is in {log}.")


def queued_sentence(lab: Lab, job: Any) -> str:
    """What becomes of a job that nobody waits for."""
    if instances.running(lab.settings.workspace):
        return f"Job {job.id} is queued; the program that is open on this workspace runs it."
    return f"Job {job.id} is queued; it runs as soon as the program is opened on this workspace."
