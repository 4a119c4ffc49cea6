"""The file that `reconciler init` writes: the least that works, and says how to go on."""

from __future__ import annotations

_STARTER = """\
# yaml-language-server: $schema=./reconciler.schema.json
#
# Who may see and edit which Canvas Studio collections, kept as code.
#
#   1. Put your host below, and the access token into the environment:
#        export STUDIO_ACCESS_TOKEN=…
#   2. reconciler doctor        is everything in reach?
#   3. reconciler export        what is there today, as a file like this one
#   4. reconciler plan          what this file would change; nothing is written
#
# Nothing to try it on? `reconciler --sandbox plan` uses a made-up tenant, `reconciler demo` shows
# the whole story. `reconciler schema > reconciler.schema.json` teaches your editor the keys.

version: 1

# observe looks and tells, and never writes. When the plan says what you mean:
# additive grants what is missing, authoritative makes Studio equal to this file.
mode: observe

studio:
  url: https://yourschool.instructuremedia.com
  auth:
    # A secret never stands in this file, only where it is: {env: NAME} or {file: PATH}.
    access_token: {env: STUDIO_ACCESS_TOKEN}

# Use only what somebody listed in that file, outside of the checkout, has signed:
# require_signed_commits: /etc/reconciler/allowed_signers

# For dates such as `until: 2027-01-31`, whole days, ends included.
timezone: UTC

# Groups have no search in the API: write their names and ids here once (`reconciler find TEXT`).
directory:
  groups: {}
  #  Biology Faculty: 7

# A collection that is not named here is never touched.
collections: []
#  - name: Biology 101
#    shares:
#      - {user: grace@school.edu, permission: edit}
#      - {group: Biology Faculty}                 # permission is view unless it says edit
#      - {user: 907, until: 2027-01-31, reason: guest lecturer}
"""


def starter() -> str:
    """Give a commented configuration in mode observe; valid as it stands."""
    return _STARTER
