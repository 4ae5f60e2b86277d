"""What a worker can do for the trace viewer: windows, spikes and templates over them, chains, and overviews.

What was computed for a window stays in a cache of its own, which may hold half of what the worker may keep.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from labbox_local.ephys import chain_steps, chains, preprocessing, pyramid, recordings, spike_windows, tracing
from labbox_local.ephys.sortings import SortingData
from labbox_local.ephys.windows import View, Window
from labbox_local.errors import Unavailable
from labbox_local.jobs.cache import Cache
from labbox_local.jobs.context import Context
from labbox_local.jobs.keys import canonical
from labbox_local.jobs.opening import (
    Params,
    kept,
    located,
    open_analyzer,
    open_recording,
    open_sorting,
    place,
    stamp,
)

MOST_CHUNKS = 100_000
VIEW_BYTES = 4_000_000
INSIDE = "pyramid"


@cache
def computed(limit_bytes: int) -> Cache:
    """What this worker has computed for windows."""
    return Cache(limit_bytes, MOST_CHUNKS)


def open_view(ctx: Context, spec: Params, chain: list[Any]) -> View:
    """The recording with a chain, opened again only if its files have changed since."""
    found = located(spec, ctx.blobs)
    name = canonical([found, chain, [list(file) for file in stamp(Path(found["path"]))]])

    def opened() -> View:
        recording, keep = open_recording(ctx, spec), computed(ctx.cache_bytes // 2).get
        return tracing.open_view(recording, chain, path=found["path"], keep=keep, name=name)

    view: View = kept(ctx.cache_bytes).get(("view", name), opened, lambda _: VIEW_BYTES)
    return view


def frame(ctx: Context, params: Params) -> bytes:
    """A window of traces, through a chain, without the templates of some units where that is asked for."""
    chain = chains.checked(params["chain"])
    view = open_view(ctx, params["spec"], chain)
    _check_length(view, params["sample_counts"])
    window = Window(*(params[name] for name in ("segment", "start", "count", "columns", "channels")))
    if params.get("residual"):
        return tracing.frame(_residual(ctx, view, params), None, window, {"job": None})
    built, job = _pyramid(ctx, chain, params["pyramids"])
    extra = {"job": job}
    try:
        return tracing.frame(view, built, window, extra)
    except Unavailable:
        # A growing pyramid becomes a stored one while somebody looks at it; the samples themselves are still there.
        return tracing.frame(view, None, window, extra)


def setup(ctx: Context, params: Params) -> dict[str, Any]:
    """The steps that a chain may have, and the chain that suits a recording."""
    return {**chain_steps.catalog(), "default_chain": preprocessing.default_chain(params["facts"])}


def check_chain(ctx: Context, params: Params) -> dict[str, Any]:
    """The chain without what is off or left at its default, and its title; Invalid if it does not fit the recording."""
    chain = chains.checked(params["chain"])
    shown = chains.apply(open_recording(ctx, params["spec"]), chain)
    chains.margin_samples(shown)
    return {"chain": chain, "title": chains.title(chain)}


def units(ctx: Context, params: Params) -> dict[str, Any]:
    """The units of a sorting, and whether their templates can stand on traces."""
    sorting = open_sorting(ctx, params["sorting"])
    try:
        _templates(ctx, sorting, params)
        note = ""
    except Unavailable as error:
        note = str(error)
    return {
        "unit_ids": list(sorting.unit_ids),
        "spike_counts": sorting.spike_counts().tolist(),
        "has_templates": not note,
        "templates_note": note,
    }


def spikes(ctx: Context, params: Params) -> bytes:
    """The spikes of a window."""
    sorting = open_sorting(ctx, params["sorting"])
    return spike_windows.spikes_frame(
        sorting, params["segment"], params["start"], params["count"], params["units"], params["limit"]
    )


def next_spike(ctx: Context, params: Params) -> dict[str, int]:
    """The nearest spike further on."""
    sorting = open_sorting(ctx, params["sorting"])
    return spike_windows.next_spike(sorting, params["segment"], params["sample"], params["units"], params["direction"])


def templates(ctx: Context, params: Params) -> bytes:
    """Templates of some units on all channels of the recording."""
    sorting = open_sorting(ctx, params["sorting"])
    chosen: Sequence[int] = range(sorting.unit_count) if params["units"] is None else params["units"]
    stored, before = _templates(ctx, sorting, params)
    return spike_windows.templates_frame(stored, before, chosen, params["unit"])


def build_pyramid(ctx: Context, params: Params) -> dict[str, Any]:
    """The overview of a recording with a chain; goes on with what an earlier job of the same kind has left."""
    ctx.progress("opening the recording")
    spec = located(params["spec"], ctx.blobs)
    recording = recordings.open_recording(spec)
    folder = ctx.growing(params["growing"])
    built = tracing.build(
        recording, params["chain"], folder, path=spec["path"], threads=ctx.cores,
        progress=lambda fraction: ctx.progress("building the overview", fraction),
    )  # fmt: skip
    _copy(folder, ctx.output / INSIDE)
    return {
        "chain": params["chain"],
        "title": chains.title(params["chain"]),
        "levels": built.plan.level_count,
        "factor": built.plan.factor,
    }


def _residual(ctx: Context, view: View, params: Params) -> View:
    wanted = params["residual"]
    if view.unit != params["unit"]:
        raise Unavailable(
            f"After this chain values are in {view.unit}, templates in {params['unit']}; they cannot be subtracted.",
            "Take the steps out that scale or whiten.",
        )
    sorting = open_sorting(ctx, wanted["sorting"])
    stored, before = _templates(ctx, sorting, {**wanted, "channel_count": params["channel_count"]})
    return tracing.residual(
        view,
        lambda segment, start, stop: spike_windows.spikes_in(sorting, segment, start, stop, wanted["units"]),
        stored,
        before,
    )


def _templates(ctx: Context, sorting: SortingData, params: Params) -> Any:
    analyzer = open_analyzer(ctx, params["analyzer"]) if params["analyzer"] else None
    key = ("templates", params["sorting"], params["analyzer"], params["channel_count"])
    return kept(ctx.cache_bytes).get(
        key,
        lambda: spike_windows.templates_of(sorting, analyzer, params["channel_count"]),
        lambda made: int(made[0].nbytes),
    )


def _pyramid(ctx: Context, chain: list[Any], known: Sequence[Params]) -> tuple[pyramid.Pyramid | None, int | None]:
    """The chain's pyramid, stored or growing, and the job that builds it."""
    for one in known:
        if one["chain"] == chain:
            folder = place(one["blob"], ctx.blobs) if one["blob"] else ctx.growing(one["growing"])
            return pyramid.open_pyramid(folder), one["job"]
    return None, None


def _check_length(view: View, expected: Sequence[int]) -> None:
    """A file that was cut between two windows is opened as what it is now; that is not what the person looks at."""
    for segment, (now, before) in enumerate(zip(view.source.sample_counts, expected, strict=False)):
        if now < before:
            raise Unavailable(
                f"The recording has become shorter since it was imported: segment {segment} had {before:,} samples, "
                f"it has {now:,}.",
                "Put the whole file back, or import the shorter one as a recording of its own.",
            )


def _copy(folder: Path, target: Path) -> None:
    """The same files under another name; what grew stays until the result is kept, in case that goes wrong."""
    target.mkdir()
    for path in folder.iterdir():
        try:
            os.link(path, target / path.name)
        except OSError:
            shutil.copyfile(path, target / path.name)


FUNCTIONS: Mapping[str, Callable[[Context, dict[str, Any]], Any]] = {
    "frame": frame,
    "trace_setup": setup,
    "check_chain": check_chain,
    "trace_units": units,
    "spikes": spikes,
    "next_spike": next_spike,
    "templates": templates,
    "pyramid": build_pyramid,
}
