"""The table of formats is whole, and each opens what its reader wants to be given."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import spikeinterface.extractors as extractors

from labbox_local.ephys import formats, readers
from labbox_local.errors import Invalid, Unavailable
from labbox_local.fields import Field

# In memory only, or opened as "spikeinterface".
NOT_FILES = {"numpy", "binaryfolder", "zarr"}


def test_every_recording_format_of_spikeinterface_is_offered() -> None:
    assert set(extractors.recording_extractor_full_dict) - NOT_FILES <= set(formats.BY_NAME)


def test_formats_travel_as_json_with_their_fields() -> None:
    listed = json.loads(json.dumps(readers.formats()))
    assert len(listed) == len(formats.FORMATS)
    for format in listed:
        assert format["title"]
        assert format["kind"] in ("file", "folder", "either")
        assert all(Field.of(field).name for field in format["fields"])
        assert bool(format["unavailable"]) == (format["format"] in ("shybrid", "ibl"))


def test_no_form_asks_for_paths_or_the_network() -> None:
    asked = {field["name"] for format in readers.formats() for field in format["fields"]}
    assert not asked & (readers.UNASKED - {"file"})
    assert "install_maxwell_plugin" not in asked


@pytest.mark.parametrize("format", formats.FORMATS, ids=lambda format: format.name)
def test_the_reader_takes_its_path_and_its_options(format: formats.Format) -> None:
    if format.refusal or format.name in readers.OWN:
        return
    taken = readers.docfields.inspect.signature(readers.reader_class(format.name)).parameters
    assert format.argument in taken
    assert {field.name for field in readers.fields(format.name)} - {"file"} <= set(taken)


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(Invalid, match="known are binary"):
        readers.open_path("nonsense", "/", {})


@pytest.mark.parametrize("name", ["shybrid", "ibl"])
def test_formats_that_would_execute_or_fetch_say_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"SHYBRID|internet"):
        readers.open_path(name, tmp_path, {})


def test_an_unknown_stream_names_the_known_ones(data: Path) -> None:
    with pytest.raises(Invalid) as caught:
        readers.open_path("spikeglx", data / "spikeglx-np1-nidq", {"stream_id": "imec7.ap"})
    assert "imec0.ap, nidq" in caught.value.fields["stream_id"]


def test_several_streams_ask_for_a_choice(data: Path) -> None:
    with pytest.raises(Invalid) as caught:
        readers.open_path("intan", data / "intan-rhd-64ch", {})
    assert "choose one of 0 (RHD2000 amplifier channel)" in caught.value.fields["stream_id"]


@pytest.mark.parametrize(
    ("options", "field"),
    [({"stream_idd": "0"}, "stream_idd"), ({"all_annotations": "perhaps"}, "all_annotations")],
)
def test_wrong_options_are_said_at_their_field(data: Path, options: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        readers.open_path("intan", data / "intan-rhd-64ch", options)
    assert list(caught.value.fields) == [field]


def test_a_missing_package_is_named(data: Path) -> None:
    with pytest.raises(Unavailable, match="Python package is missing"):
        readers.open_path("ced", data / "spike2-smr" / "File_spike2_3.smr", {})


def test_text_renamed_to_a_format_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.nwb").write_text("Dear diary")
    with pytest.raises(Invalid, match="cannot be read as NWB"):
        readers.open_path("nwb", tmp_path / "a.nwb", {})


def test_one_of_several_files_is_chosen_by_name(tmp_path: Path) -> None:
    for name in ("a.raw", "b.raw"):
        np.zeros(40, dtype="int16").tofile(tmp_path / name)
    options = {"sampling_frequency": 1000, "num_channels": 4}
    with pytest.raises(Invalid, match=r"2: a\.raw, b\.raw"):
        readers.open_path("binary", tmp_path, options)
    assert readers.open_path("binary", tmp_path, {**options, "file": "b.raw"})[0].get_num_samples() == 10
    for wrong in ("c.raw", "../a.raw", str(tmp_path / "x" / "a.raw")):
        with pytest.raises(Invalid) as caught:
            readers.open_path("binary", tmp_path, {**options, "file": wrong})
        assert "of this format are a.raw, b.raw" in caught.value.fields["file"]


def test_a_folder_of_folders_of_a_format_names_them(data: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "CH1.continuous").touch()
    with pytest.raises(Invalid, match="one, two"):
        readers.open_path("openephyslegacy", tmp_path, {})
    with pytest.raises(Invalid, match=r"has no file of Neuralynx"):
        readers.open_path("neuralynx", tmp_path, {})


def test_a_sorting_is_no_recording(tmp_path: Path, data: Path) -> None:
    with pytest.raises(Invalid, match="no folder that SpikeInterface saved"):
        readers.open_path("spikeinterface", data / "phy-template", {})


def test_a_file_cut_after_its_header_is_noticed(data: Path, tmp_path: Path) -> None:
    whole = (data / "intan-rhd-64ch" / "sampledata.rhd").read_bytes()
    (tmp_path / "a.rhd").write_bytes(whole[:500])
    with pytest.raises(Invalid, match="cannot be read as Intan"):
        readers.open_path("intan", tmp_path / "a.rhd", {"stream_id": "0"})


def test_given_options_are_typed_and_defaults_stay_away() -> None:
    given = readers.given_options("binary", {"sampling_frequency": "1000", "num_channels": "4", "dtype": "<i2"})
    assert given == {"sampling_frequency": 1000.0, "num_channels": 4, "dtype": "int16", "time_axis": "0"}
    assert readers.given_options("intan", {"stream_id": "0", "stream_name": ""}) == {"stream_id": "0"}


def test_sinaps_text_that_would_be_run_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    (tmp_path / "a.bin").write_bytes(b"\0" * 100)
    (tmp_path / "a_meta.txt").write_text(f"samplingFreq=open({str(marker)!r},'w')\n")
    with pytest.raises(Invalid, match="would execute"):
        readers.open_path("sinapsresearchplatform", tmp_path / "a.bin", {})
    assert not marker.exists()
