"""The recording formats that can be opened: what they are called, and how their files look from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Format:
    """One format.

    Parameters
    ----------
    name : str
        As SpikeInterface's table of extractors has it.
    title : str
    kind : "file", "folder" or "either"
        What the reader wants to be given.
    suffixes : tuple of str
        Ends of the names of its files, lower case: a folder reader finds them inside, a file reader opens them.
    path_argument : str
        Argument of the reader that takes the path.
    refusal : str
        Why it cannot be offered at all; empty when it can.
    """

    name: str
    title: str
    kind: Literal["file", "folder", "either"]
    suffixes: tuple[str, ...] = ()
    path_argument: str = ""
    refusal: str = ""

    @property
    def argument(self) -> str:
        """Argument of the reader that takes the path."""
        return self.path_argument or f"{self.kind}_path"


FORMATS = (
    Format("binary", "Flat binary file", "file", (".raw", ".bin", ".dat", ".i16", ".dt2")),
    Format("spikeinterface", "SpikeInterface folder, zarr or JSON", "either", (".json",)),
    Format("mda", "MountainLab MDA", "either", (".mda",)),
    Format("spikeglx", "SpikeGLX", "folder", (".ap.meta", ".lf.meta", ".nidq.meta", ".obx.meta", ".obx0.obx.meta")),
    Format("openephysbinary", "Open Ephys (binary)", "folder", (".oebin",)),
    Format("openephyslegacy", "Open Ephys (legacy .continuous)", "folder", (".continuous",)),
    Format("intan", "Intan RHD/RHS", "file", (".rhd", ".rhs")),
    Format("blackrock", "Blackrock", "file", (".ns1", ".ns2", ".ns3", ".ns4", ".ns5", ".ns6")),
    Format("neuralynx", "Neuralynx", "folder", (".ncs",)),
    Format("plexon", "Plexon .plx", "file", (".plx",)),
    Format("plexon2", "Plexon .pl2", "file", (".pl2",)),
    Format("nwb", "NWB (ElectricalSeries)", "file", (".nwb",)),
    Format("nwbtimeseries", "NWB (any TimeSeries)", "file", (".nwb",)),
    Format("biocam", "3Brain BioCam", "file", (".brw",)),
    Format("maxwell", "MaxWell", "file", (".h5",)),
    Format("mearec", "MEArec simulation", "file", (".h5",)),
    Format("mcsh5", "Multi Channel Systems HDF5", "file", (".h5",)),
    Format("mcsraw", "Multi Channel Systems raw", "file", (".raw",)),
    Format("spike2", "CED Spike2 .smr", "file", (".smr",)),
    Format("ced", "CED Spike2 .smrx", "file", (".smrx",)),
    Format("axona", "Axona", "file", (".set",)),
    Format("axon", "Axon .abf", "file", (".abf",)),
    Format("edf", "EDF or BDF", "file", (".edf", ".bdf")),
    Format("neuroscope", "NeuroScope", "file", (".xml",)),
    Format("neuronexus", "NeuroNexus Allego", "file", (".xdat.json",)),
    Format("neuroexplorer", "NeuroExplorer", "file", (".nex",)),
    Format("nix", "NIX", "file", (".nix",)),
    Format("spikegadgets", "SpikeGadgets Trodes", "file", (".rec",)),
    Format("tdt", "Tucker-Davis (TDT)", "folder", (".tbk", ".tsq", ".tev")),
    Format("alphaomega", "Alpha Omega", "folder", (".mpx",)),
    Format("compressedbinaryibl", "IBL compressed SpikeGLX", "file", (".cbin",), path_argument="cbin_file_path"),
    Format("whitematter", "White Matter", "file", (".bin",)),
    Format("sinapsresearchplatform", "SiNAPS Research Platform", "file", (".bin",)),
    Format("sinapsresearchplatformh5", "SiNAPS Research Platform HDF5", "file", (".h5",)),
    Format(
        "shybrid", "SHYBRID", "file", (".yml", ".yaml"),
        refusal="SpikeInterface's reader of SHYBRID executes the probe file that the .yml names; "
        "import its .bin as a flat binary file instead.",
    ),
    Format(
        "ibl", "IBL database", "folder",
        refusal="The IBL reader streams from a server on the internet; download the session and open its .cbin file.",
    ),
)  # fmt: skip
BY_NAME = {format.name: format for format in FORMATS}
