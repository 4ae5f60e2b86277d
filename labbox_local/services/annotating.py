"""What a person adds to traces: notes at moments and stretches of a recording, and named preprocessing chains."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labbox_local.errors import Invalid
from labbox_local.services.tools import Tools
from labbox_local.store import notes as note_rows
from labbox_local.store import presets as preset_rows
from labbox_local.store import recordings

CSV_COLUMNS = ("segment", "start_sample", "end_sample", "start_s", "end_s", "text", "created_at")


@dataclass(frozen=True)
class NoteText:
    """A note as a form has it; an empty ``end_sample`` means a point."""

    segment: str
    start_sample: str
    end_sample: str
    text: str


def notes(tools: Tools, recording_id: int) -> dict[str, Any]:
    """The notes of a recording, as ``{"notes": [...]}``."""
    recordings.get(tools.workspace.db, recording_id)
    return {"notes": [_plain(note) for note in note_rows.all(tools.workspace.db, recording_id)]}


def add_note(tools: Tools, recording_id: int, entered: NoteText) -> dict[str, Any]:
    """Writes a note down. Raises Invalid at what cannot be."""
    values = _values(recordings.get(tools.workspace.db, recording_id), entered)
    return _plain(note_rows.insert(tools.workspace.db, recording_id, **values))


def change_note(tools: Tools, note_id: int, entered: NoteText) -> dict[str, Any]:
    """Changes a note. Raises Invalid at what cannot be, NotFound."""
    known = note_rows.get(tools.workspace.db, note_id)
    values = _values(recordings.get(tools.workspace.db, known.recording_id), entered)
    return _plain(note_rows.update(tools.workspace.db, note_id, **values))


def delete_note(tools: Tools, note_id: int) -> dict[str, Any]:
    """Removes a note and says which it was. Raises NotFound."""
    return _plain(note_rows.delete(tools.workspace.db, note_id))


def notes_csv(tools: Tools, recording_id: int) -> str:
    """The notes as a table, with times in seconds from the segment's first sample beside the samples."""
    rate_hz = recordings.get(tools.workspace.db, recording_id).facts["sampling_rate_hz"]
    written = io.StringIO()
    table = csv.DictWriter(written, CSV_COLUMNS, extrasaction="ignore")
    table.writeheader()
    for note in notes(tools, recording_id)["notes"]:
        start, end = note["start_sample"], note["end_sample"]
        table.writerow({**note, "start_s": start / rate_hz, "end_s": "" if end is None else end / rate_hz})
    return written.getvalue()


def presets(tools: Tools) -> dict[str, Any]:
    """The named chains, as ``{"presets": [...]}``."""
    known = preset_rows.all(tools.workspace.db)
    return {"presets": [{"id": preset.id, "name": preset.name, "chain": preset.chain} for preset in known]}


def save_preset(tools: Tools, name: str, chain: list[Any]) -> dict[str, Any]:
    """Keeps a chain under a name; what had the name is replaced. All presets come back."""
    if not all(isinstance(step, Mapping) and "step" in step for step in chain):
        raise Invalid({"chain": "Every step of a chain names what it does."})
    preset_rows.put(tools.workspace.db, name, chain)
    return presets(tools)


def delete_preset(tools: Tools, preset_id: int) -> None:
    """Forgets a named chain. Raises NotFound."""
    preset_rows.delete(tools.workspace.db, preset_id)


def _values(recording: recordings.Recording, entered: NoteText) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {"text": entered.text, "end_sample": None}
    for name in ("segment", "start_sample", "end_sample"):
        text = getattr(entered, name).strip()
        if text or name != "end_sample":
            try:
                values[name] = int(text)
            except ValueError:
                wrong[name] = f"Must be a whole number; “{text}” is not."
    if not wrong:
        wrong = _outside(recording.facts["sample_counts"], values)
    if wrong:
        raise Invalid(wrong)
    return values


def _outside(counts: list[int], values: Mapping[str, Any]) -> dict[str, str]:
    segment, end = values["segment"], values["end_sample"]
    if not 0 <= segment < len(counts):
        return {"segment": f"Must be from 0 to {len(counts) - 1}; {segment} is not."}
    count = counts[segment]
    if not 0 <= values["start_sample"] < count:
        return {"start_sample": f"Must be from 0 to {count - 1}, the segment's last sample."}
    return {"end_sample": f"The segment has {count} samples."} if end is not None and end > count else {}


def _plain(note: note_rows.Note) -> dict[str, Any]:
    plain = note.plain()
    del plain["recording_id"]
    return plain
