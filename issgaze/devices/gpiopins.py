"""Which pins of the Pi's header may be used, and which belong to something else."""

from dataclasses import dataclass, fields

from issgaze.errors import DeviceError

# numbers of the chip (BCM), not of the header
_TAKEN = {
    0: "it reads a HAT's identity",
    1: "it reads a HAT's identity",
    2: "it is the I2C bus of HATs: clocks, fans, power over Ethernet",
    3: "it is the I2C bus of HATs: clocks, fans, power over Ethernet",
    7: "it is the SPI bus",
    8: "it is the SPI bus",
    9: "it is the SPI bus",
    10: "it is the SPI bus",
    11: "it is the SPI bus",
    14: "it is the serial port of a console or GNSS receiver",
    15: "it is the serial port of a console or GNSS receiver",
}
_LAST = 27


@dataclass(frozen=True, slots=True, kw_only=True)
class GpioPins:
    """What hangs on which pin of the chip (BCM); None where there is none."""

    heater: int | None = None
    servo: int | None = None
    led: int | None = None
    button: int | None = None
    rain: int | None = None
    pps: int | None = None


def check_pins(pins: GpioPins) -> None:
    """Refuse pins that something else uses.

    Raises:
        DeviceError: One is reserved, not on the header, or given twice.
    """
    used: dict[int, str] = {}
    for field in fields(pins):
        pin: int | None = getattr(pins, field.name)
        if pin is None:
            continue
        reason = _TAKEN.get(pin)
        if not 0 <= pin <= _LAST:
            reason = (
                "the header has 0 to 27; those above carry the camera, the card and the network"
            )
        if pin in used:
            reason = f"roof.{used[pin]}_pin has it too"
        if reason is not None:
            raise DeviceError(
                f"roof.{field.name}_pin = {pin}: {reason}",
                remedy="Take one of 4, 5, 6, 12, 13, 16 to 27 that nothing else uses.",
            )
        used[pin] = field.name
