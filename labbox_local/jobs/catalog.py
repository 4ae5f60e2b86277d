"""What can be asked of a worker, as pure data: names, versions, lanes. The functions are in `tasks`, for workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Lane = Literal["batch", "interactive"]
SCIENCE = ("spikeinterface", "neo", "probeinterface", "numpy")
# A sorter's name and the distribution whose version decides what it finds; all others are part of SpikeInterface.
SORTER_PACKAGES = {"mountainsort5": "mountainsort5", "mountainsort4": "mountainsort4", "kilosort4": "kilosort"}


@dataclass(frozen=True)
class TaskInfo:
    """One task. Raise ``version`` when the same parameters give another result; old results are then not found.

    A ``parallel`` task is given as many cores as a job may have, any other one.
    """

    name: str
    version: int
    lane: Lane
    title: str
    packages: tuple[str, ...] = SCIENCE
    parallel: bool = False


TASKS: Mapping[str, TaskInfo] = {
    info.name: info
    for info in (
        TaskInfo("detect", 1, "interactive", "Find out what a path holds"),
        TaskInfo("formats", 1, "interactive", "List the recording formats"),
        TaskInfo("sorting_formats", 1, "interactive", "List the sorting formats"),
        TaskInfo("preview", 1, "interactive", "Look into a recording"),
        TaskInfo("preview_sorting", 1, "interactive", "Look into a sorting"),
        TaskInfo("traces", 1, "interactive", "Read traces"),
        TaskInfo("sorters", 1, "interactive", "List the sorters"),
        TaskInfo("sorter_fields", 1, "interactive", "Describe a sorter's parameters"),
        TaskInfo("preprocessing_fields", 1, "interactive", "Describe the preprocessing"),
        TaskInfo("check_sort", 1, "interactive", "Check a sorter run before it is queued"),
        TaskInfo("views", 1, "interactive", "List the views"),
        TaskInfo("draw", 1, "interactive", "Draw a view"),
        TaskInfo("frame", 1, "interactive", "Read a window of traces"),
        TaskInfo("trace_setup", 1, "interactive", "List the preprocessing steps"),
        TaskInfo("check_chain", 1, "interactive", "Check a chain of preprocessing"),
        TaskInfo("trace_units", 1, "interactive", "Look into a sorting's units"),
        TaskInfo("spikes", 1, "interactive", "Find the spikes of a window"),
        TaskInfo("next_spike", 1, "interactive", "Find the next spike"),
        TaskInfo("templates", 1, "interactive", "Read templates"),
        TaskInfo("measure", 1, "batch", "Measure channels"),
        TaskInfo("example", 1, "batch", "Make an example recording"),
        TaskInfo("import_sorting", 2, "batch", "Import a sorting"),
        TaskInfo("sort", 1, "batch", "Sort spikes", parallel=True),
        TaskInfo("analyze", 1, "batch", "Post-process a sorting"),
        TaskInfo("pyramid", 1, "batch", "Build the overview of a recording", parallel=True),
        TaskInfo("compare_truth", 1, "batch", "Compare to the ground truth"),
    )
}


def packages_of(info: TaskInfo, params: Mapping[str, Any]) -> tuple[str, ...]:
    """The distributions whose versions the result of this task with these parameters depends on."""
    own = SORTER_PACKAGES.get(str(params.get("sorter", "")))
    return (*info.packages, own) if own else info.packages
