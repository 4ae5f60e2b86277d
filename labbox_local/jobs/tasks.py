"""What a worker can do, by name. Imported in workers only: it brings in all of the science."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from labbox_local.ephys import (
    analyzers,
    comparison,
    detection,
    examples,
    measure,
    preprocessing,
    preview,
    readers,
    recordings,
    sorters,
    sorting_import,
    sortings,
    traces,
)
from labbox_local.errors import Invalid
from labbox_local.jobs import trace_tasks
from labbox_local.jobs.context import Context
from labbox_local.jobs.opening import located, open_analyzer, open_recording, open_sorting, place
from labbox_local.views import base, registry

Params = Mapping[str, Any]
PREPROCESSING_PREFIX = "preprocessing."


@cache
def views() -> registry.Registry:
    """The views of this worker's life; plug-ins are loaded once."""
    return registry.load()


# Questions of the pages


def detect(ctx: Context, params: Params) -> dict[str, Any]:
    """What a path may hold."""
    return detection.detect(params["path"])


def formats(ctx: Context, params: Params) -> list[dict[str, Any]]:
    """The recording formats with their options."""
    return readers.formats()


def sorting_formats(ctx: Context, params: Params) -> list[dict[str, Any]]:
    """The sorting formats with their options."""
    return sorting_import.formats()


def look(ctx: Context, params: Params) -> dict[str, Any]:
    """A recording as it would be imported."""
    return preview.preview(located(params["spec"], ctx.blobs), params.get("probe"))


def look_at_sorting(ctx: Context, params: Params) -> dict[str, Any]:
    """What a sorting on disk holds."""
    return sorting_import.preview(params["path"], params["format"], params["options"], _spec_or_none(ctx, params))


def read_traces(ctx: Context, params: Params) -> dict[str, Any]:
    """Minimum and maximum per pixel of a window."""
    recording = open_recording(ctx, params["spec"])
    return traces.envelope_of(
        recording, params["start_s"], params["duration_s"], params["segment"],
        _positions(recording, params.get("channels")), params.get("preprocessing") or (), params["max_points"],
    )  # fmt: skip


def list_sorters(ctx: Context, params: Params) -> list[dict[str, Any]]:
    """Every sorter, the installed ones first."""
    return sorters.catalog()


def sorter_fields(ctx: Context, params: Params) -> list[dict[str, Any]]:
    """A sorter's parameters."""
    return [field.plain() for field in sorters.fields(params["sorter"])]


def preprocessing_fields(ctx: Context, params: Params) -> list[dict[str, Any]]:
    """The form of a recording's preprocessing."""
    return [field.plain() for field in preprocessing.fields(params["facts"])]


def check_sort(ctx: Context, params: Params) -> dict[str, Any]:
    """The checked parameters and the chain that the form means; Invalid names the form's own fields."""
    facts, wrong = params["facts"], {}
    chain: list[dict[str, Any]] = []
    try:
        chain = preprocessing.chain_of(facts, params["preprocessing"])
    except Invalid as error:
        wrong = {f"{PREPROCESSING_PREFIX}{name}": text for name, text in error.fields.items()}
    try:
        values = sorters.check(
            sampling_rate_hz=facts["sampling_rate_hz"], channel_count=facts["channel_count"],
            has_probe=facts["has_probe"], sample_counts=facts["sample_counts"], sorter=params["sorter"],
            params=params["params"], preprocessing=chain,
        )  # fmt: skip
    except Invalid as error:
        raise Invalid({**wrong, **error.fields}) from error
    if wrong:
        raise Invalid(wrong)
    return {"params": values, "preprocessing": chain}


def list_views(ctx: Context, params: Params) -> dict[str, Any]:
    """Every view, and the plug-ins that failed to load."""
    return views().plain()


def draw(ctx: Context, params: Params) -> bytes:
    """What a view shows of a sorting, as JSON text."""
    data = base.ViewData(
        sorting=open_sorting(ctx, params["sorting"]),
        analyzer=open_analyzer(ctx, params["analyzer"]) if params.get("analyzer") else None,
        labels=params.get("labels") or {},
        has_recording=params.get("has_recording", True),
    )
    return base.draw(views().get(params["view"]), data, params.get("selection") or {}, params.get("settings") or {})


# Jobs


def measure_channels(ctx: Context, params: Params) -> dict[str, Any]:
    """Noise and bad channels of a recording."""
    return measure.measure(located(params["spec"], ctx.blobs), ctx.progress)


def make_example(ctx: Context, params: Params) -> dict[str, Any]:
    """A recording with known true units."""
    return examples.make(ctx.output, **params, progress=ctx.progress)


def import_sorting(ctx: Context, params: Params) -> dict[str, Any]:
    """A sorting from disk, as our own arrays, and the chain through which its recording's waveforms are to be seen."""
    spec = _spec_or_none(ctx, params)
    summary = sorting_import.run(ctx.output, params["path"], params["format"], params["options"], spec, ctx.progress)
    facts = recordings.facts(recordings.open_recording(spec), spec) if spec else None
    return {**summary, "preprocessing": preprocessing.default_chain(facts) if facts else []}


def sort(ctx: Context, params: Params) -> dict[str, Any]:
    """A sorter's run."""
    return sorters.run(
        _preprocessed(ctx, params), params["sorter"], params["params"], ctx.output / "sorting", ctx.scratch,
        ctx.progress, cores=ctx.cores,
    )  # fmt: skip


def analyze(ctx: Context, params: Params) -> dict[str, Any]:
    """The post-processing of a sorting, on one core: two are slower on two."""
    data = sortings.load(place(params["sorting"], ctx.blobs))
    return analyzers.run(_preprocessed(ctx, params), data, ctx.output / "analyzer", ctx.scratch, ctx.progress)


def compare_truth(ctx: Context, params: Params) -> dict[str, Any]:
    """How well a sorting finds the true units."""
    found, truth = (sortings.load(place(params[name], ctx.blobs)) for name in ("sorting", "truth"))
    return comparison.to_truth(found, truth)


def _preprocessed(ctx: Context, params: Params) -> Any:
    ctx.progress("opening the recording")
    recording = recordings.open_recording(located(params["spec"], ctx.blobs))
    return preprocessing.apply(recording, params["preprocessing"])


def _spec_or_none(ctx: Context, params: Params) -> dict[str, Any] | None:
    return located(params["spec"], ctx.blobs) if params.get("spec") else None


def _positions(recording: Any, channels: Sequence[str] | None) -> list[int] | None:
    """Where the channels of these ids (as text) stand in the recording."""
    if channels is None:
        return None
    position = {str(channel): index for index, channel in enumerate(recording.channel_ids)}
    if missing := [channel for channel in channels if channel not in position]:
        raise Invalid({"channels": f"This recording has no channel “{missing[0]}”."})
    return [position[channel] for channel in channels]


FUNCTIONS: Mapping[str, Callable[[Context, dict[str, Any]], Any]] = {
    "detect": detect,
    "formats": formats,
    "sorting_formats": sorting_formats,
    "preview": look,
    "preview_sorting": look_at_sorting,
    "traces": read_traces,
    "sorters": list_sorters,
    "sorter_fields": sorter_fields,
    "preprocessing_fields": preprocessing_fields,
    "check_sort": check_sort,
    "views": list_views,
    "draw": draw,
    "measure": measure_channels,
    "example": make_example,
    "import_sorting": import_sorting,
    "sort": sort,
    "analyze": analyze,
    "compare_truth": compare_truth,
    **trace_tasks.FUNCTIONS,
}
