"""Every sorter that SpikeInterface knows: what it is, whether it can run here, and how to get it if not."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import Any

from spikeinterface.sorters import BaseSorter
from spikeinterface.sorters.internal.si_based import ComponentsBasedSorter
from spikeinterface.sorters.sorterlist import sorter_full_list

from labbox_local.errors import Invalid

SorterClass = type[BaseSorter]

TITLES = {
    "combinato": "Combinato",
    "dartsort": "DARTsort",
    "hdsort": "HDSort",
    "herdingspikes": "Herding Spikes",
    "ironclust": "IronClust",
    "kilosort": "Kilosort",
    "kilosort2": "Kilosort 2",
    "kilosort2_5": "Kilosort 2.5",
    "kilosort3": "Kilosort 3",
    "kilosort4": "Kilosort 4",
    "lupin": "Lupin",
    "mountainsort4": "MountainSort 4",
    "mountainsort5": "MountainSort 5",
    "pykilosort": "pyKilosort",
    "rtsort": "RT-Sort",
    "simple": "Simple",
    "spykingcircus": "SpyKING CIRCUS",
    "spykingcircus2": "SpyKING CIRCUS 2",
    "tridesclous": "Tridesclous",
    "tridesclous2": "Tridesclous 2",
    "waveclus": "Wave_clus",
    "waveclus_snippets": "Wave_clus (snippets)",
    "yass": "YASS",
}

# SpikeInterface has no description of these.
DESCRIPTIONS = {
    "ironclust": "Density-based clustering with drift correction; runs in MATLAB.",
    "lupin": "Template matching put together from ideas of several sorters; part of SpikeInterface, needs PyTorch.",
    "simple": "Peaks, principal components, clustering; for a few channels, teaching and tests. No template matching.",
    "tridesclous2": "Isosplit clustering and template matching; part of SpikeInterface, quick on small probes.",
}

# One line each; SpikeInterface's own texts run over many lines and name its Python calls.
HOW_TO_GET = {
    "combinato": "Clone github.com/jniediek/combinato, run its setup_options.py and set COMBINATO_PATH to the folder.",
    "dartsort": "pip install dartsort",
    "hdsort": "Needs MATLAB: clone git.bsse.ethz.ch/hima_public/HDsort and set HDSORT_PATH to the folder.",
    "herdingspikes": "pip install herdingspikes",
    "ironclust": "Needs MATLAB: clone github.com/flatironinstitute/ironclust and set IRONCLUST_PATH to the folder.",
    "kilosort": "Needs MATLAB and an NVIDIA GPU: clone github.com/cortex-lab/KiloSort and set KILOSORT_PATH.",
    "kilosort2": "Needs MATLAB and an NVIDIA GPU: clone github.com/MouseLand/Kilosort2 and set KILOSORT2_PATH.",
    "kilosort2_5": "Needs MATLAB and an NVIDIA GPU: clone github.com/MouseLand/Kilosort and set KILOSORT2_5_PATH.",
    "kilosort3": "Needs MATLAB and an NVIDIA GPU: clone github.com/MouseLand/Kilosort and set KILOSORT3_PATH.",
    "kilosort4": "pip install kilosort (an NVIDIA GPU is advised; it runs slowly without)",
    "lupin": "pip install torch",
    "mountainsort4": "pip install mountainsort4",
    "mountainsort5": "pip install mountainsort5",
    "pykilosort": "Needs an NVIDIA GPU: pip install cupy, then install github.com/MouseLand/pykilosort.",
    "rtsort": "Needs an NVIDIA GPU: install PyTorch with CUDA, then braindance[rt-sort] from github.com/braingeneers.",
    "simple": "pip install hdbscan scikit-learn",
    "spykingcircus": "Install MPICH, then pip install spyking-circus.",
    "spykingcircus2": "pip install hdbscan",
    "tridesclous": "pip install tridesclous",
    "tridesclous2": "pip install hdbscan",
    "waveclus": "Needs MATLAB: clone github.com/csn-le/wave_clus and set WAVECLUS_PATH to the folder.",
    "waveclus_snippets": "Sorts snippets, not recordings, so it cannot be run from here.",
    "yass": "Needs an NVIDIA GPU: pip install yass-algorithm",
}

# They ask for channel positions though their `requires_locations` says no (those that install here were tried).
NEEDS_PROBE = {"lupin", "mountainsort4", "mountainsort5", "simple", "spykingcircus2", "tridesclous2"}
# Sorts cut-out snippets, which no recording is.
NOT_FOR_RECORDINGS = {"waveclus_snippets"}
# Measured on generated recordings with known spikes: the table is in the README.
DEFAULT_SORTER = "tridesclous2"


@dataclass(frozen=True)
class SorterInfo:
    """What a person is told about a sorter; ``how_to_get`` is one line, empty when it is installed."""

    name: str
    title: str
    installed: bool
    version: str
    description: str
    how_to_get: str
    requires_probe: bool
    internal: bool

    def plain(self) -> dict[str, Any]:
        """The facts as JSON-able data."""
        return asdict(self)


def catalog() -> list[dict[str, Any]]:
    """Every sorter as `SorterInfo.plain`, installed ones first, then by title."""
    found = [info(sorter) for sorter in sorter_full_list]
    return [one.plain() for one in sorted(found, key=lambda one: (not one.installed, one.title.lower()))]


def find(name: str) -> SorterClass:
    """SpikeInterface's class of the sorter called `name`.

    Raises
    ------
    Invalid
        When SpikeInterface knows no such sorter.
    """
    for sorter in sorter_full_list:
        if sorter.sorter_name == name:
            found: SorterClass = sorter
            return found
    known = ", ".join(sorted(sorter.sorter_name for sorter in sorter_full_list))
    raise Invalid({"sorter": f"There is no sorter called “{name}”; known are {known}."})


def info(sorter: SorterClass) -> SorterInfo:
    """What is known of one sorter; a broken installation counts as none and is told."""
    name = sorter.sorter_name
    try:
        installed, version, trouble = _state(sorter)
    except Exception as error:  # A plug-in border: any sorter's package may fail in any way while it is looked at.
        installed, version, trouble = False, "", f"It is there but fails ({type(error).__name__}: {error}). "
    return SorterInfo(
        name=name,
        title=TITLES.get(name, name),
        installed=installed,
        version=version,
        description=DESCRIPTIONS.get(name) or _one_line(sorter.sorter_description),
        how_to_get="" if installed else trouble + (HOW_TO_GET.get(name) or _one_line(sorter.installation_mesg)),
        requires_probe=bool(sorter.requires_locations) or name in NEEDS_PROBE,
        internal=issubclass(sorter, ComponentsBasedSorter),
    )


def _state(sorter: SorterClass) -> tuple[bool, str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if sorter.sorter_name in NOT_FOR_RECORDINGS or not sorter.is_installed():
            return False, "", ""
        return True, str(sorter.get_sorter_version()), ""


def _one_line(text: str) -> str:
    return " ".join(text.replace(">>>", "").split())
