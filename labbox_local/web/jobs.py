"""Jobs: the list, one job with its live log, cancel and retry."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from litestar import get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect, Response, Template
from litestar.types import ControllerRouterHandler

from labbox_local.services import jobs
from labbox_local.web.pages import LabGiven, ToolsGiven, fragment, see, shell, whole

JobFilter = Annotated[str, QueryParameter(name="show")]


@get("/jobs", sync_to_thread=True)
def jobs_page(lab: LabGiven, chosen: JobFilter = "") -> Template:
    """The newest jobs."""
    return whole(lab, "jobs/jobs.html", jobs.page(lab.tools, chosen))


@get("/jobs/rows", sync_to_thread=True)
def jobs_rows(tools: ToolsGiven, chosen: JobFilter = "") -> Template:
    """The table of jobs alone."""
    return fragment("jobs/_table.html", jobs.page(tools, chosen))


@get("/jobs/pill", sync_to_thread=True)
def jobs_pill(lab: LabGiven) -> Template:
    """The counter in the header."""
    return fragment("jobs/_pill.html", None, shell=shell(lab, jobs.counts(lab.tools)))


@get("/jobs/{job_id:int}", sync_to_thread=True)
def job_page(lab: LabGiven, job_id: FromPath[int]) -> Template:
    """One job."""
    return whole(lab, "jobs/job.html", jobs.job_page(lab.tools, job_id))


@get("/jobs/{job_id:int}/state", sync_to_thread=True)
def job_state(tools: ToolsGiven, job_id: FromPath[int]) -> Template:
    """What changes of a job while it runs, but for its log."""
    return fragment("jobs/_state.html", jobs.job_page(tools, job_id))


@get("/jobs/{job_id:int}/log", sync_to_thread=True)
def job_log(
    tools: ToolsGiven, job_id: FromPath[int], offset: Annotated[int, QueryParameter(ge=0)] = 0
) -> Response[dict[str, Any]]:
    """The log from a byte offset on, as data."""
    return Response(asdict(jobs.log(tools, job_id, offset)))


@post("/jobs/{job_id:int}/cancel", sync_to_thread=True)
def cancel_job(tools: ToolsGiven, job_id: FromPath[int]) -> Redirect:
    """End a job."""
    jobs.cancel(tools, job_id)
    return see(f"/jobs/{job_id}")


@post("/jobs/{job_id:int}/retry", sync_to_thread=True)
def retry_job(tools: ToolsGiven, job_id: FromPath[int]) -> Redirect:
    """Queue a job again."""
    return see(f"/jobs/{jobs.retry(tools, job_id).id}")


ROUTES: list[ControllerRouterHandler] = [
    jobs_page,
    jobs_rows,
    jobs_pill,
    job_page,
    job_state,
    job_log,
    cancel_job,
    retry_job,
]
