from __future__ import annotations

from pathlib import Path

import pytest

from integrations.store import Head
from integrations.store.anchors import Anchor, AnchorFile, anchors_in_force, last_anchor, size_of
from tests.integrations.store.samples import NOW


def head(seq: int) -> Head:
    return Head(seq, f"mac{seq}")


def seqs(path: Path) -> list[int]:
    return [anchor.seq for anchor in anchors_in_force(path, size_of(path), lambda _: True)]


def test_an_anchor_can_be_read_at_once(tmp_path: Path) -> None:
    """A head is in the file when `add` returns, with its time."""
    file = AnchorFile(tmp_path / "a" / "anchors")
    file.add(head(1), NOW)
    file.add(head(5), NOW)
    assert last_anchor(file.path) == Anchor(5, "mac5", NOW.isoformat())
    assert seqs(file.path) == [1, 5]
    file.close()


def test_no_file_has_no_anchors(tmp_path: Path) -> None:
    """A file that is missing or empty is no error."""
    path = tmp_path / "anchors"
    assert last_anchor(path) is None
    assert seqs(path) == []
    path.touch()
    assert last_anchor(path) is None
    assert seqs(path) == []


def test_an_unfinished_line_is_passed_over(tmp_path: Path) -> None:
    """What a power cut left of a line neither counts nor swallows the next one."""
    path = tmp_path / "anchors"
    path.write_text('{"seq":1,"mac":"mac1","at":"x"}\n{"seq":2,"ma')
    assert last_anchor(path) == Anchor(1, "mac1", "x")
    file = AnchorFile(path)
    file.add(head(3), NOW)
    file.close()
    assert seqs(path) == [1, 3]


def test_an_acceptance_ends_what_came_before(tmp_path: Path) -> None:
    """Anchors are in force from the last acceptance on."""
    file = AnchorFile(tmp_path / "anchors")
    file.add(head(9), NOW)
    file.add(head(4), NOW, accepted={"why": "restored"})
    file.add(head(5), NOW)
    file.close()
    assert seqs(file.path) == [4, 5]


def test_a_text_cannot_pass_for_an_acceptance(tmp_path: Path) -> None:
    """Only a line's own key counts."""
    path = tmp_path / "anchors"
    path.write_text('{"seq":1,"mac":"m","at":"x"}\n{"seq":2,"mac":"\\"accepted\\"","at":"x"}\n')
    assert seqs(path) == [1, 2]


def test_later_anchors_are_left_out(tmp_path: Path) -> None:
    """Only what was in the file at the given moment is read."""
    file = AnchorFile(tmp_path / "anchors")
    file.add(head(1), NOW)
    size = size_of(file.path)
    file.add(head(2), NOW)
    file.close()
    assert [a.seq for a in anchors_in_force(file.path, size, lambda _: True)] == [1]


def test_the_newest_anchor_of_a_long_file_is_found(tmp_path: Path) -> None:
    """The end of the file is enough."""
    file = AnchorFile(tmp_path / "anchors")
    for n in range(3000):
        file.add(head(n), NOW)
    file.close()
    assert last_anchor(file.path) == Anchor(2999, "mac2999", NOW.isoformat())


def test_a_sync_is_due_within_a_second(tmp_path: Path) -> None:
    """What was appended waits for the disk no longer than a second, and nothing waits afterwards."""
    file = AnchorFile(tmp_path / "anchors")
    assert file.sync_in() is None
    file.add(head(1), NOW)
    due = file.sync_in()
    assert due is not None
    assert 0 < due <= 1
    file.sync()
    assert file.sync_in() is None
    file.add(head(1500), NOW)
    assert file.sync_in() is None
    file.close()


def test_after_a_failure_the_file_is_opened_anew(tmp_path: Path) -> None:
    """A full disk is an error now and none later."""
    path = tmp_path / "anchors"
    path.symlink_to("/dev/full")
    file = AnchorFile(path)
    with pytest.raises(OSError, match="No space left"):
        file.add(head(1), NOW)
    path.unlink()
    file.add(head(2), NOW)
    file.close()
    assert seqs(path) == [2]


def test_the_file_is_only_appended_to(tmp_path: Path) -> None:
    """What others append meanwhile stays."""
    path = tmp_path / "anchors"
    path.write_text('{"seq":1,"mac":"m","at":"x"}\n')
    file = AnchorFile(path)
    file.add(head(2), NOW)
    with path.open("a") as other:
        other.write('{"seq":3,"mac":"m","at":"x"}\n')
    file.add(head(4), NOW)
    file.close()
    assert seqs(path) == [1, 2, 3, 4]
