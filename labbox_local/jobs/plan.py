"""From a wish to a row: the task's lane, title and version, and the key of what it will give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labbox_local.errors import NotFound
from labbox_local.jobs.catalog import TASKS, TaskInfo, packages_of
from labbox_local.jobs.keys import package_versions, result_key, through_json


def info_of(task: str, tasks: Mapping[str, TaskInfo] = TASKS) -> TaskInfo:
    """The task of this name. Raises NotFound."""
    if task not in tasks:
        raise NotFound(f"There is no task named “{task}”.")
    return tasks[task]


def key_of(
    task: str, params: Mapping[str, Any], inputs: Sequence[Any] = (), tasks: Mapping[str, TaskInfo] = TASKS
) -> str:
    """The key of what the task will give for these parameters and inputs, with the packages installed here.

    Raises
    ------
    TypeError
        If the parameters do not survive JSON: a worker would get something else.
    """
    info = info_of(task, tasks)
    packages = package_versions(packages_of(info, params))
    return result_key(task, info.version, through_json(params), through_json({"": list(inputs)})[""], packages)


def row_of(
    task: str,
    params: Mapping[str, Any],
    *,
    title: str = "",
    inputs: Sequence[Any] = (),
    recording_id: int | None = None,
    sorting_id: int | None = None,
    on_done: Mapping[str, Any] | None = None,
    needs: Sequence[str] = (),
    tasks: Mapping[str, TaskInfo] = TASKS,
) -> dict[str, Any]:
    """The arguments for `store.jobs.enqueue`; see `key_of`. `on_done` is what the task's completion has to go by."""
    info = info_of(task, tasks)
    if info.lane != "batch":
        raise ValueError(f"“{task}” is asked of the interactive lane, not queued.")
    return {
        "task": task,
        "lane": info.lane,
        "title": title or info.title,
        "params": through_json(params),
        "key": key_of(task, params, inputs, tasks),
        "recording_id": recording_id,
        "sorting_id": sorting_id,
        "on_done": None if on_done is None else through_json(on_done),
        "needs": tuple(needs),
    }
