"""The sky chart of one pass: gathers what `picture.skychart` draws."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from issgaze.archive.starcatalogue import load_catalogue
from issgaze.civil import JulianDates, local, seconds_between, wall_minute
from issgaze.orbit.elements import ElementSet
from issgaze.orbit.flicker import without_flicker
from issgaze.orbit.passes import Event, Pass
from issgaze.orbit.tracks import compute_track
from issgaze.picture.caption import words
from issgaze.picture.skychart import ChartMoon, ChartPoint, ChartTrack, SkyChart
from issgaze.sky.coordinates import altaz_from_enu
from issgaze.sky.horizon import HorizonMask
from issgaze.sky.moon import moon_teme_km
from issgaze.sky.site import Site
from issgaze.sky.stars import star_altaz_deg
from issgaze.sky.topocentre import enu_from_teme

_STEP_S = 6.0
_FAINTEST_STAR_MAG = 3.6
_MASK_STEPS = 180


def pass_chart(
    iss_pass: Pass,
    *,
    elements: ElementSet,
    site: Site,
    zone: ZoneInfo,
    site_name: str = "",
    horizon: HorizonMask | None = None,
    standard_magnitude: float,
    seconds: bool = True,
) -> SkyChart:
    """Return the chart of a pass, times in the site's zone, to the second or to the minute.

    Raises:
        PropagationError: SGP4 gives no position during the pass.
    """
    length_s = seconds_between(iss_pass.rise.utc, iss_pass.set.utc)
    steps = max(2, int(length_s / _STEP_S) + 1)
    track = compute_track(
        elements,
        site,
        iss_pass.rise.utc,
        np.linspace(0.0, length_s, steps),
        standard_magnitude=standard_magnitude,
    )
    middle = iss_pass.culmination.utc
    name = elements.name or str(elements.norad_id)
    azimuths = np.arange(_MASK_STEPS) * 360.0 / _MASK_STEPS
    return SkyChart(
        track=ChartTrack(
            altitude_deg=track.altitude_deg,
            azimuth_deg=track.azimuth_deg,
            magnitude=track.magnitude,
            light=track.light,
            in_view=(
                None
                if horizon is None
                else track.altitude_deg >= horizon.altitude_at(track.azimuth_deg)
            ),
        ),
        events=_events(iss_pass, zone, seconds=seconds),
        stars=_stars(site, middle),
        moon=_moon(iss_pass, site),
        mask_altitude_deg=None if horizon is None else horizon.altitude_at(azimuths),
        caption=f"{name}, {local(middle, zone):%-d %B %Y}, {site_name or _place(site)}, "
        f"times {local(middle, zone):%Z}",
        title=f"Sky chart of {name}, {local(middle, zone):%A %-d %B %Y}",
        description=(
            "North is up, east is left, as you see it lying on your back. "
            f"It rises in the {_wind(iss_pass.rise)}, stands highest at "
            f"{iss_pass.culmination.altitude_deg:.0f} degrees in the "
            f"{_wind(iss_pass.culmination)} and sets in the {_wind(iss_pass.set)}."
        ),
    )


def _events(iss_pass: Pass, zone: ZoneInfo, *, seconds: bool) -> tuple[ChartPoint, ...]:
    def point(event: Event, name: str) -> ChartPoint:
        return ChartPoint(
            altitude_deg=event.altitude_deg,
            azimuth_deg=event.azimuth_deg,
            name=name,
            detail=(
                f"{local(event.utc, zone):%H:%M:%S}"
                if seconds
                else f"{wall_minute(event.utc, zone):%H:%M}"
            ),
        )

    top = iss_pass.culmination
    shown = [point(top, f"highest {top.altitude_deg:.0f}°")]
    for stretch in without_flicker(iss_pass.lit):
        if stretch.end_cause == "shadow_entry":
            shown.append(point(stretch.end, "into shadow"))
        if stretch.start_cause == "shadow_exit":
            shown.append(point(stretch.start, "out of shadow"))
        if stretch.start_cause == "mask_clear":
            shown.append(point(stretch.start, "clears the horizon"))
        if stretch.end_cause == "mask_blocked":
            shown.append(point(stretch.end, "behind the horizon"))
    return (*shown, point(iss_pass.rise, "rises"), point(iss_pass.set, "sets"))


def _stars(site: Site, instant: datetime) -> tuple[ChartPoint, ...]:
    catalogue = load_catalogue(faintest=_FAINTEST_STAR_MAG)
    altitude, azimuth = star_altaz_deg(catalogue.places, site, instant)
    return tuple(
        ChartPoint(
            altitude_deg=alt,
            azimuth_deg=az,
            name=catalogue.names.get(hip, ""),
            magnitude=magnitude,
        )
        for alt, az, hip, magnitude in zip(
            altitude.tolist(),
            azimuth.tolist(),
            catalogue.hip.tolist(),
            catalogue.magnitude.tolist(),
            strict=True,
        )
        if alt > 1.0
    )


def _moon(iss_pass: Pass, site: Site) -> ChartMoon | None:
    dates = JulianDates.after(iss_pass.culmination.utc, np.zeros(1))
    altitude, azimuth = altaz_from_enu(enu_from_teme(moon_teme_km(dates), site, dates))
    if altitude[0] < 0.0:
        return None
    return ChartMoon(
        altitude_deg=float(altitude[0]),
        azimuth_deg=float(azimuth[0]),
        illuminated_fraction=iss_pass.moon.illuminated_fraction,
    )


def _place(site: Site) -> str:
    north = "N" if site.latitude_deg >= 0.0 else "S"
    east = "E" if site.longitude_deg >= 0.0 else "W"
    return f"{abs(site.latitude_deg):.2f}° {north} {abs(site.longitude_deg):.2f}° {east}"


def _wind(event: Event) -> str:
    return words("en").directions[round(event.azimuth_deg / 22.5) % 16]
