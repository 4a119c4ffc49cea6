from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.plan import Plan
from reconciler.report.html import render_plan
from reconciler.report.safe import printable
from tests.report.plans import HEADER, caused, collection, named, reached, rich

NAMES = st.text(st.characters(), min_size=1, max_size=30) | st.text(
    "<>&\"'/= scriptonx!-", min_size=1, max_size=16
)


class Page(HTMLParser):
    """What a reader of HTML sees: tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.texts: list[str] = []
        self.comments: list[str] = []
        self.contents: dict[str, str] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] in ("script", "style"):
            self.contents[self.tags[-1]] = self.contents.get(self.tags[-1], "") + data
        else:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


TAME = Page(render_plan(named("tame"), HEADER))


@given(NAMES)
def test_a_name_is_text_and_nothing_but_text(name: str) -> None:
    page = Page(render_plan(named(name), HEADER))

    assert page.tags == TAME.tags
    assert page.attributes == TAME.attributes
    assert page.comments == []
    assert page.contents == TAME.contents
    assert "".join(page.texts) == "".join(TAME.texts).replace("tame", printable(name))


def test_a_name_stands_in_no_attribute() -> None:
    assert not any("tame" in (value or "") for _, _, value in TAME.attributes)


def test_the_policy_allows_our_script_and_style_and_nothing_else() -> None:
    page = Page(render_plan(rich(), HEADER))
    policies = [
        value for tag, name, value in page.attributes if name == "content" and tag == "meta"
    ]
    policy = next(value for value in policies if value and value.startswith("default-src"))

    for kind in ("script", "style"):
        digest = hashlib.sha256(page.contents[kind].encode()).digest()
        assert f"{kind}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not {name for _, name, _ in page.attributes} & {"style", "src", "onclick", "onload"}


def test_every_tag_that_is_opened_is_closed() -> None:
    tags = Page(render_plan(rich(), HEADER)).tags
    for tag in set(tags) - {"meta", "input", "br"}:
        if not tag.startswith("/"):
            assert tags.count(tag) == tags.count(f"/{tag}"), tag


def test_every_change_is_a_row_with_its_person_as_heading() -> None:
    html = render_plan(rich(), HEADER)

    assert len(re.findall(r'<tr class="(create|update|destroy)', html)) == 7
    assert html.count('scope="row"') == 10
    assert html.count("<caption>") == html.count("<table>") == 3


def test_a_cause_is_a_badge_in_its_row_and_a_count_on_top() -> None:
    html = render_plan(caused(), HEADER)

    assert "<li>5 by this change, 2 drifted.</li>" in html
    assert html.count('<span class="cause">drifted</span>') == 2
    assert html.count('<span class="cause">this change</span>') == 5
    assert '<tr class="destroy held drift">' in html
    assert 'class="cause"' not in render_plan(rich(), HEADER)


def test_what_expires_is_folded_below_the_collections() -> None:
    html = render_plan(caused(), HEADER)

    assert '<details class="forecast"><summary>Expiring within 30 days: 2 shares</summary>' in html
    assert html.index('<section id="changes"') < html.index('class="forecast"')
    assert 'class="forecast"' not in render_plan(rich(), HEADER)


def test_whose_access_changes_is_told_on_top_and_on_every_collection() -> None:
    html = render_plan(rich(), HEADER, reach=reached())

    assert "<li>2 people gain access, 1 loses it, 1 is lowered to view (" in html
    assert '<p class="turn">1 person gains access.</p>' in html


def test_the_filter_waits_for_the_script() -> None:
    assert '<div class="filter" hidden>' in render_plan(rich(), HEADER)


def test_a_plan_with_nothing_to_do_says_that_all_agrees() -> None:
    html = render_plan(Plan(collections=(collection(),)), HEADER)

    assert "No changes. Studio agrees with the file." in html
    assert '<div class="filter"' not in html


def test_equal_plans_give_equal_pages() -> None:
    assert render_plan(rich(), HEADER) == render_plan(rich(), HEADER)
