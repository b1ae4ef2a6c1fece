"""The renderer: what the sensor of a scenario receives in one exposure, in electrons."""

import math
from datetime import datetime

import numpy as np

from issgaze.arrays import BoolArray, Float32Array, Float64Array
from issgaze.civil import later, seconds_between
from issgaze.simulated.ambient import Ambient
from issgaze.simulated.bodies import PLANET_BV, PLANETS, moon_sight, planets_of_date
from issgaze.simulated.colour import SUNLIGHT_RGB, temperature_k, thermal_rgb
from issgaze.simulated.dew import blur_growth, dew_at, halos, scattered_share
from issgaze.simulated.earth import Moment, airmass
from issgaze.simulated.grid import Grid
from issgaze.simulated.ground import Ground, grown
from issgaze.simulated.moondisc import moon_disc
from issgaze.simulated.movers import LONGEST_STEP_S, Mover
from issgaze.simulated.movinglights import Sight, lay_moving
from issgaze.simulated.optics import Optics
from issgaze.simulated.passes import first_pass
from issgaze.simulated.projection import projection
from issgaze.simulated.scenario import Scenario
from issgaze.simulated.skylight import Skylight
from issgaze.simulated.stamps import add_lights, canvas, inside
from issgaze.simulated.starfield import Heavens, Stars, load_stars
from issgaze.simulated.starlayer import StarLayer, reddened
from issgaze.simulated.station import Station

_BAND_ROWS = 64
_DARK_ZENITH_MAG = 21.8
_DEW_HALO_MAG = 3.2
# precession, aberration and planets are computed anew when they have run for so long
_STALE_S = 3.0 * 3600.0

# what a sky is made of
LAYERS = frozenset({"glow", "stars", "station", "movers"})


