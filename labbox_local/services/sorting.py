"""Running a spike sorter on a recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labbox_local.errors import Invalid
from labbox_local.fields import Field, changed, check
from labbox_local.services.analysis import queue_analysis
from labbox_local.services.importing import unused_name
from labbox_local.services.tools import Event, Tools
from labbox_local.store import recordings, results, sortings
from labbox_local.store.jobs import Job
from labbox_local.store.recordings import Recording
from labbox_local.store.sortings import Sorting

PREPROCESSING_PREFIX = "preprocessing."


@dataclass(frozen=True)
class SorterForm:
    """The page on which a sorter is chosen and set up; ``sorter`` is the plain entry of the chosen one."""

    recording: Recording
    sorters: Sequence[Mapping[str, Any]]
    sorter: Mapping[str, Any]
    fields: Sequence[Field]
    preprocessing_fields: Sequence[Field]
    entered: Mapping[str, Any]
    errors: Mapping[str, str]


@dataclass(frozen=True)
class Run:
    """What came of asking for a sorting: a queued job, or the sorting that already answers the same question."""

    job: Job | None
    sorting: Sorting | None


def catalog(tools: Tools) -> list[dict[str, Any]]:
    """Every sorter that SpikeInterface knows, the installed ones first."""
    known: list[dict[str, Any]] = tools.interactive.ask("sorters", {})
    return known


def form(
    tools: Tools,
    recording_id: int,
    sorter: str = "",
    entered: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> SorterForm:
    """The form for one sorter, with what was entered and what was wrong with it."""
    recording = recordings.get(tools.workspace.db, recording_id)
    sorters = catalog(tools)
    chosen = _entry(sorters, sorter or _default_sorter(tools, sorters))
    return SorterForm(
        recording=recording,
        sorters=sorters,
        sorter=chosen,
        fields=sorter_fields(tools, chosen["name"]),
        preprocessing_fields=preprocessing_fields(tools, recording),
        entered=entered or {},
        errors=errors or {},
    )


def sorter_fields(tools: Tools, sorter: str) -> list[Field]:
    """The sorter's own parameters."""
    return [Field.of(plain) for plain in tools.interactive.ask("sorter_fields", {"sorter": sorter})]


def preprocessing_fields(tools: Tools, recording: Recording) -> list[Field]:
    """Band-pass and common reference, with bounds and defaults that suit the recording."""
    plain = tools.interactive.ask("preprocessing_fields", {"facts": recording.facts})
    return [replace(Field.of(item), name=PREPROCESSING_PREFIX + item["name"]) for item in plain]


def run(
    tools: Tools, recording_id: int, sorter: str = "", entered: Mapping[str, Any] | None = None, name: str = ""
) -> Run:
    """Queue a sorter run, unless a sorting made from the very same recording, sorter and parameters exists.

    Parameters
    ----------
    recording_id : int
    sorter : str
        SpikeInterface's name of the sorter; the default one when empty.
    entered : mapping
        Parameters by dotted name, and preprocessing by names that begin with ``preprocessing.``; defaults elsewhere.
    name : str
        Of the new sorting; the sorter's name when empty.

    Raises
    ------
    Invalid
        With a sentence for every field that is wrong. Nothing is queued then.
    """
    page = form(tools, recording_id, sorter)
    values = check([*page.fields, *page.preprocessing_fields], entered or {})
    chain_values = {
        field.name.removeprefix(PREPROCESSING_PREFIX): values[field.name] for field in page.preprocessing_fields
    }
    params = {
        "spec": page.recording.spec,
        "sorter": page.sorter["name"],
        "params": {field.name: values[field.name] for field in page.fields},
        "preprocessing": chain_values,
    }
    checked = tools.interactive.ask("check_sort", {**params, "facts": page.recording.facts})
    params["preprocessing"] = checked["preprocessing"]
    on_done = {
        "name": name or page.sorter["name"],
        "params_changed": changed(page.fields, values),
    }
    return _queue_or_reuse(tools, page.recording, params, on_done)


def sorted_(tools: Tools, db: Any, job: Job, result: results.Result) -> list[Event]:
    """Completion of a sorter run: the sorting appears and its post-processing is queued."""
    _insert(tools, db, job.recording_id, job.params, job.on_done or {}, result)
    return [("library", {"recording": job.recording_id})]


def _queue_or_reuse(tools: Tools, recording: Recording, params: dict[str, Any], on_done: dict[str, Any]) -> Run:
    inputs = (recording.fingerprint,)
    with tools.workspace.transaction() as db:
        result = results.get_or_none(db, tools.supervisor.key("sort", params, inputs))
        if result is not None:
            twins = [known for known in sortings.all(db, recording_id=recording.id) if known.result_key == result.key]
            found = twins[0] if twins else _insert(tools, db, recording.id, params, on_done, result)
            return Run(job=None, sorting=found)
        job = tools.supervisor.enqueue(
            "sort",
            params,
            title=f"Sort {recording.name} with {params['sorter']}",
            inputs=inputs,
            recording_id=recording.id,
            on_done=on_done,
            db=db,
        )
    tools.supervisor.ring()
    return Run(job=job, sorting=None)


def _insert(
    tools: Tools,
    db: Any,
    recording_id: int | None,
    params: Mapping[str, Any],
    on_done: Mapping[str, Any],
    result: results.Result,
) -> Sorting:
    names = [known.name for known in sortings.all(db, recording_id=recording_id)]
    sorting_id = sortings.insert(
        db,
        recording_id=recording_id,
        name=unused_name(on_done["name"], names),
        source="sorter",
        sorter=params["sorter"],
        params=params["params"],
        params_changed=on_done["params_changed"],
        preprocessing=params["preprocessing"],
        unit_count=result.summary["unit_count"],
        spike_count=result.summary["spike_count"],
        result_key=result.key,
        run_seconds=result.seconds,
    )
    sorting = sortings.get(db, sorting_id)
    queue_analysis(tools, db, sorting)
    return sorting


def _default_sorter(tools: Tools, sorters: Sequence[Mapping[str, Any]]) -> str:
    names = [entry["name"] for entry in sorters if entry["installed"]]
    wanted = tools.settings.default_sorter
    if wanted in names or not names:
        return wanted
    return str(names[0])


def _entry(sorters: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    for entry in sorters:
        if entry["name"] == name:
            return entry
    known = ", ".join(entry["name"] for entry in sorters if entry["installed"])
    raise Invalid({"sorter": f"There is no sorter named “{name}”; installed are {known}."})
