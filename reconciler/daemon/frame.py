"""The frame of the daemon's pages: no script, the style of plans and a little of their own."""

from __future__ import annotations

from functools import cache
from importlib import resources

from reconciler import __version__
from reconciler.report.markup import Child, Markup, element, verbatim
from reconciler.report.page import digest, stylesheet

_FOR_MACHINES = ("metrics", "api/v1/status", "api/v1/plan", "api/v1/passes")


def framed(
    title: str,
    *children: Child,
    home: str,
    refresh: int | None = None,
    machines: tuple[str, ...] = _FOR_MACHINES,
) -> str:
    """
    Put the children into a whole document.

    `home` leads from the page to the first one; `refresh` is the seconds after
    which a browser asks for the page again; `machines` is what its foot offers them.
    """
    body = element(
        "body",
        element("a", "Skip to the content", class_="skip", href="#content"),
        *children,
        _footer(home, refresh, machines),
    )
    return f"<!doctype html>\n{element('html', _head(title, refresh), body, lang='en')}\n"


@cache
def policy() -> str:
    """What the pages may do, as a Content-Security-Policy: show their style, and search."""
    return (
        f"default-src 'none'; style-src {digest(_style())}; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def _head(title: str, refresh: int | None) -> Markup:
    again = element("meta", http_equiv="refresh", content=str(refresh)) if refresh else None
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        again,
        element("title", title),
        verbatim("style", _style()),
    )


def _footer(home: str, refresh: int | None, machines: tuple[str, ...]) -> Markup:
    links = (element("a", f"/{each}", href=home + each) for each in machines)
    told = f" · refreshes itself every {refresh} seconds" if refresh else ""
    return element(
        "footer",
        element("p", f"reconciler {__version__} · read only{told}"),
        element("ul", *(element("li", link) for link in links)),
    )


@cache
def _style() -> str:
    own = resources.files("reconciler.daemon").joinpath("static", "status.css").read_text("utf-8")
    return f"{stylesheet()}\n{own}"
