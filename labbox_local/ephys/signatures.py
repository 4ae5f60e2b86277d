"""How files of each recording format look from inside: their first bytes, or the names in their HDF5 tree."""

from __future__ import annotations

from pathlib import Path

import h5py

from labbox_local.ephys.formats import BY_NAME

HDF5_SUFFIXES = (".h5", ".hdf5", ".nwb", ".brw")
MAGIC: dict[str, tuple[bytes, ...]] = {
    "intan": (b"\x02\x27\x91\xc6", b"\xac\x27\x91\xd6"),
    "plexon": (b"PLEX",),
    "blackrock": (b"NEURALSG", b"NEURALCD", b"BRSMPGRP"),
    "edf": (b"0       ", b"\xffBIOSEMI"),
    "axon": (b"ABF ", b"ABF2"),
    "neuroexplorer": (b"NEX1",),
    "spikegadgets": (b"<?xml", b"<Configuration"),
    "neuralynx": (b"######## Neuralynx",),
}
BLOCK = 4096


def start_of(path: Path, count: int = BLOCK) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(count)


def looks_like(name: str, path: Path) -> bool:
    """Whether a file starts as those of a format do; True for formats whose files start anyhow."""
    known = MAGIC.get(name)
    return known is None or start_of(path, 64).lstrip(b"\xef\xbb\xbf").startswith(known)


def is_text(path: Path) -> bool:
    """Whether a file is readable text, so that it holds no samples as they are."""
    start = start_of(path)
    if b"\0" in start:
        return False
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut at the end of the block.
        return error.start >= len(start) - 3
    return True


def is_hdf5(path: Path) -> bool:
    """Whether a file is an HDF5 file."""
    return bool(h5py.is_hdf5(path))


def hdf5_formats(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Recording formats that an HDF5 file is of, each with the options that choose one of its recordings."""
    with h5py.File(path, "r") as file:
        names = set(file)
        if "nwb_version" in file.attrs:
            return [("nwb", {"electrical_series_path": series}) for series in electrical_series(file)]
        if "mxw_version" in names or {"mapping", "sig", "settings"} <= names:
            return [("maxwell", {})]
        if "3BRecInfo" in names or any(name.startswith("Well_") for name in names):
            return [("biocam", {})]
        if "recordings" in names and ("spiketrains" in names or "channel_positions" in names):
            return [("mearec", {})]
        if "RealTimeProcessedData" in names:
            return [("sinapsresearchplatformh5", {})]
        if "Data" in names and "Recording_0" in file["Data"]:
            return [("mcsh5", {})]
    return []


def electrical_series(file: h5py.File) -> list[str]:
    """Paths of the ElectricalSeries of an NWB file."""
    found: list[str] = []

    def look(name: str, item: object) -> None:
        if isinstance(item, h5py.Group) and item.attrs.get("neurodata_type") == "ElectricalSeries":
            found.append(name)

    file.visititems(look)
    return found


def has_units(path: Path) -> bool:
    """Whether a file is an NWB file with a table of units."""
    if not is_hdf5(path):
        return False
    with h5py.File(path, "r") as file:
        return "nwb_version" in file.attrs and "units" in file and "spike_times" in file["units"]


def by_suffix(path: Path) -> list[str]:
    """Formats whose files end as this one does and, where that is known, start so too."""
    name = path.name.lower()
    return [
        format.name
        for format in BY_NAME.values()
        if format.name not in GENERIC and name.endswith(format.suffixes or ("\0",)) and looks_like(format.name, path)
    ]


# Their suffixes say nothing alone; they are recognised by what is beside or inside.
GENERIC = {
    "binary", "spikeinterface", "spikeglx", "mda", "maxwell", "mearec", "mcsh5", "mcsraw", "neuroscope", "neuronexus",
    "nwb", "nwbtimeseries", "biocam", "whitematter", "sinapsresearchplatform", "sinapsresearchplatformh5", "shybrid",
    "ibl",
}  # fmt: skip
