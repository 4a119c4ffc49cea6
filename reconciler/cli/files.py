"""`init`, `validate` and `schema`: the commands about files alone. None needs a network."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from reconciler.cli.options import Shared, shared_options
from reconciler.cli.terminal import tell, write_out
from reconciler.errors import ConfigError, Problem, ReconcilerError


@click.command("init")
@shared_options
@click.pass_obj
def init_command(shared: Shared) -> int:
    r"""
    Write a commented starter config.yaml, in mode observe.

    It never overwrites: where the file is there already it says so and exits 1.

    \b
    Example:
      reconciler init && $EDITOR config.yaml
    """
    from reconciler.config.starter import starter  # noqa: PLC0415 - only this command needs it

    path = shared.path()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter())
    except FileExistsError:
        raise ReconcilerError(
            f"{path} is there already, and init never overwrites",
            remedy="choose another place with -c FILE, or go on with this one: reconciler validate",
        ) from None
    except OSError as error:
        raise ReconcilerError(f"{path} could not be written: {error.strerror}") from error
    tell(f"wrote {path}: read it, put in your school's address and collections, then:")
    tell("  reconciler validate && reconciler plan")
    return 0


@click.command("validate")
@shared_options
@click.pass_obj
def validate_command(shared: Shared) -> int:
    r"""
    Check the files alone, offline.

    Every problem is told at once, each as path:line:column: message (exit 78).

    \b
    Examples:
      reconciler validate
      reconciler validate -c one.yaml -c two.yaml
    """
    from reconciler.config.files import uncollected  # noqa: PLC0415 - `--help` need not pay

    with uncollected():
        problems = [each for path in shared.paths() for each in _problems_of(path, shared)]
    if problems:
        raise ConfigError(problems)
    return 0


def _problems_of(path: Path, shared: Shared) -> Sequence[Problem]:
    from reconciler.config.files import load  # noqa: PLC0415 - as above

    try:
        loaded = load(path, environment=os.environ, sandbox=shared.sandbox)
    except ConfigError as error:
        return error.problems
    if shared.verbosity >= 0:
        write_out(_valid(path, len(loaded.declarations.collections), len(loaded.files)))
    return ()


def _valid(path: Path, collections: int, files: int) -> str:
    included = f", {files} files" if files > 1 else ""
    plural = "" if collections == 1 else "s"
    return f"{path}: valid ({collections} collection{plural}{included})\n"


@click.command("schema")
@shared_options
@click.pass_obj
def schema_command(_shared: Shared) -> int:
    r"""
    Print the JSON Schema of the file, for editors.

    \b
    Example:
      reconciler schema > reconciler.schema.json
    """
    from reconciler.config.jsonschema import json_schema  # noqa: PLC0415 - only this needs it

    write_out(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
    return 0
