"""issgaze develop: pictures from pass folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from issgaze.cli.archiveoption import add_archive
from issgaze.cli.output import Output
from issgaze.cli.signals import stop_on_signal
from issgaze.cli.standing import standing_archive, standing_settings_of
from issgaze.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from issgaze.archive.lenshistory import LensHistory

SUMMARY = "Develop pass folders, or watch for them (the issgaze-develop service)."
EXAMPLE = "issgaze develop ~/.local/share/issgaze/passes/2026-03-01/20260301T1930Z-25544"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_archive(parser)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="a pass folder")
    parser.add_argument("--watch", action="store_true", help="follow the archive until stopped")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Develop the folders in order, or watch."""
    if bool(arguments.folders) == arguments.watch:
        raise UsageError(
            "develop takes either folders or --watch",
            remedy="Name the pass folders, or give --watch alone.",
        )
    stop = stop_on_signal()
    if arguments.watch:
        return _watch(arguments, output)
    from issgaze.archive.passfolder import PassFolder
    from issgaze.service.developpass import develop_folder

    develop = standing_settings_of(arguments).settings.develop
    folders = [PassFolder.open_folder(path) for path in arguments.folders]
    reports = {
        folder.id: develop_folder(
            folder, develop, stop=stop, log=output.log, history=_lens_history(folder.path)
        )
        for folder in folders
    }
    for name, report in reports.items():
        if report is None:
            output.line(f"{name}: stopped; the next develop goes on from there")
        else:
            output.line(f"{name}: {report['outcome']}. {report['reason']}")
    output.document({"reports": reports})
    return 0


def _lens_history(folder: Path) -> LensHistory | None:
    """Return where the archive that a pass folder lies in keeps its lenses, None outside of one."""
    from issgaze.archive.layout import Archive
    from issgaze.archive.lenshistory import LensHistory

    *_, root = folder.resolve().parents[:3]
    archive = Archive(root)
    return LensHistory(archive.calibration) if archive.kind_file.is_file() else None


def _watch(arguments: argparse.Namespace, output: Output) -> int:
    from issgaze.archive.requests import Requests
    from issgaze.service.desk import Desk
    from issgaze.service.installed import import_everything, replaced
    from issgaze.service.lookupkeep import LookUpkeep
    from issgaze.service.upkeep import Upkeep
    from issgaze.service.watch import Watcher
    from issgaze.service.watchdog import Watchdog
    from issgaze.service.wishes import wishes

    options = ["--config", arguments.config] if arguments.config else []
    if arguments.archive:
        # for the last good configuration, should the file be wrong
        options += ["--archive", str(arguments.archive)]
    watchdog = Watchdog()
    if watchdog.watched:
        # the stack is each child's own; the watcher needs what little it imports
        import_everything("archive")
    archive = standing_archive(arguments)
    told = stop_on_signal()
    desk = Desk(Requests(archive.run), wishes(archive))

    def stop() -> bool:
        # asked a few times a second, while a child is at work too
        desk.look()
        return told()

    upkeep = Upkeep(archive, lambda: standing_settings_of(arguments).settings, output.log)
    old = replaced() if watchdog.watched else lambda: False

    def spare() -> bool:
        upkeep.look()
        looks.look()
        return old()

    watcher = Watcher(
        archive,
        options,
        stop=stop,
        log=output.log,
        beat=watchdog.beat,
        spare=spare,
        done=upkeep.soon,
    )
    looks = LookUpkeep(
        archive, log=output.log, stop=stop, beat=watchdog.beat, gives_way=lambda: watcher.waits
    )
    watchdog.ready()
    watcher.run()
    return 0
