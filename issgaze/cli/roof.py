"""issgaze roof: cover, heater and controller, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from issgaze.cli.archiveoption import add_archive, archive_of
from issgaze.cli.arguments import positive, settings
from issgaze.errors import DeviceError, LockedError, UsageError

if TYPE_CHECKING:
    import argparse

    from issgaze.cli.output import Output

SUMMARY = "Look at the roof, move its cover, heat, and put firmware onto its controller."
EXAMPLE = "issgaze roof status"

ACTIONS = ("status", "open", "close", "heater", "hold", "power", "clear", "flash")
# a cover takes 15 s at most, and is asked about a little longer
_LIMIT_S = 30.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=ACTIONS,
        default="status",
        help="default: status; hold leaves the Pi alone during an update, power turns it off and"
        " on, clear forgets faults whose causes are gone",
    )
    parser.add_argument(
        "duty", nargs="?", help="of the heater: 0 to 1, or auto to go by the dew point again"
    )
    parser.add_argument(
        "--minutes", type=positive, metavar="M", default=10.0, help="of heater and hold (10)"
    )
    parser.add_argument(
        "--files", type=Path, metavar="DIR", help="firmware to flash (default: that of issgaze)"
    )
    parser.add_argument("--port", metavar="PATH", help="of the controller to flash")
    add_archive(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do what was asked, through the observer if it runs, else with the device itself."""
    if (arguments.duty is not None) != (arguments.action == "heater"):
        raise UsageError(
            f"`issgaze roof {arguments.action}` "
            + ("needs a DUTY" if arguments.action == "heater" else "takes no DUTY"),
            remedy="Write `issgaze roof heater 0.5` or `issgaze roof heater auto`.",
        )
    if arguments.action == "flash":
        return _flash(arguments, output)
    answer = _do(arguments, f"roof.{arguments.action}", _facts(arguments))
    roof = answer.get("roof")
    output.document({"action": arguments.action, "message": answer["message"], "roof": roof})
    for line in _lines(roof) if isinstance(roof, dict) else [str(answer["message"])]:
        output.line(line)
    return 0


def _facts(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.action not in {"heater", "hold"}:
        return {}
    facts: dict[str, Any] = {"seconds": 60.0 * arguments.minutes}
    if arguments.action == "heater":
        facts["duty"] = None if arguments.duty == "auto" else _duty(arguments.duty)
    return facts


def _duty(text: str) -> float:
    try:
        duty = float(text)
    except ValueError:
        duty = -1.0
    if not 0.0 <= duty <= 1.0:
        raise UsageError(f"DUTY {text}, limits 0 to 1, or auto", remedy="As in 0.5.")
    return duty


def _do(arguments: argparse.Namespace, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Have it done.

    Raises:
        DeviceError: It was refused, or nobody can do it.
    """
    from issgaze.archive.lock import folder_lock
    from issgaze.archive.requests import Requests

    archive = archive_of(arguments)
    if not archive.root.is_dir():
        return _do_alone(arguments, kind, facts)
    try:
        with folder_lock(archive.root, wait=False):
            return _do_alone(arguments, kind, facts)
    except LockedError:
        requests = Requests(archive.run)
        answer = requests.wait(requests.ask(kind, **facts), timeout_s=_LIMIT_S)
        if answer.get("done") is not True:
            raise DeviceError(
                str(answer.get("message")), remedy=str(answer.get("remedy"))
            ) from None
        return answer


def _do_alone(arguments: argparse.Namespace, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    from issgaze.devices.roof import PicoRoof
    from issgaze.service.realdevices import real_roof
    from issgaze.service.roofdesk import roof_handlers

    configured = settings(arguments).roof
    if configured.controller == "gpio":
        raise DeviceError(
            "the roof hangs on this Pi's own pins, and issgaze-observe does not run",
            remedy="Start it: `sudo systemctl start issgaze-observe`; it holds the pins.",
        )
    roof = real_roof(configured)
    try:
        if isinstance(roof, PicoRoof):
            roof.await_report()
        said = roof_handlers(roof)[kind](facts)
    finally:
        if roof is not None:
            roof.close()
    return {"message": said} if isinstance(said, str) else dict(said)


def _lines(roof: dict[str, Any]) -> list[str]:
    def told(key: str, unit: str, digits: int = 1) -> str:
        value = roof.get(key)
        return "unknown" if value is None else f"{value:.{digits}f} {unit}".rstrip()

    rain = {True: "rain", False: "dry", None: "unknown"}[roof.get("rain")]
    wet = f", counts as wet for {roof['wet_s']:.0f} s" if roof.get("wet_s") else ""
    duty = roof.get("heater_duty")
    heat = "unknown" if duty is None else f"{100 * duty:.0f} %, by {roof.get('heater_by')}"
    return [
        f"Cover     {roof.get('cover')}",
        f"Rain      {rain}{wet}",
        f"Heater    {heat}",
        f"Air       {told('air_temperature_c', '°C')}, {told('humidity_percent', '%', 0)}",
        f"Dew       {told('dew_margin_c', '°C')} above the dew point",
        f"Sky       {told('sky_temperature_c', '°C')}, clouds {told('cloud_percent', '%', 0)}",
        f"Supply    {told('supply_v', 'V')}",
        f"Pi        {roof.get('pi') or 'not watched'}",
        f"Faults    {', '.join(roof.get('faults') or ()) or 'none'}",
        f"Firmware  {roof.get('firmware') or 'none'}, started by {roof.get('reset_cause') or '-'}",
    ]


def _flash(arguments: argparse.Namespace, output: Output) -> int:
    from issgaze.service.flashing import firmware_files, flash

    configured = settings(arguments).roof
    port = arguments.port or configured.port
    files = firmware_files(arguments.files)
    if configured.controller == "pico" and arguments.port is None:
        try:
            _do(arguments, "roof.update", {})
        except DeviceError as error:
            # a fresh Pico has no firmware yet that could make room
            output.log(f"{error.message}; taking it for a fresh one")
    flash(files, port, log=output.log)
    output.document({"action": "flash", "port": port, "files": [path.name for path in files]})
    output.line(f"{len(files)} files written to {port}; the controller starts with them.")
    return 0
