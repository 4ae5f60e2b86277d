"""A low-passed NeuroScope file is not shown at a wrong rate without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from labbox_local.ephys import neuroscope, preview

XML = "<parameters><fieldPotentials><lfpSamplingRate>{rate}</lfpSamplingRate></fieldPotentials></parameters>"


@pytest.mark.parametrize("given", ["a.xml", "a.lfp", "a.eeg"])
def test_low_passed_files_are_doubted(tmp_path: Path, given: str) -> None:
    (tmp_path / "a.xml").write_text(XML.format(rate=1250))
    for name in ("a.lfp", "a.eeg"):
        (tmp_path / name).write_bytes(b"\0\0")
    assert "1250 Hz" in neuroscope.doubt(tmp_path / given)


def test_a_raw_file_is_not_doubted(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(XML.format(rate=1250))
    for name in ("a.dat", "a.lfp"):
        (tmp_path / name).write_bytes(b"\0\0")
    assert neuroscope.doubt(tmp_path / "a.xml") == ""
    assert neuroscope.doubt(tmp_path / "a.dat") == ""


@pytest.mark.parametrize("text", ["", "<a>", "<a/>", XML.format(rate="fast"), XML.format(rate=0)])
def test_descriptions_without_a_rate_raise_no_doubt(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.xml").write_text(text)
    (tmp_path / "a.lfp").write_bytes(b"\0\0")
    assert neuroscope.doubt(tmp_path / "a.lfp") == ""


def test_the_doubt_reaches_the_preview(data: Path) -> None:
    seen = preview.preview({"format": "neuroscope", "path": str(data / "neuroscope-yutamouse"), "options": {}})
    assert any("low-passed file of 1250 Hz" in warning for warning in seen["warnings"])
