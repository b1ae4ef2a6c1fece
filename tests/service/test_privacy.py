import json

from hypothesis import given
from hypothesis import strategies as st

from issgaze.service.privacy import guest_document, guest_site, minute
from issgaze.sky.site import Site

sites = st.builds(
    Site,
    latitude_deg=st.floats(-90, 90),
    longitude_deg=st.floats(-180, 180),
    height_m=st.floats(-400, 8000),
)


@given(sites)
def test_the_site_goes_to_the_same_point_of_the_grid_every_time(site: Site) -> None:
    near = guest_site(site)
    assert guest_site(near) == near
    assert abs(near.latitude_deg - site.latitude_deg) <= 0.05 + 1e-9
    assert abs(near.longitude_deg - site.longitude_deg) <= 0.05 + 1e-9
    assert near.latitude_deg * 10 == round(near.latitude_deg * 10)


@given(st.floats(0, 90), st.floats(0, 359.4), st.floats(350, 2500), st.integers(0, 59))
def test_events_are_whole_degrees_ten_kilometres_and_the_minute(
    altitude: float, azimuth: float, distance: float, second: int
) -> None:
    event = {
        "utc": f"2026-03-01T19:30:{second:02d}.123Z",
        "altitude_deg": altitude,
        "azimuth_deg": azimuth,
        "range_km": distance,
    }
    rounded = guest_document({"passes": [{"rise": event, "peak_magnitude": -3.14159}]})
    found = rounded["passes"][0]["rise"]
    assert found["utc"][16:] == ":00Z"
    assert isinstance(found["altitude_deg"], int)
    assert isinstance(found["azimuth_deg"], int)
    assert found["range_km"] % 10 == 0
    assert rounded["passes"][0]["peak_magnitude"] == -3.1
    json.dumps(rounded)


def test_instants_go_to_the_nearest_minute() -> None:
    assert minute("2026-12-31T23:59:30.000Z") == "2027-01-01T00:00:00Z"
    assert minute("2026-03-01T19:30:29.999Z") == "2026-03-01T19:30:00Z"
    assert guest_document({"start_utc": "2026-03-01T19:30:44Z"}) == {
        "start_utc": "2026-03-01T19:31:00Z"
    }
