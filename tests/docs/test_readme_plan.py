"""The plan that the README shows is what the program prints of such a tenant."""

from __future__ import annotations

import re
from pathlib import Path

from reconciler.sandbox.store import open_tenant
from tests.docs.pages import PAGES, blocks, section
from tests.end_to_end.shell import QuickShell

SEED = """\
me: 101
users:
  - {id: 101, name: Ada Admin, email: ada@school.edu, admin: true}
  - {id: 102, name: Grace Hopper, email: grace@school.edu}
  - {id: 108, name: Lin Chen, email: lin@school.edu}
  - {id: 131, name: Sam Okafor, email: sam@school.edu}
  - {id: 140, name: Kim Ito, email: kim@school.edu}
  - {id: 141, name: Lee Park, email: lee@school.edu}
  - {id: 142, name: Mia Novak, email: mia@school.edu}
  - {id: 143, name: Noa Levi, email: noa@school.edu}
  - {id: 150, name: Guest One}
  - {id: 151, name: Guest Two}
  - {id: 152, name: Guest Three}
  - {id: 153, name: Guest Four}
  - {id: 154, name: Guest Five}
collections:
  - id: 4711
    name: Biology 101
    owner: 101
    shares: [{user: 102}, {user: 131}, {user: 150}, {user: 151}, {user: 152}, {user: 153}]
  - id: 4712
    name: Chemistry Lab
    owner: 101
    shares:
      - {user: 140}
      - {user: 141}
      - {user: 142}
      - {user: 143}
      - {user: 150}
      - {user: 151}
      - {user: 152}
      - {user: 153}
      - {user: 154}
switches: {owner_listed: false}
"""
FILE = """\
version: 1
mode: authoritative
studio:
  url: https://yourschool.instructuremedia.com
  auth:
    access_token: {env: STUDIO_ACCESS_TOKEN}
share_sets:
  guests: [{user: 150}, {user: 151}, {user: 152}, {user: 153}]

collections:
  - name: Biology 101
    share_sets: [guests]
    shares:
      - {user: grace@school.edu, permission: edit}
      # Since the summer term:
      - {user: lin@school.edu}

  - name: Chemistry Lab
    share_sets: [guests]
    shares:
      - {user: 154}
"""


def test_the_plan_that_is_shown_is_what_is_printed(tmp_path: Path) -> None:
    shell = QuickShell(tmp_path, environment={})
    open_tenant(tmp_path / "reconciler.sandbox.json", seed=shell.write(SEED, "seed.yaml"))
    shell.write(FILE)
    block = next(blocks(section(PAGES["README.md"], "## How a plan reads")))

    ran = shell("plan", "--sandbox")

    assert ran.status == 3
    assert told(ran.out) == told(block.text)


def told(text: str) -> list[str]:
    """A plan without what is another each time: its head, the hold's id, and a day to come."""
    _, *lines = text.splitlines()
    return [re.sub(r"\b[0-9a-f]{8}\b|\b20\d\d-\d\d-\d\d\b", "…", line) for line in lines]
