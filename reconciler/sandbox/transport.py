"""The tenant behind httpx: a transport in place of the network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx

from reconciler.sandbox.messages import Ending, Request, Response
from reconciler.sandbox.tenant import Tenant


class SandboxTransport(httpx.BaseTransport):
    """
    Carries requests to a tenant in this process.

    A fault raises what httpx raises for it. A slow answer waits by `wait`, and is a
    ReadTimeout at once where the request allows less time than that.
    """

    def __init__(self, tenant: Tenant, *, wait: Callable[[float], object] = time.sleep) -> None:
        self._tenant = tenant
        self._wait = wait

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._tenant.handle(
            Request.of(
                request.method,
                request.url.raw_path.decode("ascii"),
                request.headers,
                request.read(),
            )
        )
        self._raise_for(response, request)
        headers = {"Content-Type": response.content_type, **response.headers}
        if response.ending is Ending.TRUNCATED:
            return httpx.Response(response.status, headers=headers, stream=_CutOff(response.body))
        return httpx.Response(response.status, headers=headers, content=response.body)

    def _raise_for(self, response: Response, request: httpx.Request) -> None:
        patience = request.extensions.get("timeout", {}).get("read")
        match response.ending:
            case Ending.REFUSED:
                raise httpx.ConnectError("the sandbox refuses the connection", request=request)
            case Ending.RESET:
                raise httpx.RemoteProtocolError(
                    "the sandbox closed the connection without an answer", request=request
                )
            case Ending.TIMEOUT:
                raise httpx.ReadTimeout("the sandbox does not answer", request=request)
        if patience is not None and response.delay > patience:
            raise httpx.ReadTimeout("the sandbox answers too late", request=request)
        if response.delay:
            self._wait(response.delay)


class _CutOff(httpx.SyncByteStream):
    """The first half of a body, and then the end of the connection."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise httpx.RemoteProtocolError("the sandbox closed the connection half-way")
