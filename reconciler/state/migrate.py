"""
Brings the tables to the schema this program knows, and refuses a newer one.

Alembic does the steps, and is imported only when there are any: its import costs more
than everything else that opening takes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Text, column, inspect, select, table

from reconciler.errors import StateError
from reconciler.state.schema import SCHEMA_VERSION

STEPS: Final = Path(__file__).parent / "migrations"
VERSION_TABLE: Final = "alembic_version"


def version(connection: Connection) -> str | None:
    """The schema found, None when there is none yet; one newer than ours is refused."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    number = column("version_num", Text)
    found = connection.scalar(select(number).select_from(table(VERSION_TABLE)))
    if found is not None and found > SCHEMA_VERSION:
        raise StateError(
            f"the state was written by a newer reconciler: its schema is {found}, and this one "
            f"knows up to {SCHEMA_VERSION}",
            remedy="Update reconciler here, or give it a state of its own.",
        )
    return found


def bring_up_to_date(connection: Connection) -> None:
    """Apply the steps that are missing, in the transaction at hand: all of them, or none."""
    if version(connection) == SCHEMA_VERSION:
        return
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    command.upgrade(config, "head")
