"""Between passes: what a look at the sky says of the lens and of the horizon.

observe leaves the frame of a clear look in the run folder (archive/lookfile); develop, when there
is no pass to work on, holds its stars against the lens in a process of its own. A camera that has
turned has its new lens before the next pass is planned with it, and the first one is found before
the first pass. What agrees with the lens of before is not written down: that is the rule, night
after night.
"""

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from issgaze.archive.horizonfile import HorizonStore
from issgaze.archive.layout import Archive
from issgaze.archive.lenshistory import LensHistory
from issgaze.archive.lookfile import Look, LookFile
from issgaze.errors import ArchiveError, IssgazeError
from issgaze.service.children import end_with_parent

# a blind solution on a small board
_LIMIT_S = 900.0
_POLL_S = 0.2
_MOVED = ("solved", "drifted", "bumped")


class LookUpkeep:
    """Has looks at the sky worked on as they come.

    Args:
        archive: With its run folder and calibrations.
        log: Told in words.
        stop: Becomes true when the program shall end.
        beat: Told while a look is worked on.
        gives_way: Becomes true when there is a pass to work on, which comes first.
    """

    def __init__(
        self,
        archive: Archive,
        *,
        log: Callable[[str], None],
        stop: Callable[[], bool],
        beat: Callable[[], None],
        gives_way: Callable[[], bool] = lambda: False,
    ) -> None:
        self._archive = archive
        self._file = LookFile(archive.run)
        self._log = log
        self._stop = stop
        self._beat = beat
        self._gives_way = gives_way

    def look(self) -> None:
        """Work on the look that waits, if there is one."""
        if not self._file.waits:
            return
        words = [sys.executable, "-m", "issgaze.service.lookupkeep", str(self._archive.root)]
        with subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=end_with_parent(),  # noqa: PLW1509 - no other thread runs here
        ) as child:
            ended = self._see_through(child)
            said = child.stdout.read().strip() if child.stdout else ""
        # one that was killed has not taken it away
        self._file.forget()
        if child.returncode != 0 and not ended:
            self._log(f"a look at the sky was not worked on: status {child.returncode}")
        elif said:
            self._log(said)

    def _see_through(self, child: "subprocess.Popen[str]") -> bool:
        """Wait for the work; return whether it was ended before."""
        ended = False
        for _ in range(round(_LIMIT_S / _POLL_S)):
            self._beat()
            if not ended and (self._stop() or self._gives_way()):
                ended = True
                child.terminate()
            try:
                child.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                continue
            return ended
        child.kill()
        return ended


def learn_from(look: Look, calibration: Path) -> str:
    """Let lens and horizon learn from a look; return what is worth telling, for people.

    Args:
        look: The frame, with the lens known when it was taken.
        calibration: Folder of the calibrations.

    Raises:
        ArchiveError: The disk refuses what was learnt.
    """
    from issgaze.service.horizonlearning import learn_from_stars
    from issgaze.service.lensupkeep import check_lens

    height, width = look.frame.mosaic.shape
    before = look.lens.scaled_to(width, height) if look.lens else None
    check = check_lens(look.frame, before, look.site)
    if check.lens is None or check.event == "unsolved":
        return ""
    told, utc = "", look.frame.info.start_utc
    if check.event in _MOVED:
        facts = check.facts()
        # of another exposure and gain than a pass: it does not tell how clear the best nights are
        facts.pop("frame_zero_point_mag", None)
        history = LensHistory(calibration)
        history.add(check.lens, utc=utc, facts=facts)
        if check.solution.residuals_px is not None:
            history.keep_residuals(check.lens, check.solution.residuals_px, utc=utc)
        told = f"between passes: {check.reason}"
    if check.count is not None:
        with contextlib.suppress(ArchiveError):
            learn_from_stars(HorizonStore(calibration), check.lens, check.count)
    return told


def main() -> None:
    """Work on the look that waits in an archive; print what is worth telling."""
    archive = Archive(Path(sys.argv[1]))
    try:
        with LookFile(archive.run).taken() as look:
            told = learn_from(look, archive.calibration)
    except IssgazeError as error:
        told = f"{error.message}. {error.remedy}"
    sys.stdout.write(told + "\n")


if __name__ == "__main__":
    main()
