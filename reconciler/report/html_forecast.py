"""What goes by itself before long, in a page: folded, for nothing of it is done now."""

from __future__ import annotations

from reconciler.core.plan import Expiry, Plan
from reconciler.report import outlook
from reconciler.report.html_table import who_cell
from reconciler.report.markup import Markup, element
from reconciler.report.wording import counted

_COLUMNS = ("Until", "Who", "Permission", "Line", "Collection")


def forecast(plan: Plan) -> Markup | None:
    """Show every share that expires soon, the soonest first; nothing where none does."""
    if not plan.expiring:
        return None
    title = f"{outlook.EXPIRING}: {counted(len(plan.expiring), 'share')}"
    heads = element("tr", *(element("th", name, scope="col") for name in _COLUMNS))
    table = element(
        "table",
        element("caption", outlook.EXPIRING),
        element("thead", heads),
        element("tbody", *map(_row, plan.expiring)),
    )
    return element("details", element("summary", title), table, class_="forecast")


def _row(expiry: Expiry) -> Markup:
    when = outlook.closing(expiry)
    return element(
        "tr",
        element("td", element("time", when, datetime=when), class_="action"),
        element("th", who_cell(expiry.who, str(expiry.principal)), scope="row"),
        element("td", outlook.loss(expiry), class_="permission"),
        element("td", element("code", expiry.source.short), class_="line"),
        element("td", element("bdi", expiry.collection), class_="remarks"),
    )
