"""
The frame of a page that is one file and needs nothing from anywhere.

Its own policy allows its style and its script by their digests and nothing
else: no request of any kind, no handler, no form.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from reconciler.report.markup import Child, Markup, element, verbatim


def page(title: str, *children: Child) -> str:
    """Put the children into a whole document, with the style and the script of plans."""
    body = element("body", *children, verbatim("script", _static("plan.js")))
    return f"<!doctype html>\n{element('html', _head(title), body, lang='en')}\n"


def stylesheet() -> str:
    """The style of plans, for other pages of the family."""
    return _static("plan.css")


def _head(title: str) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        verbatim("style", stylesheet()),
    )


def _policy() -> str:
    script, style = digest(_static("plan.js")), digest(stylesheet())
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; "
        "base-uri 'none'; form-action 'none'"
    )


def digest(content: str) -> str:
    """Name a style or a script of our own as a Content-Security-Policy does."""
    hashed = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{hashed}'"


@cache
def _static(name: str) -> str:
    return resources.files("reconciler.report").joinpath("static", name).read_text("utf-8")
