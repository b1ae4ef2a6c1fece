import numpy as np
import pytest

from issgaze.errors import FrameError
from issgaze.simulated.csi2 import packed


def test_twelve_bits_are_packed_as_the_standard_draws_them() -> None:
    rows = packed(np.array([[0xABC, 0x123]], dtype=np.uint16), bit_depth=12)
    assert rows.shape == (1, 32)
    assert rows[0, :4].tolist() == [0xAB, 0x12, 0x3C, 0]


def test_ten_bits_are_packed_as_the_standard_draws_them() -> None:
    pixels = np.array([[0b1111000001, 0b0000111110, 0b1010101011, 0b0000000000]], dtype=np.uint16)
    rows = packed(pixels, bit_depth=10)
    assert rows[0, :5].tolist() == [0b11110000, 0b00001111, 0b10101010, 0, 0b00_11_10_01]


@pytest.mark.parametrize(("bit_depth", "group"), [(10, 4), (12, 2)])
def test_what_is_packed_can_be_unpacked(bit_depth: int, group: int) -> None:
    rng = np.random.default_rng(2)
    mosaic = rng.integers(0, 1 << bit_depth, (6, 4056), dtype=np.uint16)
    rows = packed(mosaic, bit_depth=bit_depth)
    assert rows.shape[1] % 32 == 0
    bits = np.unpackbits(rows[:, : 4056 * bit_depth // 8], axis=1).reshape(6, -1, group + 1, 8)
    back = np.zeros((6, 4056 // group, group), dtype=np.uint16)
    low = bit_depth - 8
    for place in range(group):
        high_bits = bits[:, :, place] @ (1 << np.arange(7, -1, -1))
        low_bits = bits[:, :, group, ::-1][:, :, place * low : (place + 1) * low]
        back[..., place] = (high_bits << low) + low_bits @ (1 << np.arange(low))
    assert np.array_equal(back.reshape(6, 4056), mosaic)


def test_what_cannot_be_packed_says_why() -> None:
    with pytest.raises(FrameError, match="8 bits cannot be packed, 10 and 12 can"):
        packed(np.zeros((1, 4), dtype=np.uint16), bit_depth=8)
    with pytest.raises(FrameError, match="a row of 5 pixels cannot be packed, a multiple of 2 can"):
        packed(np.zeros((1, 5), dtype=np.uint16), bit_depth=12)
