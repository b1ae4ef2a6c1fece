"""An element source that needs no network."""

import json
from pathlib import Path
from typing import Any

from issgaze.errors import FetchError, ScenarioError
from issgaze.simulated.scenario import Scenario

_SHIPPED = Path(__file__).parents[1] / "data" / "iss_omm.json"


def element_records(scenario: Scenario) -> bytes:
    """Return the OMM records of a scenario as JSON.

    Raises:
        ScenarioError: Its file cannot be read.
    """
    path = Path(scenario.station.elements_file or _SHIPPED)
    if not path.is_absolute() and not path.is_file():
        path = _SHIPPED.parent / path
    try:
        return path.read_bytes()
    except OSError as error:
        raise ScenarioError(
            f"station.elements_file: {path} cannot be read",
            remedy="Give the path of an OMM file in JSON, or leave it out.",
        ) from error


def element_record(scenario: Scenario) -> dict[str, Any]:
    """Return the record of the scenario's satellite: the first one of its file."""
    record: dict[str, Any] = json.loads(element_records(scenario))[0]
    return record


class SimulatedElementSource:
    """Serves the scenario's element set, implementing ports.ElementSource."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    @property
    def name(self) -> str:
        """The source's name for people."""
        return "simulated"

    def fetch(self, norad_id: int) -> bytes:
        """Return the reply's body.

        Raises:
            FetchError: Another satellite was asked for.
        """
        held = int(element_record(self._scenario)["NORAD_CAT_ID"])
        if norad_id != held:
            raise FetchError(
                f"the simulated source has no set of {norad_id}, only of {held}",
                remedy=f"Ask for {held}, or name a file in the scenario's [station].",
            )
        return element_records(self._scenario)
