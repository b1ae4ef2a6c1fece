"""The sensors on the I2C bus; each read returns None when the sensor is silent or garbled."""

from machine import I2C, Pin

_SHT4X = 0x44
_SHT4X_MEASURE = b"\xfd"
_MLX90614 = 0x5A
_MLX90614_OBJECT = 0x07
_TSL2591 = 0x29
# enable oscillator and ADC; gain 428, 600 ms
_TSL2591_START = ((0xA0, 0x03), (0xA1, 0x25))
_TSL2591_DATA = 0xB4
# counts to lux at that gain and time: device factor 408 over gain and milliseconds
_LUX_A_COUNT = 408.0 / (428.0 * 600.0)
# a bus that hangs is made anew after so many failures in a row
_FAILURES = 5


def crc8(data: bytes, polynomial: int, crc: int) -> int:
    """Return the CRC-8 of bytes, most significant bit first."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ polynomial) & 0xFF if crc & 0x80 else (crc << 1) & 0xFF
    return crc


def sht4x_values(data: bytes) -> tuple[float, float] | None:
    """Return degrees Celsius and % humidity from six bytes of an SHT4x (its data sheet, 4.6)."""
    if len(data) != 6:
        return None
    if crc8(data[:2], 0x31, 0xFF) != data[2] or crc8(data[3:5], 0x31, 0xFF) != data[5]:
        return None
    air_c = -45.0 + 175.0 * (data[0] << 8 | data[1]) / 65535.0
    humidity = -6.0 + 125.0 * (data[3] << 8 | data[4]) / 65535.0
    return air_c, min(100.0, max(0.0, humidity))


def mlx90614_value(data: bytes) -> float | None:
    """Return degrees Celsius from three bytes of an MLX90614: low, high, PEC."""
    if len(data) != 3:
        return None
    sent = bytes((_MLX90614 << 1, _MLX90614_OBJECT, (_MLX90614 << 1) | 1, data[0], data[1]))
    if crc8(sent, 0x07, 0) != data[2]:
        return None
    raw = data[0] | data[1] << 8
    # the highest bit marks an error of the sensor itself
    return None if raw & 0x8000 else raw * 0.02 - 273.15


def tsl2591_lux(data: bytes) -> float | None:
    """Return lux from four bytes of a TSL2591: visible and infrared, then infrared, low first."""
    if len(data) != 4:
        return None
    full, infrared = data[0] | data[1] << 8, data[2] | data[3] << 8
    # saturated or nonsense: brighter than this sensor is here for
    if full == 0xFFFF or infrared > full:
        return None
    share = 1.0 - infrared / full if full else 0.0
    return (full - infrared) * share * _LUX_A_COUNT


class Bus:
    """The I2C bus, read once a second; a measurement is begun at one call and read at the next."""

    def __init__(self, sda: int, scl: int) -> None:
        self._pins = (sda, scl)
        self._failures = 0
        self._begun = False
        self._lit = False
        self._open()

    def read_air(self) -> tuple[float, float] | None:
        """Return degrees Celsius and % humidity of the measurement begun a second ago."""
        found = None
        try:
            if self._begun:
                found = sht4x_values(self._bus.readfrom(_SHT4X, 6))
            self._bus.writeto(_SHT4X, _SHT4X_MEASURE)
            self._begun = True
        except OSError:
            self._begun = False
        self._count(found is not None)
        return found

    def read_sky_c(self) -> float | None:
        """Return the temperature of the sky, degrees Celsius."""
        try:
            return mlx90614_value(self._bus.readfrom_mem(_MLX90614, _MLX90614_OBJECT, 3))
        except OSError:
            return None

    def read_lux(self) -> float | None:
        """Return the brightness of the sky; None where there is no such sensor."""
        try:
            if not self._lit:
                for register, value in _TSL2591_START:
                    self._bus.writeto_mem(_TSL2591, register, bytes((value,)))
                self._lit = True
                return None
            return tsl2591_lux(self._bus.readfrom_mem(_TSL2591, _TSL2591_DATA, 4))
        except OSError:
            self._lit = False
            return None

    def _count(self, good: bool) -> None:
        self._failures = 0 if good else self._failures + 1
        if self._failures >= _FAILURES:
            self._failures = 0
            self._open()

    def _open(self) -> None:
        sda, scl = self._pins
        self._bus = I2C(0, sda=Pin(sda), scl=Pin(scl), freq=50_000)
