"""`sandbox`: the simulated tenant, served on HTTP."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from reconciler.cli.options import shared_options
from reconciler.cli.terminal import write_out
from reconciler.errors import ReconcilerError


@click.command("sandbox")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Where to listen on 127.0.0.1; 0 picks a free port.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Keep the tenant in this file; without it, in memory.",
)
@click.option(
    "--seed",
    type=click.Path(path_type=Path),
    help="What a new tenant begins with (YAML or JSON).",
)
@click.option(
    "--faults",
    type=click.Path(path_type=Path),
    help="Which requests go wrong, and how (YAML or JSON).",
)
@shared_options
def sandbox_command(port: int, data: Path | None, seed: Path | None, faults: Path | None) -> int:
    r"""
    Serve the simulated tenant on HTTP, until interrupted.

    The access token, client id, client secret and first refresh token are all
    `sandbox`. The file that `--sandbox` keeps beside your state can be served
    too, to change a share by hand.

    \b
    Examples:
      reconciler sandbox --port 0
      reconciler sandbox --data reconciler.sandbox.json
      curl -H 'Authorization: Bearer sandbox' \
        http://127.0.0.1:8765/api/public/v1/collections
    """
    from reconciler.daemon.signals import signals  # noqa: PLC0415 - not for --help
    from reconciler.sandbox.server import serve  # noqa: PLC0415 - as above
    from reconciler.sandbox.store import open_tenant  # noqa: PLC0415 - as above

    tenant = open_tenant(data, seed=seed, faults=faults)
    stop = threading.Event()
    with signals(stop=lambda _signal: stop.set()):
        try:
            serve(tenant, port=port, ready=_say, stop=stop)
        except OSError as error:
            raise ReconcilerError(
                f"port {port} cannot be listened on: {error.strerror}",
                remedy="choose another with --port, or --port 0 for a free one",
            ) from error
    return 0


def _say(port: int) -> None:
    write_out(f"listening on http://127.0.0.1:{port}\n")
