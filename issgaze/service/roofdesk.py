"""The roof's desk: answers requests about the roof within a second, whatever the camera does."""

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from issgaze.archive.requests import Requests
from issgaze.errors import DeviceError
from issgaze.ports import RoofController, RoofState, RoofTask
from issgaze.service.desk import Desk, Handler
from issgaze.service.roofstatus import roof_document

_LOOK_S = 0.1
# firmware is written in so long at most; then the port is opened again
_UPDATE_S = 180.0


def roof_handlers(roof: RoofController | None) -> dict[str, Handler]:
    """Return what can be asked of the roof, by kind of request.

    roof.status, roof.open, roof.close, roof.heater {"duty", "seconds"}, roof.hold {"seconds"},
    roof.power, roof.clear, roof.update.
    """

    def there() -> RoofController:
        if roof is None:
            raise DeviceError(
                "there is no roof controller: roof.controller is none",
                remedy="Run `issgaze config set roof.controller pico`, or gpio.",
            )
        return roof

    def status(_: Mapping[str, Any]) -> Mapping[str, Any]:
        return _told(there().state())

    def opens(_: Mapping[str, Any]) -> Mapping[str, Any]:
        there().open_cover()
        return _told(there().state())

    def closes(_: Mapping[str, Any]) -> Mapping[str, Any]:
        there().close_cover()
        return _told(there().state())

    def heats(facts: Mapping[str, Any]) -> Mapping[str, Any]:
        duty = facts.get("duty")
        there().heat(
            None if duty is None else number(duty, "duty", 0.0, 1.0),
            seconds=number(facts.get("seconds", 600.0), "seconds", 1.0, 86400.0),
        )
        return _told(there().state())

    def keeps(task: RoofTask) -> Handler:
        def keep(facts: Mapping[str, Any]) -> Mapping[str, Any]:
            least_s = _UPDATE_S if task == "update" else 0.0
            seconds = number(facts.get("seconds", least_s), "seconds", 0.0, 86400.0)
            there().maintain(task, seconds=seconds)
            return {"message": "done"}

        return keep

    return {
        "roof.status": status,
        "roof.open": opens,
        "roof.close": closes,
        "roof.heater": heats,
        "roof.hold": keeps("hold"),
        "roof.power": keeps("power"),
        "roof.clear": keeps("clear"),
        "roof.update": keeps("update"),
    }


def number(value: object, name: str, low: float, high: float) -> float:
    """Return a number of a request.

    Raises:
        DeviceError: It is none, or outside its limits.
    """
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not low <= float(str(value)) <= high:
        raise DeviceError(
            f"{name} {value!r}, limits {low:g} to {high:g}", remedy="Give a number in between."
        )
    return float(str(value))


def _told(state: RoofState) -> dict[str, Any]:
    return {"message": f"the cover is {state.cover}", "roof": roof_document(state)}


@contextmanager
def roof_desk(
    roof: RoofController | None, run: Path, *, log: Callable[[str], None]
) -> Generator[None]:
    """Answer requests about the roof in a thread of its own, and let go of the roof at the end.

    Args:
        roof: The controller, None where there is none.
        run: The run folder.
        log: Told when the disk refuses an answer.
    """
    desk = Desk(Requests(run), roof_handlers(roof))
    stop = threading.Event()

    def serve() -> None:
        complained = ""
        while not stop.wait(_LOOK_S):
            try:
                desk.look()
            except OSError as error:
                if str(error) != complained:
                    log(str(error))
                complained = str(error)

    thread = threading.Thread(target=serve, name="roof desk", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        if roof is not None:
            roof.close()
