"""`run`: one pass and exit, or the daemon."""

from __future__ import annotations

import click

from reconciler.cli.options import Shared, shared_options
from reconciler.cli.site import open_site
from reconciler.errors import UsageError

AT_ONCE = 8
"""How many passes a worker carries at a time, where nothing else is said."""


@click.command("run")
@click.option("--once", is_flag=True, help="One pass, then exit.")
@click.option("--observe", is_flag=True, help="Never write, whatever the file says.")
@click.option(
    "--jobs",
    is_flag=True,
    help="Carry passes as jobs of a queue in the state's PostgreSQL (extra `fleet`), with any"
    " number of other workers.",
)
@click.option(
    "--at-once",
    metavar="N",
    type=click.IntRange(1, 100),
    help=f"With --jobs: how many passes this worker carries at a time.  [default: {AT_ONCE}]",
)
@shared_options
@click.pass_obj
def run_command(shared: Shared, once: bool, observe: bool, jobs: bool, at_once: int | None) -> int:
    r"""
    Heal drift: on the file's schedule as a daemon, or in one pass.

    The daemon runs a pass at its start, when one is due, when the file changes
    and on SIGHUP. SIGTERM finishes the requests in hand and exits 0; a second
    signal exits at once.

    Several files, or a folder of them, are as many tenants: each has its own
    pace, lease and breaker, and waits for no other. Daemons that share a state
    share the tenants out, and take over from one that is lost.

    With --jobs the passes are jobs of a queue, which any number of such
    processes takes: one of a tenant at a time, tried again until it is done.

    \b
    Examples:
      reconciler run --once
      reconciler -c tenants/ run
      reconciler -c tenants/ run --jobs --at-once 16
      reconciler run --observe
      reconciler run --log-format json
    """
    if jobs:
        return _jobs(shared, once=once, observe=observe, at_once=at_once or AT_ONCE)
    if at_once is not None:
        raise UsageError("--at-once is about --jobs", remedy="add --jobs, or leave it out")
    if once:
        return _once(shared, observe=observe)
    # Only the daemon needs them.
    if shared.is_many:
        from reconciler.cli.fleet import serve_many  # noqa: PLC0415

        return serve_many(shared, observe=observe)
    from reconciler.cli.service import serve  # noqa: PLC0415

    return serve(shared, observe=observe)


def _jobs(shared: Shared, *, once: bool, observe: bool, at_once: int) -> int:
    if once:
        raise UsageError(
            "--jobs works until it is stopped, and --once ends by itself",
            remedy="give one of the two",
        )
    if shared.sandbox:
        raise UsageError(
            "--jobs has its jobs in the state's PostgreSQL, and --sandbox keeps a file",
            remedy="give each file the studio.url of a `reconciler sandbox` of its own",
        )
    try:
        from reconciler.cli.jobs import serve_jobs  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            f"--jobs needs a package that is not installed: {error.name}",
            remedy="Install it: pip install 'studio-reconciler[fleet]'.",
        ) from None
    return serve_jobs(shared, observe=observe, at_once=at_once)


def _once(shared: Shared, *, observe: bool) -> int:
    if shared.is_many:
        from reconciler.cli.once import once_each  # noqa: PLC0415 - not for --help

        return once_each(shared, observe=observe)
    from reconciler.cli.apply import apply_now  # noqa: PLC0415 - not for --help
    from reconciler.cli.showing import Showing  # noqa: PLC0415 - as above

    with open_site(shared) as site:
        paused = observe or site.is_paused()
        showing = Showing(site, yes=True, only_show=paused, verbose=shared.verbosity > 0)
        return apply_now(site, showing, kind="run")
