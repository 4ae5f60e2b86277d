"""Probes: read from probe files without running them, generated, wired to a recording, and described for drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import probeinterface
import scipy.io
from numpy.typing import NDArray
from probeinterface import Probe, ProbeGroup
from spikeinterface.core import BaseRecording

from labbox_local.ephys import literals, mda, paths
from labbox_local.ephys.sortings import plain
from labbox_local.ephys.third_party import reading
from labbox_local.errors import Invalid
from labbox_local.fields import Field, check

CONTACT_RADIUS_UM = 5.0
SOURCES = ("file", "none", "probe_file", "generated", "spec")
PITCH = Field(
    "pitch_um", "float", 20.0, label="pitch", unit="µm", minimum=0.1, maximum=10_000, help="Between contacts."
)
LAYOUTS: dict[str, tuple[Field, ...]] = {
    "linear": (PITCH,),
    "grid": (
        Field("columns", "int", 2, minimum=1, maximum=10_000, help="Contacts side by side."),
        Field("x_pitch_um", "float", 20.0, label="pitch across", unit="µm", minimum=0.1, maximum=10_000),
        Field("y_pitch_um", "float", 20.0, label="pitch along", unit="µm", minimum=0.1, maximum=10_000),
    ),
    "tetrode": (
        Field("pitch_um", "float", 25.0, label="side", unit="µm", minimum=0.1, maximum=10_000,
              help="Between neighbouring contacts of a tetrode."),
        Field("spacing_um", "float", 300.0, label="spacing", unit="µm", minimum=1, maximum=100_000,
              help="Between tetrodes; each is a group of its own."),
    ),
}  # fmt: skip


def choose(choice: Mapping[str, Any], recording: BaseRecording) -> dict[str, Any] | None:
    """The probe that a person chose for a recording, as plain data for a spec; None for none.

    Parameters
    ----------
    choice : mapping
        ``source``: "file" (what the recording's files say), "none", "probe_file" (with ``path``), "generated" (with
        ``layout`` and its ``params``) or "spec" (with ``probe``, plain data).
    recording : BaseRecording

    Raises
    ------
    Invalid
        At ``probe`` or at the parameter that is wrong.
    """
    source = choice.get("source") or "file"
    if source not in SOURCES:
        raise Invalid({"probe": f"A probe comes from one of {', '.join(SOURCES)}; “{source}” is none of them."})
    if source == "none":
        return None
    if source == "spec":
        return dict(choice["probe"])
    if source == "file":
        return as_plain(recording.get_probegroup()) if recording.has_probe() else None
    channels = recording.get_num_channels()
    if source == "generated":
        return as_plain(generate(str(choice.get("layout", "")), choice.get("params") or {}, channels))
    return as_plain(wired(read(str(choice.get("path") or "")), channels))


def read(path: str) -> ProbeGroup:
    """The probes in a file: .prb, probeinterface .json, SpikeGLX .meta, Open Ephys .xml, Kilosort .mat, geom .csv.

    Raises
    ------
    Invalid
        At ``probe``, when the file is missing, of another kind or damaged.
    """
    file = paths.existing_file(path, "probe")
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise Invalid({"probe": f"{file.name} is no probe file; known are {', '.join(READERS)}."})
    with reading(f"{file.name} cannot be read as a probe", "probe"):
        found = reader(file)
        group = found if isinstance(found, ProbeGroup) else _group([found])
    if group.get_contact_count() == 0:
        raise Invalid({"probe": f"{file.name} has no contacts."})
    return group


def wired(group: ProbeGroup, channels: int) -> ProbeGroup:
    """`group` with its contacts wired to the channels of a recording, in order when the file does not say how.

    Raises
    ------
    Invalid
        At ``probe``, when the numbers do not agree.
    """
    indices = group.get_global_device_channel_indices()["device_channel_indices"]
    if np.any(indices >= 0):
        count, kind = int(np.sum(indices >= 0)), "wired contacts"
    else:
        count, kind = group.get_contact_count(), "contacts"
    if count != channels:
        raise Invalid({"probe": f"The probe has {count} {kind}, the recording {channels} channels."})
    if not np.any(indices >= 0):
        group.set_global_device_channel_indices(np.arange(channels))
    return group


def generate(layout: str, params: Mapping[str, Any], channels: int) -> ProbeGroup:
    """A probe of one of `LAYOUTS` with a contact for every channel, wired in order."""
    if layout not in LAYOUTS:
        raise Invalid({"probe": f"A generated probe is one of {', '.join(LAYOUTS)}; “{layout}” is none of them."})
    values = check(LAYOUTS[layout], params)
    if layout == "tetrode":
        group = _tetrodes(channels, values["pitch_um"], values["spacing_um"])
    elif layout == "linear":
        group = _group([_flat_probe(np.c_[np.zeros(channels), np.arange(channels) * values["pitch_um"]], "linear")])
    else:
        rows, columns = np.divmod(np.arange(channels), values["columns"])
        if channels % values["columns"]:
            raise Invalid({"probe": f"A grid of {values['columns']} columns cannot hold {channels} channels evenly."})
        positions = np.c_[columns * values["x_pitch_um"], rows * values["y_pitch_um"]]
        group = _group([_flat_probe(positions, "grid")])
    group.set_global_device_channel_indices(np.arange(channels))
    return group


def as_plain(group: ProbeGroup) -> dict[str, Any]:
    """A probe group as JSON-able data; `ProbeGroup.from_dict` makes it one again."""
    described: dict[str, Any] = plain(group.to_dict(array_as_list=True))
    return described


def drawing(recording: BaseRecording) -> dict[str, Any] | None:
    """The recording's probe for a drawing, None when it has none.

    Returns
    -------
    dict
        ``contacts``: list of ``{id, x_um, y_um, shank, channel_index, channel_id}``; ``contour_um``: a polygon per
        probe; ``shape`` and ``radius_um`` or ``width_um`` and ``height_um`` of the contacts.
    """
    if not recording.has_probe():
        return None
    group = recording.get_probegroup()
    table = group.to_numpy(complete=True)
    wiring = group.get_global_device_channel_indices()["device_channel_indices"]
    ids = recording.channel_ids
    contacts = [
        {
            "id": str(row["contact_ids"]) or str(number),
            "x_um": float(row["x"]),
            "y_um": float(row["y"]),
            "shank": _shank(row),
            "channel_index": int(wiring[number]),
            "channel_id": plain(ids[wiring[number]]) if wiring[number] >= 0 else None,
        }
        for number, row in enumerate(table)
    ]
    contours = [probe.probe_planar_contour for probe in group.probes]
    return {
        "contacts": contacts,
        "contour_um": [contour[:, :2].tolist() for contour in contours if contour is not None],
        **_shape(group.probes[0]),
    }


def _shank(row: Any) -> str:
    names = row.dtype.names
    probe = int(row["probe_index"]) if "probe_index" in names else 0
    shank = str(row["shank_ids"]) if "shank_ids" in names else ""
    return f"{probe}:{shank}" if probe and shank else shank or str(probe)


def _shape(probe: Probe) -> dict[str, Any]:
    shape = str(probe.contact_shapes[0])
    params = probe.contact_shape_params[0]
    sizes = {f"{name}_um": float(params[name]) for name in ("radius", "width", "height") if name in params}
    return {"shape": shape, **sizes}


def _read_prb(file: Path) -> ProbeGroup:
    values = literals.assignments(file.read_text(encoding="utf-8", errors="replace"))
    groups = next((value for name, value in values.items() if name.lower() == "channel_groups"), None)
    if not isinstance(groups, Mapping) or not groups:
        raise ValueError("it has no channel_groups")
    probes = []
    for number, group in groups.items():
        geometry = group.get("geometry")
        if not geometry:
            raise ValueError(f"group {number} has no geometry")
        channels = [int(channel) for channel in group.get("channels", geometry)]
        missing = [channel for channel in channels if channel not in geometry]
        if missing:
            raise ValueError(f"group {number} has no position for channel {missing[0]}")
        probe = _flat_probe(np.array([geometry[channel] for channel in channels], dtype=float), "tip")
        probe.set_device_channel_indices(channels)
        probes.append(probe)
    return _group(probes)


def _read_chan_map(file: Path) -> Probe:
    content = scipy.io.loadmat(file, squeeze_me=True)
    if not {"xcoords", "ycoords"} <= set(content):
        raise ValueError("it has no xcoords and ycoords, so it is no channel map of Kilosort")
    positions = np.c_[np.atleast_1d(content["xcoords"]), np.atleast_1d(content["ycoords"])].astype(float)
    channels = _mapped(content, len(positions))
    connected = np.atleast_1d(content.get("connected", np.ones(len(positions)))).astype(bool)
    shanks = np.atleast_1d(content.get("kcoords", np.zeros(len(positions)))).astype(int)
    # "Not connected" asks Kilosort to pass a channel over; the recording has it all the same, so it stays wired.
    probe = _flat_probe(positions, "tip", shanks.astype(str))
    probe.set_device_channel_indices(channels)
    probe.annotate_contacts(connected=connected)
    return probe


def _mapped(content: Mapping[str, Any], count: int) -> NDArray[np.int64]:
    if "chanMap0ind" in content:
        return np.atleast_1d(content["chanMap0ind"]).astype(np.int64)
    if "chanMap" in content:
        return np.atleast_1d(content["chanMap"]).astype(np.int64) - 1
    return np.arange(count)


def _read_csv(file: Path) -> Probe:
    positions = mda.read_positions(file)
    if positions is None:
        raise ValueError("it is no table of numbers, one contact a line")
    return _flat_probe(positions, "auto")


def _flat_probe(positions: NDArray[Any], kind: str, shanks: NDArray[Any] | None = None) -> Probe:
    probe = Probe(ndim=2, si_units="um")
    probe.set_contacts(
        positions=positions[:, :2], shapes="circle", shape_params={"radius": CONTACT_RADIUS_UM}, shank_ids=shanks
    )
    probe.create_auto_shape(probe_type="tip" if kind == "tip" and len(positions) > 1 else "rect")
    return probe


def _tetrodes(channels: int, pitch_um: float, spacing_um: float) -> ProbeGroup:
    if channels % 4:
        raise Invalid({"probe": f"Tetrodes have 4 contacts each; {channels} channels are no multiple of 4."})
    corners = np.array([[0.0, 0.0], [0.0, pitch_um], [pitch_um, pitch_um], [pitch_um, 0.0]])
    return _group(
        [_flat_probe(corners + np.array([number * spacing_um, 0.0]), "rect") for number in range(channels // 4)]
    )


def _group(probes: list[Probe]) -> ProbeGroup:
    group = ProbeGroup()
    for probe in probes:
        group.add_probe(probe)
    return group


READERS: Mapping[str, Callable[[Path], Any]] = {
    ".prb": _read_prb,
    ".json": probeinterface.read_probeinterface,
    ".meta": probeinterface.read_spikeglx,
    ".xml": probeinterface.read_openephys,
    ".mat": _read_chan_map,
    ".csv": _read_csv,
    ".imro": probeinterface.read_imro,
}
