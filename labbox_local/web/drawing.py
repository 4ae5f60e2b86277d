"""What the drawings of a page are given in their data attributes."""

from __future__ import annotations

from typing import Any

from labbox_local.services.library import RecordingPage


def probe_data(page: RecordingPage) -> dict[str, Any]:
    """A probe with what is known of each channel, by channel position."""
    channels, measured = page.recording.facts["channel_ids"], page.measured
    data: dict[str, Any] = {"probe": page.recording.probe, "channels": channels}
    if measured is not None:
        data["noise"] = measured["noise"]
        data["noise_unit"] = measured["noise_unit"]
        suspects = {each["id"]: each["label"] for each in measured["bad_channels"]}
        data["bad"] = [suspects.get(channel, "") for channel in channels]
    return data
