"""Which catalogue stars a lens draws, and where on the grid of the stacks."""

from datetime import datetime

from issgaze.archive.starcatalogue import load_catalogue
from issgaze.optics.lens import Lens
from issgaze.picture.colour import StarColours
from issgaze.sky.coordinates import enu_from_altaz
from issgaze.sky.site import Site
from issgaze.sky.stars import star_altaz_deg
from issgaze.stacking.corridor import grid_lens_pixels
from issgaze.stacking.stacks import Resolution

# below this the air is too thick and the horizon too near
_LOWEST_DEG = 3.0


def stars_in_view(lens: Lens, site: Site, instant: datetime, resolution: Resolution) -> StarColours:
    """Return the stars inside the picture at an instant, brightest first."""
    catalogue = load_catalogue()
    altitude, azimuth = star_altaz_deg(catalogue.places, site, instant)
    raw = lens.to_pixels(enu_from_altaz(altitude, azimuth))
    inside = (
        (altitude > _LOWEST_DEG)
        & (raw[:, 0] >= 0.0)
        & (raw[:, 1] >= 0.0)
        & (raw[:, 0] <= lens.width_px - 1.0)
        & (raw[:, 1] <= lens.height_px - 1.0)
    )
    grid = grid_lens_pixels(raw[inside], resolution)
    return StarColours(
        x_px=grid[:, 0],
        y_px=grid[:, 1],
        b_minus_v=catalogue.bv[inside],
        magnitude=catalogue.magnitude[inside],
    )
