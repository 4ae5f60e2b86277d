"""Recordings opened for looking at: raw or through a chain, with spikes subtracted where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spikeinterface.core import BaseRecording

from labbox_local.ephys import chains, fingerprints, memory, sources
from labbox_local.ephys import pyramid_kernels as kernels
from labbox_local.ephys.chains import Chain
from labbox_local.ephys.pyramid import FACTOR, Pyramid, grow
from labbox_local.ephys.sortings import plain
from labbox_local.ephys.sources import Keep, Rows, Source, TracesSource
from labbox_local.ephys.third_party import reading
from labbox_local.ephys.windows import View, Window, answer
from labbox_local.errors import Invalid

MOST_WATCHED_FILES = 100


def open_view(
    recording: BaseRecording,
    chain: Chain = (),
    *,
    path: str = "",
    keep: Keep = sources.keep_nothing,
    name: Hashable = "",
) -> View:
    """A recording with a chain, ready to be looked at.

    Parameters
    ----------
    recording : BaseRecording
        Raw, as it was opened.
    chain : sequence
        See `chains`; empty for raw.
    path : str
        File or folder that the recording was opened from: what lies there is watched for becoming shorter.
    keep : Keep
        Holds what was computed from one window to the next.
    name : hashable
        Tells this recording and chain from others in what is kept.
    """
    shown = chains.apply(recording, list(chain))
    flat = sources.flat_files(recording)
    if shown is recording and flat is not None:
        source: Source = flat
    else:
        watched = fingerprints.files_of(Path(path))[:MOST_WATCHED_FILES] if path else []
        files = sources.sizes_of([file.path for file in flat.files] if flat is not None else watched)
        margin = 0 if shown is recording else chains.margin_samples(shown)
        source = TracesSource(shown, margin=margin, keep=keep, name=name, files=files)
    return _view(recording, shown, source, list(chain))


def frame(view: View, pyramid: Pyramid | None, window: Window, extra: dict[str, Any] | None = None) -> bytes:
    """`windows.answer`, for channels by their position in the recording; those that a chain removed are left out.

    Raises
    ------
    Invalid
        When a part of the window cannot be, or the reader fails on the samples.
    Unavailable
        When a file is gone or has become shorter.
    """
    memory.reuse_freed()
    if view.positions is not None and window.channels is not None:
        where = {int(position): channel for channel, position in enumerate(view.positions)}
        shown = [where[channel] for channel in window.channels if channel in where]
        if not shown:
            raise Invalid({"channels": "The chain leaves none of these channels."})
        window = Window(window.segment, window.start, window.count, window.columns, shown)
    with reading("The samples cannot be read"):
        return answer(view, pyramid, window, extra)


def build(
    recording: BaseRecording, chain: Chain, folder: Path, *, path: str = "", threads: int,
    progress: Callable[[float], None], factor: int = FACTOR,
) -> Pyramid:  # fmt: skip
    """The pyramid of a recording with a chain, made or gone on with in `folder`; see `pyramid.grow`."""
    source = open_view(recording, chain, path=path).source
    if isinstance(source, TracesSource):
        # readers other than of flat files make no promise about threads
        source.threads = sources.flat_files(recording) is not None
    with reading("The samples cannot be read"):
        return grow(source, folder, factor=factor, threads=threads, progress=progress)


class Residual(Source):
    """The samples of another source, in float32, without the templates of some spikes.

    Parameters
    ----------
    source : Source
    spikes : callable
        Segment, first and past-the-last sample to samples (int64) and template positions (int32), ascending.
    templates : float32 array, (units, samples, C)
        In the source's own steps, not µV.
    before : int
        Samples of a template before its spike.
    """

    cheap = False

    def __init__(
        self,
        source: Source,
        spikes: Callable[[int, int, int], tuple[NDArray[np.int64], NDArray[np.int32]]],
        templates: NDArray[np.float32],
        before: int,
    ) -> None:
        self.dtype = np.dtype(np.float32)
        self.sample_counts = source.sample_counts
        self.channels = np.arange(len(source.channels), dtype=np.int64)
        self.chunk = source.chunk
        self.threads = source.threads
        self._source, self._spikes, self._templates, self._before = source, spikes, templates, before

    def pieces(self, segment: int, start: int, stop: int) -> Iterator[tuple[int, Rows]]:
        """See `Source.pieces`."""
        for first, rows in self._source.pieces(segment, start, stop):
            left = np.ascontiguousarray(rows[:, self._source.channels], dtype=np.float32)
            left = left.copy() if left is rows else left
            reach = self._templates.shape[1]
            samples, units = self._spikes(segment, first - reach, first + len(rows) + reach)
            kernels.subtract_templates(left, first, samples, units, self._templates, self._before)
            yield first, left


def residual(
    view: View,
    spikes: Callable[[int, int, int], tuple[NDArray[np.int64], NDArray[np.int32]]],
    templates: NDArray[Any],
    before: int,
) -> View:
    """The view without the templates, (units, samples, channels of the recording), which are in the view's unit."""
    positions = np.arange(len(view.channel_ids)) if view.positions is None else view.positions
    steps = np.asarray(templates[:, :, positions] / view.scale, dtype=np.float32)
    source = Residual(view.source, spikes, np.ascontiguousarray(steps), before)
    return View(source, view.channel_ids, view.scale, view.offset, view.unit, view.sampling_rate_hz, view.positions)


def _view(recording: BaseRecording, shown: BaseRecording, source: Source, chain: list[Any]) -> View:
    count = shown.get_num_channels()
    voltage = chains.is_voltage(shown, chain)
    gains = np.asarray(shown.get_channel_gains(), dtype=float) if voltage else np.ones(count)
    offsets = np.asarray(shown.get_channel_offsets(), dtype=float) if voltage else np.zeros(count)
    where = {channel: position for position, channel in enumerate(recording.channel_ids.tolist())}
    ids = shown.channel_ids.tolist()
    return View(
        source=source,
        channel_ids=[plain(channel) for channel in ids],
        scale=gains,
        offset=offsets,
        unit="µV" if voltage else "a.u.",
        sampling_rate_hz=float(shown.get_sampling_frequency()),
        positions=None if shown is recording else np.array([where[channel] for channel in ids], dtype=np.int64),
    )
