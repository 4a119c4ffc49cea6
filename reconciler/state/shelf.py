"""
The texts of the last good files, so that a daemon can start although the files are broken.

What stands in a file that cannot be read is unknown, the tenant too: the texts
are kept under the name of the file itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import delete, insert, select

from reconciler.state.schema import good_texts
from reconciler.state.store import Store, open_store, open_store_readonly


def open_shelf(
    url_or_path: str, main_file: Path, opens: Callable[[str, str], Store] | None = None
) -> Shelf:
    """
    Open the texts of one main file. Raises StateError where the state cannot be used.

    `opens` opens what is kept at a place under a name; else it is opened for this alone.
    """
    name = _name(main_file)
    return Shelf(opens(url_or_path, name) if opens else open_store(url_or_path, tenant=name))


def look_on_shelf(url_or_path: str, main_file: Path) -> Mapping[str, bytes] | None:
    """What is kept of one main file, for a command that makes no state. Raises StateError."""
    store = open_store_readonly(url_or_path, tenant=_name(main_file))
    if store is None:
        return None
    with store:
        return Shelf(store).recall()


def _name(main_file: Path) -> str:
    return f"file:{main_file.absolute()}"


class Shelf:
    """Keeps one set of texts: the main file first, then those it includes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, texts: Mapping[str, bytes]) -> None:
        """Put these in the place of what is kept. Raises StateError."""
        rows = [
            {"tenant": self._store.tenant, "path": path, "place": place, "data": data}
            for place, (path, data) in enumerate(texts.items())
        ]
        with self._store.write() as connection:
            mine = good_texts.c.tenant == self._store.tenant
            connection.execute(delete(good_texts).where(mine))
            connection.execute(insert(good_texts), rows)

    def recall(self) -> Mapping[str, bytes] | None:
        """What is kept, in its order; None where nothing is. Raises StateError."""
        mine = (
            select(good_texts.c.path, good_texts.c.data)
            .where(good_texts.c.tenant == self._store.tenant)
            .order_by(good_texts.c.place)
        )
        with self._store.read() as connection:
            texts = {row.path: bytes(row.data) for row in connection.execute(mine)}
        return texts or None

    def close(self) -> None:
        self._store.close()
