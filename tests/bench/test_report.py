"""What benchmarks print, and when a check fails."""

from __future__ import annotations

import argparse
import json
import sys

import bench_report
import pytest
from bench_report import Report, Target

MET = Target("the median", 0.5, 1.0, "s")
MISSED = Target("the slowest", 1.25, 1.0, "s")


def report(*targets: Target) -> Report:
    rows = [{"what": "a page", "median_s": 0.5}, {"what": "b", "median_s": 1.25}]
    return Report("Start", {"what": "what", "median_s": "median (s)"}, rows, targets)


def ran(monkeypatch: pytest.MonkeyPatch, result: Report, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    return bench_report.run(lambda given: result, argparse.ArgumentParser())


def test_a_target_says_by_how_much() -> None:
    assert MET.met
    assert MET.sentence() == "met: the median is 0.500 s, wanted under 1 s; to spare: 0.500 s"
    assert MISSED.sentence() == "MISSED: the slowest is 1.250 s, wanted under 1 s; missing: 0.250 s"


def test_the_limit_itself_is_a_miss_unless_it_is_to_be_reached() -> None:
    assert not Target("x", 1.0, 1.0, "s").met
    assert Target("x", 1.0, 1.0, "s", at_least=True).met


def test_the_table_is_markdown() -> None:
    assert report().table().splitlines() == [
        "Start",
        "",
        "| what   | median (s) |",
        "|--------|------------|",
        "| a page | 0.500      |",
        "| b      | 1.250      |",
    ]


def test_json_holds_the_same_rows_and_the_targets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, report(MET, MISSED), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == list(report().rows)
    assert [target["met"] for target in told["targets"]] == [True, False]


def test_only_a_check_fails_and_its_last_line_tells_the_miss(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(monkeypatch, report(MISSED)) == 0
    assert "MISSED" not in capsys.readouterr().out
    assert ran(monkeypatch, report(MISSED, MET), "--check") == 1
    assert capsys.readouterr().out.splitlines()[-1] == MISSED.sentence()
    assert ran(monkeypatch, report(MET), "--check") == 0
