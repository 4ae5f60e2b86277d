"""What workers can do: thin functions from the parameters of a job to the science, by the names of `catalog`.

Only workers import this module (and the public API, for the paths of blobs): it brings SpikeInterface with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from labbox_local.ephys import (
    analyzers,
    comparison,
    detection,
    examples,
    preprocessing,
    preview,
    readers,
    recordings,
    sorters,
    sorting_import,
    sortings,
    traces,
)
from labbox_local.ephys.measure import measure
from labbox_local.ephys.sortings import SortingData
from labbox_local.jobs.cache import Cache
from labbox_local.jobs.context import Context
from labbox_local.views import base, registry

BLOB = "blob:"
OPEN_AT_MOST = 32
# An open recording or analyzer holds headers, probe and whatever of it was asked for: far from nothing, hard to ask.
OPEN_BYTES = 4_000_000

Params = dict[str, Any]
_cache: Cache | None = None


def located(value: Any, blobs: Path) -> Any:
    """`value` with every path that begins with ``blob:`` (alone or inside lists and mappings) made a real one."""
    if isinstance(value, str) and value.startswith(BLOB):
        digest, _, inside = value.removeprefix(BLOB).partition("/")
        return str(blobs / digest[:2] / digest[2:] / inside)
    if isinstance(value, Mapping):
        return {name: located(item, blobs) for name, item in value.items()}
    return [located(item, blobs) for item in value] if isinstance(value, list) else value


def detect(ctx: Context, params: Params) -> Any:
    """What a path may hold."""
    return detection.detect(params["path"])


def formats(ctx: Context, params: Params) -> Any:
    """Every format of recordings."""
    return readers.formats()


def look(ctx: Context, params: Params) -> Any:
    """A recording as it would be imported."""
    return preview.preview(params["spec"], params["probe"])


def look_at_sorting(ctx: Context, params: Params) -> Any:
    """A sorting as it would be imported."""
    return sorting_import.preview(**params)


def read_traces(ctx: Context, params: Params) -> Any:
    """Extremes per pixel of a window."""
    recording = _recording(ctx, params["spec"])
    return traces.envelope_of(
        recording,
        params["start_s"],
        params["duration_s"],
        params["segment"],
        _positions(recording, params["channels"]),
        params["preprocessing"],
        params["max_points"],
    )


def list_sorters(ctx: Context, params: Params) -> Any:
    """Every sorter."""
    return sorters.catalog()


def sorter_fields(ctx: Context, params: Params) -> Any:
    """The parameters of one sorter."""
    return [field.plain() for field in sorters.fields(params["sorter"])]


def preprocessing_fields(ctx: Context, params: Params) -> Any:
    """The preprocessing form for one recording."""
    return [field.plain() for field in preprocessing.fields(params["facts"])]


def check_sort(ctx: Context, params: Params) -> Any:
    """The values and the chain with which the sorter would run."""
    facts = params["facts"]
    chain = preprocessing.chain_of(facts, params["preprocessing"])
    values = sorters.check(
        sampling_rate_hz=facts["sampling_rate_hz"],
        channel_count=facts["channel_count"],
        has_probe=facts["has_probe"],
        sample_counts=facts["sample_counts"],
        sorter=params["sorter"],
        params=params["params"],
        preprocessing=chain,
    )
    return {"params": values, "preprocessing": chain}


def list_views(ctx: Context, params: Params) -> Any:
    """Every view and every plug-in that failed."""
    return _registry().plain()


def draw(ctx: Context, params: Params) -> bytes:
    """One view of one sorting."""
    sorting = _sorting(ctx, params["sorting"])
    analyzer = _analyzer(ctx, params["analyzer"]) if params["analyzer"] else None
    data = base.ViewData(sorting, analyzer, params["labels"], params["has_recording"])
    return base.draw(_registry().get(params["view"]), data, params["selection"], params["settings"])


def measure_channels(ctx: Context, params: Params) -> Any:
    """Noise and bad channels."""
    return measure(located(params["spec"], ctx.blobs), ctx.progress)


def make_example(ctx: Context, params: Params) -> Any:
    """A recording and its true units, in the output folder."""
    return examples.make(ctx.output, **params, progress=ctx.progress)


def import_sorting(ctx: Context, params: Params) -> Any:
    """A sorting of somebody else's, in the output folder."""
    return sorting_import.run(ctx.output, **located(params, ctx.blobs), progress=ctx.progress)


def sort(ctx: Context, params: Params) -> Any:
    """One run of a sorter, its sorting in the output folder."""
    ctx.progress("Opening the recording")
    recording = preprocessing.apply(_open(ctx, params["spec"]), params["preprocessing"])
    folder = ctx.output / "sorting"
    return sorters.run(
        recording, params["sorter"], params["params"], folder, ctx.scratch, ctx.progress, cores=ctx.cores
    )


def analyze(ctx: Context, params: Params) -> Any:
    """A sorting analyzer, in the output folder."""
    ctx.progress("Opening the recording")
    recording = preprocessing.apply(_open(ctx, params["spec"]), params["preprocessing"])
    sorting = sortings.load(Path(located(params["sorting"], ctx.blobs)))
    return analyzers.run(recording, sorting, ctx.output / "analyzer", ctx.scratch, ctx.progress)


def compare_truth(ctx: Context, params: Params) -> Any:
    """A sorting against the true units."""
    ctx.progress("Comparing")
    places = located(params, ctx.blobs)
    return comparison.to_truth(sortings.load(Path(places["sorting"])), sortings.load(Path(places["truth"])))


FUNCTIONS: Mapping[str, Callable[[Context, Params], Any]] = {
    "detect": detect,
    "formats": formats,
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
}


@cache
def _registry() -> registry.Registry:
    return registry.load()


def _open(ctx: Context, spec: Params) -> Any:
    return recordings.open_recording(located(spec, ctx.blobs))


def _kept(ctx: Context) -> Cache:
    global _cache
    if _cache is None:
        _cache = Cache(ctx.cache_bytes, OPEN_AT_MOST)
    return _cache


def _recording(ctx: Context, spec: Params) -> Any:
    key = ("recording", json.dumps(spec, sort_keys=True))
    return _kept(ctx).get(key, lambda: _open(ctx, spec), lambda recording: OPEN_BYTES)


def _sorting(ctx: Context, place: str) -> SortingData:
    def size_bytes(sorting: SortingData) -> int:
        return OPEN_BYTES + 24 * sorting.spike_count  # the spike trains per unit, which it builds when asked

    loaded: SortingData = _kept(ctx).get(place, lambda: sortings.load(Path(located(place, ctx.blobs))), size_bytes)
    return loaded


def _analyzer(ctx: Context, place: str) -> Any:
    folder = Path(located(place, ctx.blobs))
    return _kept(ctx).get(place, lambda: analyzers.open_analyzer(folder), lambda analyzer: OPEN_BYTES)


def _positions(recording: Any, channels: list[str] | None) -> list[int] | None:
    if not channels:
        return None
    known = {str(channel): position for position, channel in enumerate(recording.channel_ids)}
    return [known[channel] for channel in channels if channel in known]
