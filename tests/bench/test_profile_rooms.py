from __future__ import annotations

import pytest

from tests.bench.profile import room_of

FILES = [
    ("/work/reconciler/core/diff.py", "reconciler.core"),
    ("/work/reconciler/errors.py", "reconciler.errors"),
    ("/v/lib/python3.11/site-packages/httpx/_client.py", "httpx"),
    ("/usr/lib/python3.11/json/decoder.py", "python: json"),
    ("<frozen importlib._bootstrap>", "python: imports"),
    ("~", "python"),
]


@pytest.mark.parametrize(("file", "room"), FILES)
def test_a_file_is_of_one_room(file: str, room: str) -> None:
    assert room_of(file) == room
