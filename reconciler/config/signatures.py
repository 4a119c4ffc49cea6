"""
The `require_signed_commits` key: files are used only as somebody known has signed them.

The commit they are checked out from must carry the SSH signature of a listed
signer, and they must be, to the byte, what that commit holds. The list lies
outside of the checkout: what a commit may change cannot say whom to trust. The
key itself stands in the file, so whoever reads files again and again (the
daemon) judges the next by the key in force, and $RECONCILER_REQUIRE_SIGNED_COMMITS
asks whatever the file says.

Git's own settings in the checkout have no say: the programs that verify are
named here, and other kinds of signature than SSH's have none.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.config.checkout import Checkout, checkout_of
from reconciler.config.nodes import Node
from reconciler.config.reading import JsonSchema, Reading
from reconciler.config.scalars import Text
from reconciler.config.settings import Signers
from reconciler.config.suggest import shown
from reconciler.errors import Location

OVERRIDE = "RECONCILER_REQUIRE_SIGNED_COMMITS"
_KEY = "require_signed_commits"
_PLAIN_FILES = (b"100644", b"100755")


@dataclass(frozen=True, slots=True)
class SignersFile:
    """The path of a file of allowed signers, relative to the main file's folder."""

    noun: str

    def read(self, node: Node, reading: Reading) -> Signers:
        text = Text(self.noun).read(node, reading)
        if not text.isprintable():
            message = f"{self.noun} holds a control character; write it without"
            raise reading.refuse(node.location, message)
        return Signers(_absolute(reading.root.typed, text), node.location)

    def schema(self) -> JsonSchema:
        return Text(self.noun).schema()


def pinned(environment: Mapping[str, str], location: Location) -> Signers | None:
    """Whose signatures the environment asks for; a path there is relative to where we stand."""
    text = environment.get(OVERRIDE)
    return Signers(_absolute(Path.cwd(), text), location) if text else None


def _absolute(folder: Path, text: str) -> Path:
    return Path(os.path.normpath(folder.absolute() / text))


def troubles(folder: Path, contents: Mapping[str, bytes], signers: Path) -> Sequence[str]:
    """
    Say why these files are not as somebody listed has signed them; nothing where they are.

    `contents` are the bytes in hand by path below `folder`, which has every link
    followed. Each sentence ends with what to do about it.
    """
    ssh_keygen = shutil.which("ssh-keygen")
    if shutil.which("git") is None or ssh_keygen is None:
        return [f"{_KEY} needs git 2.34 or newer and OpenSSH's ssh-keygen; install both"]
    checkout = checkout_of(folder)
    commit = checkout.head() if checkout is not None else None
    if checkout is None or commit is None:
        return [f"{_KEY} is set, and this file is no commit's; check it out with git"]
    if trouble := _trouble_with(signers, checkout.folder):
        return [trouble]
    if not _is_signed(checkout, commit, signers, ssh_keygen):
        told = f"carries no good SSH signature of anybody listed in {shown(str(signers))}"
        remedy = "sign it (git commit --amend -S, with gpg.format ssh), or list its signer there"
        return [f"commit {commit[:12]} {told}; {remedy}"]
    return list(_differences(checkout, commit, folder, contents))


def _trouble_with(signers: Path, checkout: Path) -> str | None:
    """What is wrong with the list itself."""
    ways = (signers, *signers.parents)
    if signers.resolve().is_relative_to(checkout) or checkout in {each.resolve() for each in ways}:
        return (
            f"{_KEY} names {shown(str(signers))}, which is in the checkout, where a commit could "
            f"let itself in; keep it outside of {shown(str(checkout))}"
        )
    try:
        with signers.open("rb"):
            return None
    except OSError as error:
        return (
            f"{_KEY} names {shown(str(signers))}, which cannot be read ({error.strerror}); write "
            'there one line a signer: ada@school.edu namespaces="git" ssh-ed25519 AAAA…'
        )


def _is_signed(checkout: Checkout, commit: str, signers: Path, ssh_keygen: str) -> bool:
    told = {
        "gpg.ssh.allowedSignersFile": str(signers),
        "gpg.ssh.program": ssh_keygen,
        "gpg.openpgp.program": "false",
        "gpg.x509.program": "false",
        "gpg.minTrustLevel": "fully",
    }
    options = (part for name, value in told.items() for part in ("-c", f"{name}={value}"))
    return checkout.ask(*options, "verify-commit", commit) is not None


def _differences(
    checkout: Checkout, commit: str, folder: Path, contents: Mapping[str, bytes]
) -> Iterator[str]:
    """What is not as the commit has it: files changed, added, and, where some include, missing."""
    held = _blobs(checkout, commit, folder)
    if held is None:
        yield f"commit {commit[:12]} cannot be read; fetch it again, whole"
        return
    texts = _texts(checkout, [held[path] for path in contents if path in held])
    remedy = "commit and sign what you changed, or take it back with git restore"
    for path, data in contents.items():
        if path not in held or texts.get(held[path]) != data:
            yield f"{shown(path)} is not what commit {commit[:12]} holds; {remedy}"
    # What is gone from disk would be missing from an include without a word.
    for path in held if len(contents) > 1 else ():
        if path not in contents and not os.path.isfile(folder / path):  # noqa: PTH113 - never raises
            yield f"{shown(path)} of commit {commit[:12]} is not here; {remedy}"


def _blobs(checkout: Checkout, commit: str, folder: Path) -> Mapping[str, bytes] | None:
    """The ids of the plain files below a folder, by path from there; a link is none."""
    below = folder.relative_to(checkout.folder).as_posix()
    prefix = "" if below == "." else f"{below}/"
    listing = ("ls-tree", "-r", "-z", "--full-tree", commit)
    answer = checkout.ask("--literal-pathspecs", *listing, *([prefix] if prefix else []))
    if answer is None:
        return None
    rows = (row.partition(b"\t") for row in answer.split(b"\0") if row)
    return {
        os.fsdecode(name).removeprefix(prefix): about.split()[2]
        for about, _, name in rows
        if about.split()[0] in _PLAIN_FILES
    }


def _texts(checkout: Checkout, ids: Sequence[bytes]) -> Mapping[bytes, bytes]:
    """The contents of blobs, read in one go."""
    rest = checkout.ask("cat-file", "--batch", given=b"".join(id + b"\n" for id in ids)) or b""
    texts = {}
    for id in ids:
        about, _, rest = rest.partition(b"\n")
        if not about.startswith(id + b" blob "):
            break
        size = int(about.split()[2])
        texts[id], rest = rest[:size], rest[size + 1 :]
    return texts
