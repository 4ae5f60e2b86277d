"""Every entry of the data folder opens by its path alone, or says in one sentence what it needs."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from labbox_local.ephys import detection, measure, preview, sorting_import
from labbox_local.errors import Invalid, LabError, Unavailable

# entry -> [(format, channels, rate in Hz, samples per segment)], likeliest first
RECORDINGS: dict[str, list[tuple[str, int, float, list[int]]]] = {
    "raw-locust": [
        ("binary", 4, 15000, [431548, 431548]),
        ("binary", 4, 15000, [431548]),
        ("binary", 4, 15000, [431548]),
    ],
    "intan-rhd-64ch": [("intan", 64, 20000, [17664]), ("intan", 6, 5000, [4416])],
    "spikeglx-np1-nidq": [
        ("spikeglx", 384, 30000, [1155]),
        ("spikeglx", 9, 11574.1, [60864]),
        ("spikeglx", 1, 30000, [1155]),
    ],
    "spikeglx-np2-nidq": [
        ("spikeglx", 384, 30000, [1000]),
        ("spikeglx", 2, 25000, [1000]),
        ("spikeglx", 1, 30000, [1000]),
    ],
    "openephysbinary-hippocampus": [("openephysbinary", 16, 40000, [66438])],
    "openephysbinary-mixed": [("openephysbinary", 4, 30000, [30000]), ("openephysbinary", 2, 30000, [30000])],
    "openephyslegacy-16ch": [("openephyslegacy", 16, 40000, [133120])],
    "blackrock-ns2-nev": [("blackrock", 6, 1000, [3640])],
    "neuralynx-tetrode": [("neuralynx", 2, 32000, [1278976, 427008])],
    "plexon-plx-lfp-units": [("plexon", 1, 1000, [600806])],
    "nwb-neuropixels-lf": [("nwb", 384, 2500, [13163])],
    "biocam-brw16": [("biocam", 36, 19753.8, [19754])],
    "spike2-smr": [("spike2", 1, 25000, [523446])],
    "axona-bin": [("axona", 16, 48000, [576])],
    "neuroscope-yutamouse": [("neuroscope", 80, 20000, [10])],
    "spikegadgets-stub": [("spikegadgets", 128, 30000, [2])],
    "spikeinterface-binary": [("spikeinterface", 4, 15000, [150000])],
}
# entry -> format, options, units, spikes, rate in Hz
SORTINGS: dict[str, tuple[str, dict[str, Any], int, int, float]] = {
    "phy-template": ("phy", {}, 62, 314, 25000),
    "phy-mountainsort-tetrode": ("phy", {}, 10, 241, 30000),
    "kilosort4-neuropixels": ("phy", {}, 403, 290360, 30000),
    "mda-firings": ("mda", {}, 4, 1000, 30000),
    "nwb-units": ("nwb", {"sampling_frequency": 20000}, 3, 21354, 20000),
    "spykingcircus-tetrodes": ("spykingcircus", {}, 9, 795, 32000),
    "blackrock-ns2-nev": ("blackrock", {}, 218, 14210, 30000),
    "plexon-plx-lfp-units": ("plexon", {}, 30, 8351, 30000),
    "neuroscope-yutamouse": ("neuroscope", {}, 28, 76, 20000),
}
# entry -> kind of error, words of its sentence
REFUSED: dict[str, tuple[type[LabError], str]] = {
    "maxwell-maxone": (Unavailable, "compressed with MaxWell's own HDF5 filter"),
    "probes": (Invalid, "holds probe files"),
}
# file inside -> what is opened when its own path is given
FILES: dict[str, tuple[str, int, float]] = {
    "raw-locust/locust_trial_01.raw": ("binary", 4, 15000),
    "intan-rhd-64ch/sampledata.rhd": ("intan", 64, 20000),
    "spikeglx-np1-nidq/Noise4Sam_g0_imec0/Noise4Sam_g0_t0.imec0.ap.bin": ("spikeglx", 384, 30000),
    "spikeglx-np1-nidq/Noise4Sam_g0_imec0/Noise4Sam_g0_t0.imec0.ap.meta": ("spikeglx", 384, 30000),
    "spikeglx-np1-nidq/Noise4Sam_g0_t0.nidq.bin": ("spikeglx", 9, 11574.1),
    "openephysbinary-hippocampus/experiment1/recording1/structure.oebin": ("openephysbinary", 16, 40000),
    "openephysbinary-hippocampus/experiment1/recording1/continuous/data_stream_16ch_hippocampus/continuous.dat": (
        "openephysbinary", 16, 40000,
    ),
    "openephyslegacy-16ch/Record Node 101": ("openephyslegacy", 16, 40000),
    "openephyslegacy-16ch/Record Node 101/100_example-data_CH1.continuous": ("openephyslegacy", 16, 40000),
    "blackrock-ns2-nev/l101210-001.ns2": ("blackrock", 6, 1000),
    "neuralynx-tetrode/Tet3a.ncs": ("neuralynx", 2, 32000),
    "plexon-plx-lfp-units/File_plexon_3.plx": ("plexon", 1, 1000),
    "nwb-neuropixels-lf/sub-001_ses-1.nwb": ("nwb", 384, 2500),
    "biocam-brw16/biocam_hw3.0_fw1.6.brw": ("biocam", 36, 19753.8),
    "spike2-smr/File_spike2_3.smr": ("spike2", 1, 25000),
    "axona-bin/axona_raw.set": ("axona", 16, 48000),
    "axona-bin/axona_raw.bin": ("axona", 16, 48000),
    "neuroscope-yutamouse/YutaMouse42-151117.xml": ("neuroscope", 80, 20000),
    "neuroscope-yutamouse/YutaMouse42-151117.eeg": ("neuroscope", 80, 20000),
    "spikegadgets-stub/W122_06_09_2019_1_fromSD.rec": ("spikegadgets", 128, 30000),
    "spikeinterface-binary/si_folder.json": ("spikeinterface", 4, 15000),
}  # fmt: skip


def looked_at(path: Path, candidate: dict[str, Any]) -> dict[str, Any]:
    spec = {"format": candidate["format"], "path": str(path), "options": candidate["options"]}
    seen = preview.preview(spec)
    json.dumps(seen, allow_nan=False)
    return seen


def test_every_entry_of_the_index_is_tried(data: Path) -> None:
    entries = re.findall(r"^## (\S+)", (data / "INDEX.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(entries) == set(RECORDINGS) | set(SORTINGS) | set(REFUSED)


def test_the_readme_lists_what_is_tried() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    listed = readme.partition("## What was tried")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| ([a-z0-9-]+) \|", listed, flags=re.MULTILINE)) == set(RECORDINGS) | set(SORTINGS) | set(
        REFUSED
    )


@pytest.mark.parametrize("entry", RECORDINGS)
def test_recording_opens_by_its_path_alone(data: Path, entry: str) -> None:
    candidates = detection.detect(data / entry)["candidates"]
    found = []
    for candidate in candidates:
        facts = looked_at(data / entry, candidate)["facts"]
        assert candidate["needs"] == []
        found.append(
            (facts["format"], facts["channel_count"], round(facts["sampling_rate_hz"], 1), facts["sample_counts"])
        )
    assert found == RECORDINGS[entry]


@pytest.mark.parametrize("entry", RECORDINGS)
def test_recording_is_measured(data: Path, entry: str) -> None:
    candidate = detection.detect(data / entry)["candidates"][0]
    spec = {"format": candidate["format"], "path": str(data / entry), "options": candidate["options"]}
    measured = measure.measure(spec)
    json.dumps(measured, allow_nan=False)
    assert len(measured["noise"]) == len(measured["peak"]) == RECORDINGS[entry][0][1]
    assert all(value is not None and value >= 0 for value in measured["noise"])


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_a_recording_opens_it_too(data: Path, file: str) -> None:
    candidate = detection.detect(data / file)["candidates"][0]
    facts = looked_at(data / file, candidate)["facts"]
    found = (facts["format"], facts["channel_count"], round(facts["sampling_rate_hz"], 1))
    assert found == FILES[file]


@pytest.mark.parametrize("entry", SORTINGS)
def test_sorting_is_read_whole(data: Path, entry: str) -> None:
    format, options, units, spikes, rate = SORTINGS[entry]
    assert format in [found["format"] for found in detection.detect(data / entry)["sortings"]]
    seen = sorting_import.preview(str(data / entry), "", options)
    json.dumps(seen, allow_nan=False)
    assert (seen["format"], seen["unit_count"], seen["spike_count"]) == (format, units, spikes)
    assert seen["sampling_rate_hz"] == rate


@pytest.mark.parametrize("entry", sorted(set(SORTINGS) - set(RECORDINGS)))
def test_a_sorting_alone_is_said_to_be_no_recording(data: Path, entry: str) -> None:
    found = detection.detect(data / entry)
    assert found["candidates"] == []
    assert "holds a sorting" in found["note"]
    assert "no raw recording" in found["note"]


@pytest.mark.parametrize("entry", REFUSED)
def test_what_cannot_be_opened_says_what_it_needs(data: Path, entry: str) -> None:
    kind, words = REFUSED[entry]
    with pytest.raises(kind, match=words) as caught:
        detection.detect(data / entry)
    assert "\n" not in str(caught.value)


def test_maxwell_says_how_to_get_its_filter_and_asks_no_network(data: Path, tmp_path: Path) -> None:
    home = Path(os.path.expanduser("~")) / "hdf5_plugin_path_maxwell"
    before = home.exists()
    with pytest.raises(Unavailable) as caught:
        detection.detect(data / "maxwell-maxone/data.raw.h5")
    assert "HDF5_PLUGIN_PATH" in caught.value.hint
    assert home.exists() == before


def test_nwb_units_ask_for_the_sampling_rate(data: Path) -> None:
    with pytest.raises(Invalid) as caught:
        sorting_import.preview(str(data / "nwb-units"))
    assert list(caught.value.fields) == ["sampling_frequency"]


def test_neuralynx_spikes_with_gaps_answer_with_a_sentence(data: Path) -> None:
    with pytest.raises(Invalid, match="gaps"):
        sorting_import.preview(str(data / "neuralynx-tetrode"))


def test_detection_is_fast(data: Path) -> None:
    detection.detect(data / "spikeinterface-binary")
    begun = time.perf_counter()
    for entry in ("spikeglx-np1-nidq", "intan-rhd-64ch", "phy-template", "raw-locust"):
        detection.detect(data / entry)
    assert time.perf_counter() - begun < 4.0


def test_the_folder_of_all_names_the_folders_in_it(data: Path) -> None:
    with pytest.raises(Invalid, match=r"axona-bin.*biocam-brw16"):
        detection.detect(data)
