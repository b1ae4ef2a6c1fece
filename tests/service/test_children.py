"""Child processes end with the process that started them, however early that dies."""

import subprocess
import sys

import pytest

from issgaze.service import children


def test_a_child_whose_parent_is_gone_already_does_not_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(children.os, "getpid", lambda: 1)
    orphaned = children.end_with_parent()
    monkeypatch.undo()
    command = [sys.executable, "-c", "print('alive')"]
    begun = [
        subprocess.run(command, preexec_fn=made, capture_output=True, text=True, check=True).stdout
        for made in (children.end_with_parent(), orphaned)
    ]
    assert begun == ["alive\n", ""]
