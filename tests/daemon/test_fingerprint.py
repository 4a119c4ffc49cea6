from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.daemon.fingerprint import Fingerprint, fingerprint

SECOND_NS = 1_000_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("mode: observe")
    return path


def long_after(path: Path) -> int:
    return path.stat().st_ctime_ns + 60 * SECOND_NS


def just_after(path: Path) -> int:
    return path.stat().st_ctime_ns + SECOND_NS


def test_the_same_content_has_the_same_fingerprint_wherever_it_is(
    file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("mode: observe")
    there = fingerprint(other, None, long_after(other))
    assert fingerprint(file, None, long_after(file)).content == there.content


def test_a_file_at_rest_is_not_read_again(file: Path) -> None:
    # A digest that no reading would give shows that nothing was read.
    seen = fingerprint(file, None, long_after(file))
    known = Fingerprint("remembered", seen.identity)
    assert fingerprint(file, known, long_after(file)) is known


def test_a_file_just_written_is_read_again(file: Path) -> None:
    assert fingerprint(file, None, just_after(file)).identity is None


def test_a_file_from_the_future_is_read_again(file: Path) -> None:
    assert fingerprint(file, None, file.stat().st_ctime_ns - SECOND_NS).identity is None


def test_an_edit_of_the_same_size_with_its_time_put_back_is_seen(file: Path) -> None:
    known = fingerprint(file, None, long_after(file))
    times = file.stat()
    file.write_text("mode: OBSERVE")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert fingerprint(file, known, long_after(file)).content != known.content


def test_touching_a_file_changes_nothing(file: Path) -> None:
    known = fingerprint(file, None, long_after(file))
    os.utime(file)
    assert fingerprint(file, known, long_after(file)).content == known.content


def test_what_is_no_readable_file_is_told_apart(tmp_path: Path, file: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "empty").touch()
    seen = {
        name: fingerprint(tmp_path / name, None, long_after(file))
        for name in ("folder", "pipe", "loop", "empty", "nowhere", "config.yaml/below")
    }
    assert seen["nowhere"].is_missing
    assert not seen["empty"].is_missing
    assert len(seen["empty"].content) == 64
    assert seen["pipe"].content == "not a file"
    assert [seen[name].content for name in ("loop", "config.yaml/below")] == ["ELOOP", "ENOTDIR"]
    assert not any(seen[name].identity for name in ("folder", "pipe", "loop", "nowhere"))
