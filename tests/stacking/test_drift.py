"""A camera that turns in mid-pass is followed by its stars."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from issgaze.stacking.digest import Digest, DigestSetup
from issgaze.stacking.stacks import Stacks

from .passes import SITE, START, SimulatedPass

FRAMES = 12
BUMP = 5
FEW = 40


@dataclass(kw_only=True)
class TurningPass(SimulatedPass):
    """The camera turns about a horizontal axis: at once after some frames, or a little each."""

    at_once_px: float = 0.0
    a_frame_px: float = 0.0

    def star_pixels(self, seconds: float) -> np.ndarray:
        places = super().star_pixels(seconds)
        number = int(seconds // self.cadence_s)
        angle = (self.at_once_px * (number >= BUMP) + self.a_frame_px * number) / self.focal_px
        middle = np.array([(self.width - 1) / 2, (self.height - 1) / 2])
        away = (places - middle) / self.focal_px
        theta = np.hypot(away[:, 0], away[:, 1])
        share = np.sin(theta) / np.maximum(theta, 1e-9)
        right, down, out = away[:, 0] * share, away[:, 1] * share, np.cos(theta)
        down, out = (
            down * np.cos(angle) + out * np.sin(angle),
            out * np.cos(angle) - down * np.sin(angle),
        )
        across = np.hypot(right, down)
        stretch = np.arctan2(across, out) / np.maximum(across, 1e-9)
        return middle + self.focal_px * np.stack((right * stretch, down * stretch), axis=1)

    def anchors(self, count: int = FEW) -> np.ndarray:
        """The brightest stars where the lens has them, as a catalogue would say."""
        steady = SimulatedPass.star_pixels(self, self.reference_s)
        size = np.array([self.width, self.height])
        inside = np.all((steady > 30) & (steady < size - 30), axis=1)
        order = np.argsort(self.mag[inside], kind="stable")
        return steady[inside][order][:count]


def digested(truth: SimulatedPass, setup: DigestSetup) -> Digest:
    digest = Digest(setup)
    for number in range(truth.frames):
        digest.add(truth.frame(number))
    return digest


def sharpness(stacks: Stacks, truth: TurningPass) -> float:
    """Median share of a star's light in its brightest cell."""
    shares = []
    plane = stacks.stars[1]
    places = SimulatedPass.star_pixels(truth, truth.reference_s)
    if stacks.resolution == "half":
        places = (places - 0.5) / 2.0
    order = np.argsort(truth.mag)[10:120]
    for x, y in np.rint(places[order]).astype(int):
        if 30 < x < plane.shape[1] - 30 and 30 < y < plane.shape[0] - 30:
            sky = np.median(plane[y - 12 : y + 13, x - 12 : x + 13])
            part = plane[y - 5 : y + 6, x - 5 : x + 6] - sky
            shares.append(part.max() / part.sum())
    return float(np.median(shares))


def test_a_camera_that_stands_still_is_left_alone():
    truth = TurningPass(frames=FRAMES)
    watched = digested(truth, truth.setup(anchors_px=truth.anchors()))
    plain = digested(truth, truth.setup())
    assert plain.drift is None
    assert watched.drift is not None
    assert watched.drift.stars == FEW
    assert watched.drift.largest_px == 0.0
    assert watched.drift.turned_frames == watched.drift.lost_frames == 0
    np.testing.assert_array_equal(watched.finish().stars, plain.finish().stars)


def test_a_bump_is_noticed_and_costs_no_sharpness():
    still, bumped = TurningPass(frames=FRAMES), TurningPass(frames=FRAMES, at_once_px=5.0)
    wanted = sharpness(digested(still, still.setup()).finish(), still)
    lost = sharpness(digested(bumped, bumped.setup()).finish(), bumped)
    digest = digested(bumped, bumped.setup(anchors_px=bumped.anchors()))
    drift = digest.drift
    assert drift is not None
    assert drift.turned_frames == FRAMES - BUMP
    # all stars move by the turn at the zenith, by less to the sides
    assert 3.5 < drift.largest_px < 5.0
    assert sharpness(digest.finish(), bumped) > 0.95 * wanted > 1.2 * lost


def test_a_mount_that_sags_is_followed():
    sagging = TurningPass(frames=FRAMES, a_frame_px=0.4)
    digest = digested(sagging, sagging.setup(anchors_px=sagging.anchors()))
    meter = digest._sky.drift
    angle = np.linalg.norm(np.array(meter.turns), axis=1) * sagging.focal_px
    np.testing.assert_allclose(angle[1:], 0.4 * np.arange(1, FRAMES), atol=0.1)
    assert digest.drift.lost_frames == 0


