"""The command line: reads arguments, opens a Lab, and shows it in a window, in the browser or by its address.

Whatever takes long to import is imported by the command that needs it, so that ``--help`` answers at once and a page
within a second.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import click

from labbox_local.desktop_quick import unused_hidden
from labbox_local.errors import LabError, Unavailable

if TYPE_CHECKING:
    from labbox_local.desktop_probe import WindowProbe
    from labbox_local.lab import Lab
    from labbox_local.settings import Settings

PROGRAM = "labbox-local"
FAILED, USAGE, INTERRUPTED = 1, 2, 130
Command = TypeVar("Command", bound=Callable[..., Any])


class Parts(click.Group):
    """A group whose commands live in modules that are loaded when one of them is asked for."""

    modules: Mapping[str, str] = {
        "demo": "cli_demo",
        "import": "cli_import",
        "sort": "cli_sort",
        "ls": "cli_list",
        "jobs": "cli_list",
        "delete": "cli_list",
        "doctor": "cli_doctor",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a person meets them."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its module imported now."""
        if cmd_name not in self.modules:
            return None
        command: click.Command = import_module(f"labbox_local.{self.modules[cmd_name]}").COMMANDS[cmd_name]
        return command


def workspace_option(command: Command) -> Command:
    """``--workspace``, which may stand before or after the command's name."""
    return click.option(
        "--workspace", type=click.Path(file_okay=False), help="The folder of the library; made when it is absent."
    )(command)


def show_options(command: Command) -> Command:
    """How the program shows itself: ``--port``, ``--browser``, ``--no-window``."""
    for option in (
        click.option("--no-window", is_flag=True, help="Only serve, and print the address."),
        click.option("--browser", is_flag=True, help="Open the default browser instead of a window."),
        click.option("--port", type=click.IntRange(0, 65535), help="The port on 127.0.0.1; any free one if absent."),
    ):
        command = option(command)
    return command


def json_option(command: Command) -> Command:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")(command)


@click.group(cls=Parts, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@workspace_option
@show_options
@click.version_option(package_name=PROGRAM, prog_name=PROGRAM)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Look at an extracellular recording, sort its spikes and judge the units, on this machine alone.

    Without a command the program opens its window.
    """
    ctx.obj = given
    if ctx.invoked_subcommand is None:
        show({})


def settings_of(given: Mapping[str, Any]) -> Settings:
    """The settings, with what stands before and after the command's name; the latter wins."""
    from labbox_local.settings import Settings

    before = click.get_current_context().find_root().obj or {}
    chosen = {name: given.get(name) or before.get(name) for name in ("workspace", "browser", "no_window")}
    ports = [port for port in (given.get("port"), before.get("port")) if port is not None]
    if chosen["browser"] and chosen["no_window"]:
        raise click.UsageError("--browser and --no-window exclude each other.")
    how = "browser" if chosen["browser"] else "none" if chosen["no_window"] else None
    return Settings.load(workspace=chosen["workspace"], show=how, port=ports[0] if ports else None)


@contextmanager
def opened(settings: Settings, *, owner: bool = True) -> Iterator[Lab]:
    """The Lab on the workspace, closed at the end."""
    with unused_hidden():
        from labbox_local.lab import Lab

    with Lab(settings, owner=owner) as lab:
        yield lab


def show(given: Mapping[str, Any], path: str = "/") -> None:
    """Open the window (or what stands for it) on a page of the workspace, and return when it is closed."""
    settings = settings_of(given)
    probe = probe_for(settings)
    with opened(settings) as lab:
        show_lab(lab, path, probe)


def probe_for(settings: Settings) -> WindowProbe | None:
    """A try at opening a window, begun as early as can be; None when no window is wanted."""
    from labbox_local.desktop_probe import WindowProbe

    return WindowProbe() if settings.show == "window" else None


def show_lab(lab: Lab, path: str, probe: WindowProbe | None) -> None:
    """Show an open Lab; when another process owns the workspace, show what that one serves."""
    from labbox_local import desktop
    from labbox_local.services import instances

    how: Any = lab.settings.show
    if lab.owner:
        desktop.Session(lab, lab.settings.port, say).show(how, path, probe)
        return
    other = instances.running(lab.settings.workspace)
    if other is None or not other.url:
        process = f" (process {other.pid})" if other and other.pid else ""
        raise Unavailable(
            f"Another process{process} works on {lab.settings.workspace} and serves no pages.",
            "Wait until it has ended, or name another folder with --workspace.",
        )
    desktop.open_other(desktop.at_path(other.url, path), how, say, probe)


def say(sentence: str) -> None:
    """A line for the person, at once even through a pipe."""
    click.echo(sentence)
    sys.stdout.flush()


def tell(sentence: str) -> None:
    """A line that is no result: on stderr."""
    click.echo(sentence, err=True)


def run(arguments: list[str] | None = None) -> int:
    """Carry out a command line. 0 it is done, 1 the work failed, 2 the usage is wrong."""
    try:
        status = command.main(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except LabError as error:
        tell(f"{PROGRAM}: {error}")
        if isinstance(error, Unavailable) and error.hint:
            tell(f"To mend it: {error.hint}")
        return FAILED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        tell(f"{PROGRAM}: ended by the keyboard.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return status if isinstance(status, int) else 0  # click gives back the status of a command that has exited


def main() -> None:
    """The entry point of ``labbox-local``."""
    multiprocessing.freeze_support()
    # A worker that is ended with its whole tree leaves its semaphores to Python's tracker. That frees them; it need not
    # tell the person. The tracker is started with these options.
    sys.warnoptions.append("ignore::UserWarning:multiprocessing.resource_tracker")
    sys.exit(run())
