"""`run`: one pass and exit, or the daemon."""

from __future__ import annotations

import click

from reconciler.cli.options import Shared, shared_options
from reconciler.cli.site import open_site


@click.command("run")
@click.option("--once", is_flag=True, help="One pass, then exit.")
@click.option("--observe", is_flag=True, help="Never write, whatever the file says.")
@shared_options
@click.pass_obj
def run_command(shared: Shared, once: bool, observe: bool) -> int:
    r"""
    Heal drift: on the file's schedule as a daemon, or in one pass.

    The daemon runs a pass at its start, when one is due, when the file changes
    and on SIGHUP. SIGTERM finishes the requests in hand and exits 0; a second
    signal exits at once.

    Several files, or a folder of them, are as many tenants: each has its own
    pace, lease and breaker, and waits for no other. Daemons that share a state
    share the tenants out, and take over from one that is lost.

    \b
    Examples:
      reconciler run --once
      reconciler -c tenants/ run
      reconciler run --observe
      reconciler run --log-format json
    """
    if once:
        return _once(shared, observe=observe)
    # Only the daemon needs them.
    if shared.is_many:
        from reconciler.cli.fleet import serve_many  # noqa: PLC0415

        return serve_many(shared, observe=observe)
    from reconciler.cli.service import serve  # noqa: PLC0415

    return serve(shared, observe=observe)


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
