"""The options every command takes, before its name or after it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from reconciler.config.folder import tenant_files
from reconciler.errors import ConfigError, Location, Problem, UsageError

F = TypeVar("F", bound=Callable[..., object])


@dataclass(slots=True)
class Shared:
    """What was said of the options that every command takes."""

    config: tuple[Path, ...] = ()
    log_format: str | None = None
    verbosity: int = 0
    sandbox: bool = False

    def places(self) -> tuple[Path, ...]:
        """Where to look: `-c`, else `$RECONCILER_CONFIG`, else `config.yaml`; files or folders."""
        if self.config:
            return self.config
        named = os.environ.get("RECONCILER_CONFIG")
        return (Path(named),) if named else (Path("config.yaml"),)

    @property
    def is_many(self) -> bool:
        """Whether many tenants are meant, however many there are just now."""
        places = self.places()
        return len(places) > 1 or places[0].is_dir()

    def paths(self) -> tuple[Path, ...]:
        """The files to work on; a folder stands for those in it. Raises ConfigError."""
        return tuple(dict.fromkeys(file for place in self.places() for file in _files_of(place)))

    def path(self) -> Path:
        """The one file of a command that works on one tenant. Raises UsageError."""
        if self.is_many:
            raise UsageError(
                "this command works on one tenant, and several files, or a folder of them,"
                " were given",
                remedy="give -c once, with a file; validate, run and status take many",
            )
        return self.places()[0]


def refuse_sandbox(shared: Shared) -> None:
    """Raise UsageError where many tenants are to be the one in the sandbox."""
    if shared.sandbox:
        raise UsageError(
            "--sandbox is one tenant, and several files, or a folder of them, were given",
            remedy="give each file the studio.url of a `reconciler sandbox` of its own",
        )


def _files_of(place: Path) -> tuple[Path, ...]:
    if not place.is_dir():
        return (place,)
    if found := tenant_files(place):
        return found
    told = "no *.yaml or *.yml stands in this folder: put one file for each tenant into it"
    raise ConfigError([Problem(Location(place.as_posix(), 1, 1), told)])


def _keep(name: str) -> Callable[[click.Context, click.Parameter, object], None]:
    def keep(context: click.Context, _parameter: click.Parameter, value: object) -> None:
        if value not in (None, (), False, 0):
            setattr(context.ensure_object(Shared), name, value)

    return keep


def _verbose(context: click.Context, parameter: click.Parameter, value: int) -> None:
    sign = -1 if parameter.name == "quiet" else 1
    context.ensure_object(Shared).verbosity += sign * value


_OPTIONS = (
    click.option(
        "-c",
        "--config",
        metavar="FILE",
        multiple=True,
        type=click.Path(path_type=Path),
        callback=_keep("config"),
        expose_value=False,
        help="The file to work on. validate, run and status take several, or a folder of them:"
        " one for each tenant.  [default: $RECONCILER_CONFIG, then config.yaml]",
    ),
    click.option(
        "--sandbox",
        is_flag=True,
        callback=_keep("sandbox"),
        expose_value=False,
        help="Use the built-in simulated tenant; needs no credentials.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["console", "json"]),
        callback=_keep("log_format"),
        expose_value=False,
        help="How logs are written to stderr.  [default: console on a terminal, else json]",
    ),
    click.option(
        "-v",
        "--verbose",
        count=True,
        callback=_verbose,
        expose_value=False,
        help="Tell more (twice: every request).",
    ),
    click.option(
        "-q",
        "--quiet",
        count=True,
        callback=_verbose,
        expose_value=False,
        help="Tell only what needs a person.",
    ),
)


def shared_options(command: F) -> F:
    """Add the options every command takes; put nearest to the function, they are told last."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def format_option(*formats: str, help: str = "How to show it.") -> Callable[[F], F]:
    """`--format`, handed over as `format_`; the first one is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help=help,
    )


collections_option = click.option(
    "--collection",
    "collections",
    metavar="NAME",
    multiple=True,
    help="Only this collection; repeatable.",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
acknowledge_option = click.option(
    "--acknowledge",
    "acknowledged",
    metavar="HOLD",
    multiple=True,
    help="Let this held set of changes through, once; repeatable.",
)
