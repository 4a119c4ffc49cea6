from __future__ import annotations

import re
from importlib import resources

import pytest

STYLE = (resources.files("reconciler.report") / "static" / "plan.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", root))
    for root in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
)
PAIRS = [
    *((text, ground) for text in ("ink", "soft") for ground in ("paper", "card", "tint")),
    *((text, "held-tint") for text in ("ink", "soft", "destroy", "held")),
    *((text, "card") for text in ("create", "update", "destroy", "held")),
    *((text, f"{text}-tint") for text in ("create", "update", "destroy")),
    *(("accent", ground) for ground in ("paper", "card", "held-tint")),
]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(theme: dict[str, str], text: str, ground: str) -> None:
    dark, light = sorted((luminance(theme[text]), luminance(theme[ground])))

    assert (light + 0.05) / (dark + 0.05) >= 4.5
