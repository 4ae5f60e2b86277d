"""The sorting formats that can be imported, and how a path shows that it holds one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from labbox_local.ephys import signatures, spikeinterface_files


@dataclass(frozen=True)
class SortingFormat:
    """One format; fields as those of `formats.Format`. ``extractor`` is its name in SpikeInterface's table."""

    name: str
    title: str
    kind: Literal["file", "folder", "either"]
    recognised: Callable[[Path], bool]
    suffixes: tuple[str, ...] = ()
    path_argument: str = ""
    refusal: str = ""

    @property
    def argument(self) -> str:
        """Argument of SpikeInterface's reader that takes the path."""
        return self.path_argument or f"{self.kind}_path"


def find(path: Path) -> list[SortingFormat]:
    """Formats that the path is of, the most telling first."""
    return [format for format in FORMATS if not format.refusal and format.recognised(path)]


def _holds(*names: str) -> Callable[[Path], bool]:
    def recognised(path: Path) -> bool:
        return path.is_dir() and all((path / name).is_file() for name in names)

    return recognised


def _matches(*patterns: str) -> Callable[[Path], bool]:
    def recognised(path: Path) -> bool:
        if path.is_file():
            return any(path.match(pattern.rpartition("/")[2]) for pattern in patterns)
        return all(next(path.glob(pattern), None) is not None for pattern in patterns)

    return recognised


def _ends(*suffixes: str) -> Callable[[Path], bool]:
    def recognised(path: Path) -> bool:
        if path.is_file():
            return path.name.lower().endswith(suffixes)
        return any(item.name.lower().endswith(suffixes) and item.is_file() for item in path.iterdir())

    return recognised


def _phy(path: Path) -> bool:
    folder = path.parent if path.name == "params.py" else path
    return (folder / "spike_times.npy").is_file() and any(
        (folder / name).is_file() for name in ("spike_clusters.npy", "spike_templates.npy")
    )


def _spikeinterface(path: Path) -> bool:
    kinds = (spikeinterface_files.SORTING, spikeinterface_files.ANALYZER)
    return spikeinterface_files.what_is(path) in kinds


def _sorter_output(path: Path) -> bool:
    return path.is_dir() and (path / "sorter_output").is_dir() and find(path / "sorter_output") != []


def _nwb(path: Path) -> bool:
    files = [path] if path.is_file() else sorted(path.glob("*.nwb"))[:4]
    return any(signatures.has_units(file) for file in files if file.suffix == ".nwb")


def _blackrock(path: Path) -> bool:
    # Neuralynx names its event files .nev too.
    files = [path] if path.is_file() else sorted(path.glob("*.nev"))[:4]
    starts = (signatures.start_of(file, 8) for file in files if file.name.lower().endswith(".nev"))
    return any(start in (b"NEURALEV", b"BREVENTS") for start in starts)


def _plexon(path: Path) -> bool:
    files = [path] if path.is_file() else sorted(path.glob("*.plx"))[:4]
    return any(file.name.lower().endswith(".plx") and signatures.looks_like("plexon", file) for file in files)


def _never(path: Path) -> bool:
    return False


FORMATS = (
    SortingFormat("phy", "phy or Kilosort folder", "folder", _phy),
    SortingFormat("spikeinterface", "SpikeInterface folder, zarr, analyzer or JSON", "either", _spikeinterface),
    SortingFormat("sorter", "SpikeInterface sorter output", "folder", _sorter_output),
    SortingFormat("npz", "SpikeInterface .npz", "file", _ends(".npz"), (".npz",)),
    SortingFormat("mda", "MountainLab firings (.mda)", "either", _matches("firings*.mda"), (".mda",)),
    SortingFormat("nwb", "NWB units", "file", _nwb, (".nwb",)),
    SortingFormat("spykingcircus", "SpyKING CIRCUS", "folder", _matches("*/*.result*.hdf5")),
    SortingFormat("neuroscope", "NeuroScope .res and .clu", "folder", _matches("*.res.*", "*.clu.*")),
    SortingFormat("blackrock", "Blackrock .nev", "file", _blackrock, (".nev",)),
    SortingFormat("plexon", "Plexon .plx", "file", _plexon, (".plx",)),
    SortingFormat("plexon2", "Plexon .pl2", "file", _ends(".pl2"), (".pl2",)),
    SortingFormat("neuralynx", "Neuralynx spikes", "folder", _ends(".nse", ".ntt")),
    SortingFormat("neuroexplorer", "NeuroExplorer", "file", _ends(".nex"), (".nex",)),
    SortingFormat("alf", "IBL ALF", "folder", _holds("spikes.times.npy", "spikes.clusters.npy")),
    SortingFormat("klusta", "Klusta .kwik", "either", _ends(".kwik"), (".kwik",), "file_or_folder_path"),
    SortingFormat("cellexplorer", "CellExplorer", "file", _ends(".spikes.cellinfo.mat"), (".spikes.cellinfo.mat",)),
    SortingFormat("waveclus", "Wave_clus", "file", _matches("times_*.mat"), (".mat",)),
    SortingFormat("mclust", "MClust", "folder", _ends(".t", ".t32", ".t64")),
    SortingFormat("yass", "YASS", "folder", _holds("tmp/output/spike_train.npy")),
    SortingFormat("mearec", "MEArec simulation", "file", _never, (".h5",)),
    SortingFormat("combinato", "Combinato", "folder", _matches("data_*.h5")),
    SortingFormat("hdsort", "HDSort", "file", _never, (".mat",)),
    SortingFormat("herdingspikes", "Herding Spikes", "file", _never, (".hdf5", ".h5")),
    SortingFormat("xclust", "XClust", "folder", _ends(".cel")),
    SortingFormat(
        "tridesclous", "Tridesclous", "folder", _holds("info.json", "channel_groups.json"),
        refusal="SpikeInterface's reader of tridesclous runs tridesclous itself; export the sorting to phy.",
    ),
    SortingFormat(
        "shybrid", "SHYBRID", "file", _never,
        refusal="SpikeInterface's reader of SHYBRID executes the probe file that it names; export the sorting to phy.",
    ),
    SortingFormat(
        "ibl", "IBL database", "folder", _never,
        refusal="The IBL reader streams from a server on the internet; download the session and open its ALF folder.",
    ),
)  # fmt: skip
BY_NAME = {format.name: format for format in FORMATS}
ALIASES = {"kilosort": "phy", "zarr": "spikeinterface", "numpyfolder": "spikeinterface", "npzfolder": "spikeinterface"}
