"""The daemon's pages on HTTP, served from a thread of their own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from reconciler.errors import ReconcilerError

AT_ONCE = 64
"""Connections and requests at a time; whoever comes on top is told 503."""

_PATIENCE = 2


@contextmanager
def serving(
    app: ASGIApp, listen: tuple[str, int], report: Callable[[BaseException], None]
) -> Iterator[str]:
    """
    Serve while the context lasts; gives the address, with the port that was picked.

    A bug of the server's own is reported, so that the daemon does not go on
    unseen. Raises ReconcilerError where the address cannot be listened on.
    """
    with _bound(listen) as listener:
        server = uvicorn.Server(_config(app))
        thread = threading.Thread(
            target=_serve, args=(server, listener, report), name="pages", daemon=True
        )
        thread.start()
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


def _serve(
    server: uvicorn.Server, listener: socket.socket, report: Callable[[BaseException], None]
) -> None:
    try:
        server.run(sockets=[listener])
    except BaseException as bug:  # noqa: BLE001 - it would end in silence in this thread
        report(bug)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        loop="asyncio",
        # Its logs go the way of all others; what was asked for is nobody's business.
        log_config=None,
        log_level="warning",
        access_log=False,
        # No header that a client can write is believed.
        proxy_headers=False,
        server_header=False,
        limit_concurrency=AT_ONCE,
        timeout_graceful_shutdown=_PATIENCE,
    )


def _bound(listen: tuple[str, int]) -> socket.socket:
    host, port = listen
    try:
        ((family, *_, address), *_) = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return socket.create_server(address[:2], family=family, backlog=AT_ONCE)
    except OSError as error:
        raise ReconcilerError(
            f"daemon.listen: {host}:{port} cannot be listened on: {error.strerror}",
            remedy="choose another port, or see who has this one (ss -ltnp)",
        ) from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
