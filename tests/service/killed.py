"""Photographs passes as fast as it can until it is killed; says each frame that is safe."""

import sys
from pathlib import Path

from issgaze.archive.layout import Archive
from issgaze.archive.passfolder import PassFolder
from issgaze.service.capture import Progress, capture
from tests.service.test_capture import JumpingClock, ScriptedCamera, plan, plan_file, stage


def main(root: Path) -> None:
    folder = PassFolder.create(Archive(root), plan_file())
    clock = JumpingClock()

    class Told(list[Progress]):
        def append(self, progress: Progress) -> None:
            print(progress.done, flush=True)  # noqa: T201 - the parent counts

    print("ready", flush=True)  # noqa: T201 - the parent waits for it
    while True:
        clock.now = JumpingClock().now
        capture(folder, plan(), stage(clock, ScriptedCamera(clock), seen=Told()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