def test_too_few_stars_leave_the_camera_where_it_was():
    bumped = TurningPass(frames=FRAMES, at_once_px=5.0)
    digest = digested(bumped, bumped.setup(anchors_px=bumped.anchors(5)))
    assert digest.drift.turned_frames == 0
    assert digest.drift.lost_frames == FRAMES


@pytest.mark.parametrize("cloud", ["even", "full of lights"])
def test_a_first_frame_without_its_stars_delays_the_watch_alone(cloud):
    bumped = TurningPass(frames=FRAMES, at_once_px=5.0)
    digest = Digest(bumped.setup(anchors_px=bumped.anchors()))
    random = np.random.default_rng(7)
    for number in range(FRAMES):
        frame = bumped.frame(number)
        if number == 0:
            hidden = frame.mosaic[:, : bumped.width - 120]
            grey = np.rint(random.normal(400.0, 12.0, hidden.shape))
            hidden[:] = grey if cloud == "even" else frame.mosaic[::-1, : bumped.width - 120]
        digest.add(frame)
    assert digest.drift.turned_frames == FRAMES - BUMP
    assert digest.drift.lost_frames <= 1


def test_a_star_at_the_rim_of_the_lens_ends_nothing():
    truth = TurningPass(frames=4)
    anchors = truth.anchors()
    middle = np.array(truth.lens.center_px)
    farthest = float(np.max(np.hypot(*(anchors - middle).T)))
    setup = truth.setup(anchors_px=anchors)
    for beyond_px in (-0.02, 0.0, 0.01, 0.03):
        lens = replace(truth.lens, valid_radius_px=farthest + beyond_px)
        digest = digested(truth, replace(setup, lens=lens))
        assert digest.drift.turned_frames == 0
        assert np.isfinite(digest._sky.drift.turns).all()


def test_stars_that_are_not_there_turn_nothing():
    truth = TurningPass(frames=6)
    random = np.random.default_rng(3)
    nowhere = np.stack((random.uniform(40, 970, 40), random.uniform(40, 720, 40)), axis=1)
    digest = digested(truth, truth.setup(anchors_px=nowhere))
    plain = digested(truth, truth.setup())
    assert digest.drift.turned_frames == 0
    np.testing.assert_array_equal(digest.finish().stars, plain.finish().stars)


def test_a_digest_taken_up_again_knows_where_the_stars_belong():
    bumped = TurningPass(frames=FRAMES, at_once_px=5.0)
    setup = bumped.setup(anchors_px=bumped.anchors())
    digest = Digest(setup)
    for number in range(BUMP + 1):
        digest.add(bumped.frame(number))
    again = Digest.resume(setup, digest.checkpoint())
    for number in range(BUMP + 1, FRAMES):
        digest.add(bumped.frame(number))
        again.add(bumped.frame(number))
    assert again.drift == digest.drift
    for number in digest.doubtful:
        digest.review(number, bumped.frame(number))
        again.review(number, bumped.frame(number))
    np.testing.assert_array_equal(again.finish().stars, digest.finish().stars)


@pytest.mark.parametrize("trouble", [{"jitter_px": 0.5}, {"a_frame_px": 0.4}])
def test_full_resolution_stays_as_sharp_as_on_a_steady_mount(trouble):
    steady = TurningPass(frames=FRAMES)
    moving = replace(steady, **trouble)
    wanted = sharpness(digested(steady, steady.setup(resolution="full")).finish(), steady)
    plain = moving.setup(resolution="full")
    without = sharpness(digested(moving, plain).finish(), moving)
    watched = digested(moving, replace(plain, anchors_px=moving.anchors()))
    assert sharpness(watched.finish(), moving) > 0.97 * wanted > 1.08 * without


def test_the_stars_watched_are_bright_lonely_and_everywhere():
    from issgaze.service.anchorstars import anchor_stars

    truth = SimulatedPass(width=4056, height=3040)
    places = anchor_stars(truth.lens, SITE, START)
    assert 30 <= len(places) <= 40
    apart = np.hypot(*(places[:, np.newaxis] - places).transpose(2, 0, 1))
    assert np.min(apart + np.eye(len(places)) * 1e9) > 30.0
    for axis, size in enumerate((4056, 3040)):
        assert places[:, axis].min() < 0.4 * size
        assert places[:, axis].max() > 0.6 * size