class Scene:
    """A scenario's sky and roof before its camera, ready to be exposed.

    Args:
        scenario: The night.
        mode: Capture mode, the scenario's own when None.
        middle: An instant near the frames wanted; the start of the scenario when None.

    Attributes:
        stars: Catalogue stars, seeded ones and, last, the planets.
        planets: Names of the planets.
        clear: Part of each pixel that sees the sky, 0 to 1, trees at rest.
    """

    def __init__(
        self, scenario: Scenario, *, mode: str | None = None, middle: datetime | None = None
    ) -> None:
        self.scenario = scenario
        self.mode = mode or scenario.camera.mode
        self.projection = projection(scenario, self.mode)
        self.optics = Optics(scenario, self.projection, self.mode)
        self.station = Station(scenario)
        self._grid = Grid(self.projection, self.optics.cell)
        self._catalogue = load_stars(scenario)
        middle = middle or scenario.start_utc
        heavens = Heavens(scenario, middle)
        clouds = self.optics.clouds
        self._skylight = Skylight(scenario, self._grid.directions, heavens, clouds)
        self._ambient = Ambient(scenario, heavens, clouds)
        self._ground = Ground(scenario, self.projection, self.optics.cell, self._ambient.at(middle))
        self._finish_ground()
        needs_pass = scenario.movers or scenario.sky.dew > 0.0
        self._culmination = first_pass(scenario).culmination if needs_pass else None
        origin = self._culmination or scenario.start_utc
        self._movers = [Mover(mover, origin) for mover in scenario.movers]
        self.renew(middle)

    def renew(self, middle: datetime) -> None:
        """Compute what changes from night to night for frames near another instant."""
        scenario = self.scenario
        self.middle = middle
        self.heavens = Heavens(scenario, middle)
        self._skylight.renew(self.heavens)
        self._ambient.renew(self.heavens)
        dated = self.heavens.of_date(self._catalogue.places)
        self.stars = self._catalogue
        self.planets: tuple[str, ...] = ()
        if scenario.sky.planets:
            moment = Moment.of(middle, ut1_minus_utc_s=scenario.site.ut1_minus_utc_s)
            places, magnitudes = planets_of_date(moment)
            dated = np.concatenate((dated, places))
            self.stars = _with_planets(self._catalogue, places, magnitudes)
            self.planets = PLANETS
        self._dated = dated
        self._layer = StarLayer(self.optics, self.heavens, dated, self._open_cells())

    @property
    def clear(self) -> Float32Array:
        """Part of each pixel that sees the sky, 0 to 1, trees at rest, shape (height, width)."""
        return self._ground.clear_part * np.float32(1.0 / 255.0)

    def _finish_ground(self) -> None:
        """Bring the ground into electrons a second, and the image circle's edge into its mask."""
        seen, ground = self.projection, self._ground
        unit = self.optics.zero_e_per_s * self.optics.pixel_arcsec2
        unit *= 10.0 ** (-0.4 * _DARK_ZENITH_MAG)
        x = np.arange(seen.width_px, dtype=np.float64)
        for top in range(0, seen.height_px, _BAND_ROWS):
            rows = np.arange(top, min(top + _BAND_ROWS, seen.height_px))
            radius = np.hypot(x - seen.center_px[0], (rows - seen.center_px[1])[:, np.newaxis])
            edge = np.clip(seen.valid_radius_px - radius + 0.5, 0.0, 1.0)
            if edge.min() < 1.0:
                part = ground.clear_part[top : top + _BAND_ROWS]
                part[...] = np.rint(part * edge)
            mine = rows[rows >= ground.first_row]
            if not len(mine):
                continue
            points = np.stack(np.meshgrid(x, mine.astype(np.float64)), axis=-1)
            light = unit * self.optics.falloff(points) * edge[len(rows) - len(mine) :]
            for parity in (0, 1):
                for column in (0, 1):
                    first = (parity - mine[0]) % 2
                    light[first::2, column::2] *= SUNLIGHT_RGB[self.optics.cell[parity][column]]
            place = slice(mine[0] - ground.first_row, mine[-1] + 1 - ground.first_row)
            ground.natural[place] *= light
            ground.lamps[place] *= light

    def _open_cells(self) -> BoolArray:
        """Return which cells of 8x8 pixels see any sky, with their neighbours."""
        part = self._ground.clear_part
        height, width = part.shape[0] // 8, part.shape[1] // 8
        cells = part[: height * 8, : width * 8].reshape(height, 8, width, 8).max(axis=(1, 3)) > 0
        return grown(cells)

    def expose(self, start: datetime, exposure_s: float) -> Float32Array:
        """Return the mean electrons of each pixel, shape (height, width), dark current left out."""
        if abs(seconds_between(self.middle, start)) > _STALE_S:
            self.renew(start)
        image = self.sky(start, exposure_s)
        self.cover(image, start, exposure_s)
        return image

    def sky(
        self, start: datetime, exposure_s: float, *, layers: frozenset[str] = LAYERS
    ) -> Float32Array:
        """Return what `expose` would with nothing before the sky; of some `LAYERS`, or of all."""
        seen, optics = self.projection, self.optics
        middle = later(start, exposure_s / 2)
        dew = dew_at(self.scenario.sky.dew, self._culmination, middle)
        scattered = scattered_share(dew)
        optics.blur_growth = blur_growth(dew)
        picture = canvas(seen.height_px, seen.width_px)
        if "glow" in layers:
            self._spread_glow(picture, middle, exposure_s)
        lights: list[tuple[Float64Array, Float64Array]] = []
        if "stars" in layers:
            laid = self._layer.find(self.stars, start, exposure_s)
            self._layer.lay(picture, laid, scattered=scattered)
            bright = laid.magnitude < _DEW_HALO_MAG
            lights.append((laid.points[bright], laid.electrons[bright]))
        for see, step_s in self._moving(layers):
            moved = lay_moving(
                picture,
                optics,
                start,
                exposure_s,
                see,
                scattered=scattered,
                longest_step_s=step_s,
            )
            lights += [moved] if moved is not None else []
        if scattered > 0.0 and lights:
            self._lay_dew(picture, lights, scattered)
        return inside(picture)

    def _moving(self, layers: frozenset[str]) -> list[tuple[Sight, float]]:
        """Return what moves, each with the longest stretch of time that does it justice."""
        moving: list[tuple[Sight, float]] = []
        if "station" in layers:
            moving.append((self._station_light, math.inf))
        if "movers" in layers:
            moving += [(mover.see, LONGEST_STEP_S) for mover in self._movers]
        return moving

    def _spread_glow(self, picture: Float32Array, middle: datetime, exposure_s: float) -> None:
        optics = self.optics
        glow = self._skylight.at(middle)
        glow *= np.float32(optics.zero_e_per_s * optics.pixel_arcsec2 * exposure_s)
        nodes = np.stack(np.meshgrid(self._grid.x, self._grid.y), axis=-1)
        glow *= optics.falloff(nodes).astype(np.float32)[..., np.newaxis]
        self._grid.spread(glow, inside(picture))
        self._lay_moon(picture, middle, exposure_s)

    def _lay_dew(
        self,
        picture: Float32Array,
        lights: list[tuple[Float64Array, Float64Array]],
        scattered: float,
    ) -> None:
        points = np.concatenate([points for points, _ in lights])
        electrons = np.concatenate([light for _, light in lights]) * scattered
        wide = halos(self._grid.x, self._grid.y, points, electrons, self.projection.width_px)
        haze = np.zeros((self.projection.height_px, self.projection.width_px), dtype=np.float32)
        self._grid.spread(wide, haze)
        view = inside(picture)
        view += haze

    def cover(self, image: Float32Array, start: datetime, exposure_s: float) -> None:
        """Put the ground before a sky, trees where the wind has them; `image` is changed."""
        ground = self._ground
        now = ground.brightness(self._ambient.at(later(start, exposure_s / 2)))
        moved: tuple[Float32Array, Float32Array] | None = None
        sway = ground.sway
        still = np.float32(now * exposure_s), np.float32(exposure_s)
        if sway is not None:
            rows = sway.rows
            mine = slice(rows.start - ground.first_row, rows.stop - ground.first_row)
            bright = np.asarray(
                ground.natural[mine] * still[0] + ground.lamps[mine] * still[1], dtype=np.float32
            )
            open_part = ground.clear_part[rows] * np.float32(1.0 / 255.0)
            moved = (
                sway.moved(open_part, start, exposure_s, step=1),
                sway.moved(bright, start, exposure_s, step=2),
            )
        for top in range(0, len(image), _BAND_ROWS):
            band = slice(top, min(top + _BAND_ROWS, len(image)))
            part = ground.clear_part[band]
            if part.min() == 255:
                continue
            clear = part * np.float32(1.0 / 255.0)
            light: Float32Array | None = None
            if band.stop > ground.first_row:
                light = np.zeros(clear.shape, dtype=np.float32)
                begin = max(band.start, ground.first_row)
                mine = slice(begin - ground.first_row, band.stop - ground.first_row)
                light[begin - band.start :] = ground.natural[mine] * still[0]
                light[begin - band.start :] += ground.lamps[mine] * still[1]
            if sway is not None and moved is not None:
                sway.replace(clear, moved[0], top)
                if light is not None:
                    sway.replace(light, moved[1], top)
            image[band] *= clear
            if light is not None:
                image[band] += light

    def star_pixels(self, instant: datetime) -> Float64Array:
        """Return x, y of every star at an instant, shape (n, 2), nan where the lens sees none."""
        return self.projection.pixels(self.heavens.over_roof(self._dated, instant))

    def _station_light(
        self, start: datetime, seconds: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        sight = self.station.see(start, seconds)
        tint = reddened(
            np.broadcast_to(SUNLIGHT_RGB, (len(seconds), 3)), airmass(sight.directions[:, 2])
        )
        light = np.power(10.0, -0.4 * sight.magnitude)
        # past the limb sunlight is red; the magnitude is that of green
        tint = tint * (sight.light_rgb / np.maximum(sight.light, 1e-12)[:, np.newaxis])
        return sight.directions, light[:, np.newaxis] * tint

    def _lay_moon(self, picture: Float32Array, middle: datetime, exposure_s: float) -> None:
        if not self.scenario.sky.moon:
            return
        moon = moon_sight(self.scenario, middle)
        if moon.direction[2] < -0.01:
            return
        directions, share = moon_disc(moon)
        optics = self.optics
        points = optics.seen.pixels(directions)
        keep = np.flatnonzero(np.isfinite(points[:, 0]))
        if not len(keep):
            return
        air = airmass(directions[keep, 2])
        light = 10.0 ** (-0.4 * (moon.magnitude + optics.extinction_mag * air)) * share[keep]
        light *= optics.clouds.transmission(directions[keep], middle)
        tint = reddened(np.broadcast_to(SUNLIGHT_RGB, (len(keep), 3)), air)
        electrons = (optics.zero_e_per_s * exposure_s) * light[:, np.newaxis] * tint
        add_lights(
            picture,
            points[keep],
            electrons,
            optics.blur_sigma_px(points[keep]),
            half_px=9,
            cell=optics.cell,
        )


def _with_planets(stars: Stars, places: Float64Array, magnitudes: Float64Array) -> Stars:
    """Return the stars with the planets after them, in the order of PLANETS."""
    bv = np.array([PLANET_BV[name] for name in PLANETS])
    return Stars(
        places=np.concatenate((stars.places, places)),
        magnitude=np.concatenate((stars.magnitude, magnitudes)),
        rgb=np.concatenate((stars.rgb, thermal_rgb(temperature_k(bv)))),
        hip=np.concatenate((stars.hip, np.zeros(len(PLANETS)))),
    )
