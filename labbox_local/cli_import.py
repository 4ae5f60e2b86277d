"""``labbox-local import``: a recording or a sorting on disk comes into the library."""

from __future__ import annotations

from typing import Any

import click

from labbox_local.cli import json_option, opened, settings_of, tell, workspace_option
from labbox_local.cli_rows import RECORDING_COLUMNS, SORTING_COLUMNS, recording_row, sorting_row
from labbox_local.cli_text import Progress, pairs, plain, table
from labbox_local.cli_wait import finish_followers, finished

LAYOUTS = ("linear", "grid", "tetrode")
FLAT_OPTIONS = {
    "sampling_rate": "sampling_frequency",
    "channels": "num_channels",
    "dtype": "dtype",
    "gain": "gain_to_uv",
    "offset": "offset_to_uv",
}


@click.command("import")
@click.argument("path")
@click.option("--format", "format_", default="", help="SpikeInterface's name of the format; found out when left out.")
@click.option("--name", default="", help="How the library lists it; the file's name when left out.")
@click.option("-o", "--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the reader.")
@click.option("--probe", metavar="FILE", help="A probe file (probeinterface JSON, .prb, CSV).")
@click.option("--layout", type=click.Choice(LAYOUTS), help="A generated probe instead of a file.")
@click.option("--layout-option", "layout_options", multiple=True, metavar="NAME=VALUE", help="Such as pitch_um=20.")
@click.option("--no-probe", is_flag=True, help="Leave out the probe that the file has.")
@click.option("--sampling-rate", help="Flat binary file: samples per second (Hz).")
@click.option("--channels", help="Flat binary file: how many channels.")
@click.option("--dtype", help="Flat binary file: type of a sample, such as int16.")
@click.option("--gain", help="Flat binary file: µV of one step.")
@click.option("--offset", help="Flat binary file: µV of a stored zero.")
@click.option("--sorting", "is_sorting", is_flag=True, help="PATH is a sorting, not a recording.")
@click.option("--recording", help="The recording that the sorting belongs to (number or name).")
@click.option("--detach", is_flag=True, help="Do not wait for the measurement of the channels.")
@workspace_option
@json_option
def import_(path: str, **given: Any) -> None:
    """Bring a recording, or with --sorting a sorting, into the library. Raw data stays where it is, unchanged."""
    options = pairs_or_usage(given["options"])
    settings = settings_of(given)
    if given["is_sorting"]:
        _sorting(settings, path, options, given)
        return
    if given["recording"]:
        raise click.UsageError("--recording goes with --sorting.")
    _recording(settings, path, options, given)


def _recording(settings: Any, path: str, options: dict[str, str], given: dict[str, Any]) -> None:
    # Imported here, as in every command: `--help` should not wait for it.
    from labbox_local.services import importing

    flat = {FLAT_OPTIONS[name]: given[name] for name in FLAT_OPTIONS if given[name] is not None}
    format_ = given["format_"] or ("binary" if flat else "")
    request = importing.RecordingRequest(path, format_, {**options, **flat}, probe_choice(given))
    progress = Progress(quiet=given["as_json"])
    with opened(settings, owner=not given["detach"]) as lab:
        recording = importing.commit(lab.tools, request, given["name"])
        if not given["detach"]:
            finish_followers(lab, progress, recording_id=recording.id)
        row = recording_row(recording)
    click.echo(plain(row) if given["as_json"] else table([row], RECORDING_COLUMNS))


def _sorting(settings: Any, path: str, options: dict[str, str], given: dict[str, Any]) -> None:
    from labbox_local.services import importing, library

    refused = [name for name in (*FLAT_OPTIONS, "probe", "layout") if given[name] is not None]
    if refused:
        raise click.UsageError(f"--{refused[0].replace('_', '-')} is for recordings, not for a sorting.")
    with opened(settings) as lab:
        recording = library.find_recording(lab.tools, given["recording"]) if given["recording"] else None
        recording_id = recording.id if recording else None
        request = importing.SortingRequest(path, given["format_"], options, recording_id, given["name"])
        job = finished(lab, importing.import_sorting(lab.tools, request), Progress(quiet=given["as_json"]))
        sorting = lab.sortings.made_by(job)
    if sorting.notes and not given["as_json"]:
        tell(sorting.notes)
    row = sorting_row(sorting)
    click.echo(plain(row) if given["as_json"] else table([row], SORTING_COLUMNS))


def probe_choice(given: dict[str, Any]) -> dict[str, Any]:
    """Where the probe comes from, as the importing service takes it."""
    chosen = [name for name in ("probe", "layout", "no_probe") if given[name]]
    if len(chosen) > 1:
        raise click.UsageError("--probe, --layout and --no-probe exclude each other.")
    params = pairs_or_usage(given["layout_options"])
    if params and not given["layout"]:
        raise click.UsageError("--layout-option goes with --layout.")
    if given["probe"]:
        return {"source": "probe_file", "path": given["probe"]}
    if given["layout"]:
        return {"source": "generated", "layout": given["layout"], "params": params}
    return {"source": "none"} if given["no_probe"] else {"source": "file"}


def pairs_or_usage(entered: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE entries as a dictionary; anything else is wrong usage."""
    try:
        return pairs(entered)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


COMMANDS = {"import": import_}
