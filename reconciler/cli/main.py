"""The command line: which commands there are, and how each kind of failure ends."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence

import click

from reconciler import __version__
from reconciler.cli.exits import Exit
from reconciler.cli.options import Shared, shared_options
from reconciler.errors import ConfigError, ReconcilerError, StalePlan, UsageError

# Where each command lives: a module is imported only when its command is asked for.
COMMANDS = {
    "init": ("reconciler.cli.files", "Write a commented starter config.yaml."),
    "validate": ("reconciler.cli.files", "Check the files alone, offline."),
    "plan": ("reconciler.cli.plan", "Show what would be done, and why; write nothing."),
    "apply": ("reconciler.cli.apply", "Plan, show, ask, carry out."),
    "undo": ("reconciler.cli.undo", "Take back what one pass did: plan, show, ask, carry out."),
    "history": ("reconciler.cli.history", "List the passes on record."),
    "show": ("reconciler.cli.history", "Show everything one pass did."),
    "run": ("reconciler.cli.run", "Heal drift on a schedule, as a daemon or once."),
    "export": ("reconciler.cli.export", "Write the live tenant as a file that plans to nothing."),
    "explain": ("reconciler.cli.explain", "Say why somebody has the access they have."),
    "access": ("reconciler.cli.access", "Show who can see what."),
    "find": ("reconciler.cli.find", "Find the ids of people, groups and collections."),
    "status": ("reconciler.cli.status", "Tell what the running daemon last did."),
    "login": ("reconciler.cli.login", "Consent in a browser, and store the tokens."),
    "doctor": ("reconciler.cli.doctor", "Check the tenant, the token, the rights and the state."),
    "schema": ("reconciler.cli.files", "Print the JSON Schema of the file, for editors."),
    "sandbox": ("reconciler.cli.sandbox", "Serve the simulated tenant on HTTP."),
    "demo": ("reconciler.cli.demo", "See the whole story on the sandbox."),
}
EPILOG = """\b
Exit status:
  0   done, or in agreement       4    the saved plan is stale
  1   failed                      5    partly done, or partly unreadable
  2   changes pending (plan --detailed-exitcode)
  3   something is held           64   usage
  130 interrupted                 78   the files are invalid
"""


class _Commands(click.Group):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command = getattr(module, f"{cmd_name}_command")
        assert isinstance(command, click.Command)  # noqa: S101 - a bug of ours, not of a user
        # The docstrings are raw: there, a backslash and a b stand for click's own mark, which
        # leaves the lines of the next paragraph as they are.
        command.help = (command.help or "").replace("\\b\n", "\b\n")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"There is no command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=_Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@shared_options
@click.version_option(__version__, prog_name="reconciler")
@click.pass_context
def cli(context: click.Context) -> None:
    """
    Keep the permissions of Canvas Studio as code.

    A YAML file says which collections exist and who shares them; reconciler
    compares it with the live tenant and says, or does, what makes them equal.
    """
    context.ensure_object(Shared)


def run(arguments: Sequence[str]) -> int:
    """Run one command and tell its failure, if any, without a traceback. Returns the status."""
    try:
        status = cli.main(list(arguments), prog_name="reconciler", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except ReconcilerError as error:
        return _told(error)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug, told as one
        return _bug(error, arguments)
    return int(status or 0)


def _told(error: ReconcilerError) -> int:
    if isinstance(error, ConfigError):
        for problem in error.problems:
            click.echo(str(problem), err=True)
        return Exit.CONFIG
    click.echo(f"error: {error.message}", err=True)
    if error.remedy:
        click.echo(f"  {error.remedy}", err=True)
    if isinstance(error, UsageError):
        return Exit.USAGE
    return Exit.STALE if isinstance(error, StalePlan) else Exit.FAILED


def _bug(error: Exception, arguments: Sequence[str]) -> int:
    """Tell a bug. Its message may quote anything, so it is shown only to who asks, with -v."""
    click.echo(f"error: a bug in reconciler {__version__}: {type(error).__name__}", err=True)
    if any(each.startswith("-v") or each == "--verbose" for each in arguments):
        import traceback  # noqa: PLC0415 - only a bug needs it

        frames = traceback.extract_tb(error.__traceback__)
        click.echo("".join(traceback.format_list(frames)), err=True)
    else:
        click.echo("  run again with -v to see where, and report it", err=True)
    return Exit.FAILED
