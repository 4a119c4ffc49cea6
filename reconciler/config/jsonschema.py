"""The JSON Schema of the main file, for editors: made of the very keys that are read."""

from __future__ import annotations

from typing import cast

from reconciler.config.layout import MAIN

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, object]:
    """Describe the main file in JSON Schema, draft 2020-12, as plain data."""
    return {
        "$schema": DIALECT,
        "title": "reconciler configuration",
        "description": "Who may see and edit which Canvas Studio collections.",
        **cast("dict[str, object]", MAIN.schema()),
    }
