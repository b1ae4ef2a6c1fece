"""Power on the roof: what it takes, and the panel and battery that carry it through the winter.

python hardware/power.py --latitude 49 --board zero2w
"""

import argparse
from dataclasses import dataclass
from math import acos, cos, pi, radians, sin, tan

# watts at 5 V with issgaze waiting, and while a pass is taken and developed; board makers' figures
# and reviews differ by a quarter
BOARDS = {"zero2w": (1.1, 2.6), "pi4": (3.3, 6.0), "pi5": (3.6, 9.0)}
CAMERA_W = 1.0
PICO_W = 0.15
SENSORS_W = 0.5
HEATER_W = 6.0
# of a step-down converter and of what a battery gives back
CONVERTER, BATTERY = 0.88, 0.9
# hours a day of photographing and developing: four passes of half an hour
BUSY_H = 2.0
# a lead battery is not emptied below half, one of LiFePO4 below a tenth
DEPTH = {"lead": 0.5, "lifepo4": 0.9}
# share of the light above the air that reaches the ground in the darkest month, on a flat panel,
# and what a panel tilted by the latitude and 15 degrees gains then
CLEARNESS = 0.32
PANEL = 0.75


@dataclass(frozen=True)
class Needs:
    """What a roof takes in a day.

    Attributes:
        daily_wh: Energy from the 12 V side.
        peak_w: The most at once.
    """

    daily_wh: float
    peak_w: float


def needs(board: str, *, heater_duty: float = 0.5, night_h: float = 15.0) -> Needs:
    """Return what a roof takes: heater at its duty through the night, board day and night."""
    idle_w, busy_w = BOARDS[board]
    electronics_wh = idle_w * (24.0 - BUSY_H) + busy_w * BUSY_H + CAMERA_W * BUSY_H
    electronics_wh += (PICO_W + SENSORS_W) * 24.0
    daily_wh = electronics_wh / CONVERTER + HEATER_W * heater_duty * night_h
    peak_w = (busy_w + CAMERA_W + PICO_W + SENSORS_W) / CONVERTER + HEATER_W + 5.0
    return Needs(daily_wh=daily_wh, peak_w=peak_w)


def light_above_air_wh(latitude_deg: float, day: int) -> float:
    """Return a day's sunlight on a flat square metre above the air, Wh.

    Duffie and Beckman, Solar Engineering of Thermal Processes, equations 1.6.1a and 1.10.3.
    """
    latitude = radians(latitude_deg)
    declination = radians(23.45) * sin(2.0 * pi * (284 + day) / 365.0)
    x = -tan(latitude) * tan(declination)
    sunset = 0.0 if x >= 1.0 else pi if x <= -1.0 else acos(x)
    distance = 1.0 + 0.033 * cos(2.0 * pi * day / 365.0)
    high = cos(latitude) * cos(declination) * sin(sunset)
    high += sunset * sin(latitude) * sin(declination)
    return 24.0 * 1367.0 / pi * distance * max(0.0, high)


def tilted_gain(latitude_deg: float, day: int) -> float:
    """Return what a panel tilted for winter gets of the light, against a flat one."""
    flat = light_above_air_wh(latitude_deg, day)
    if flat < 1.0:
        return 1.0
    # for direct light a panel tilted by b sees the Sun as a flat one b further south
    tilt = abs(latitude_deg) - 15.0 if abs(latitude_deg) > 40.0 else abs(latitude_deg)
    south = abs(latitude_deg) - max(tilt, 15.0)
    day = day if latitude_deg >= 0.0 else (day + 182) % 365
    tilted = light_above_air_wh(south, day)
    # half of a winter's light is direct
    return min(3.0, 0.5 + 0.5 * tilted / flat)


@dataclass(frozen=True)
class Solar:
    """What carries a roof through its darkest month; None where there is no day then."""

    panel_w: float | None
    battery_wh: float
    battery_ah_12v: float


def solar(
    daily_wh: float, latitude_deg: float, *, days: float = 4.0, battery: str = "lifepo4"
) -> Solar:
    """Return panel and battery.

    Args:
        daily_wh: As of `needs`.
        latitude_deg: Where.
        days: Without any Sun that the battery must carry.
        battery: lead or lifepo4.
    """
    day = 355 if latitude_deg >= 0.0 else 172
    light_wh = light_above_air_wh(latitude_deg, day) * CLEARNESS * tilted_gain(latitude_deg, day)
    # hours a day as if under the light that a panel is rated at, 1000 W a square metre
    hours = light_wh / 1000.0
    panel_w = None if hours < 0.15 else daily_wh / BATTERY / (hours * PANEL)
    battery_wh = daily_wh * days / DEPTH[battery] / BATTERY
    return Solar(panel_w=panel_w, battery_wh=battery_wh, battery_ah_12v=battery_wh / 12.8)


def table(latitude_deg: float) -> str:
    """Return the table of docs/hardware.md for a latitude."""
    lines = [
        "| board | a day | at once | panel | battery (LiFePO4, 4 days) |",
        "|---|---|---|---|---|",
    ]
    for board in BOARDS:
        need = needs(board)
        found = solar(need.daily_wh, latitude_deg)
        panel = "no day" if found.panel_w is None else f"{found.panel_w:.0f} W"
        lines.append(
            f"| {board} | {need.daily_wh:.0f} Wh | {need.peak_w:.0f} W | {panel} |"
            f" {found.battery_ah_12v:.0f} Ah at 12.8 V |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print what a roof needs."""
    parser = argparse.ArgumentParser(description="Panel and battery for a camera on a roof.")
    parser.add_argument("--latitude", type=float, default=49.0, help="degrees, north positive")
    parser.add_argument("--board", choices=BOARDS, default="zero2w")
    parser.add_argument("--heater-duty", type=float, default=0.5, help="through the night, 0 to 1")
    parser.add_argument("--days", type=float, default=4.0, help="without Sun")
    parser.add_argument("--battery", choices=DEPTH, default="lifepo4")
    given = parser.parse_args()
    need = needs(given.board, heater_duty=given.heater_duty)
    found = solar(need.daily_wh, given.latitude, days=given.days, battery=given.battery)
    print(f"needs    {need.daily_wh:.0f} Wh a day, {need.peak_w:.0f} W at once")
    print(f"battery  {found.battery_wh:.0f} Wh, {found.battery_ah_12v:.0f} Ah at 12.8 V")
    if found.panel_w is None:
        print("panel    none helps: there is no day in the darkest month")
    else:
        print(f"panel    {found.panel_w:.0f} W, facing the noon Sun, steep")


if __name__ == "__main__":
    main()
