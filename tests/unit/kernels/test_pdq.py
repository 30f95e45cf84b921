"""PDQ against the reference implementation, and what a frame is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dideban.kernels.pdq import cosines, pdq
from dideban.kernels.picture_frames import inside

Grey = NDArray[np.float32]


def texture(seed: int, height: int, width: int) -> NDArray[np.uint8]:
    """Noise whose strength falls with its frequency, as in photographs."""
    chance = np.random.default_rng(seed)
    waves = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.rfftfreq(width)[None, :] ** 2
    waves[0, 0] = 1
    spectrum = (chance.normal(size=waves.shape) + 1j * chance.normal(size=waves.shape)) / waves**0.6
    field = np.fft.irfft2(spectrum, (height, width))
    return ((field - field.min()) / (field.max() - field.min()) * 255).astype(np.uint8)


def hashed(picture: NDArray[np.uint8]) -> tuple[str, int]:
    words, detail = pdq(picture.astype(np.float32), cosines())
    return "".join(f"{int(word):016x}" for word in words), detail


VECTORS = [
    (1, 64, 64, "1ed5631285873187147e2fc9ec9e64bc54c0dd460ae6d479c3a3232f995e62f5"),
    (2, 200, 300, "21bb553025d106e62e9f764efe431d007830fb97b200b217b869d569f0b576bb"),
    (3, 511, 77, "3539fe039ff4c524966cabed2abcd51e00d1bdb86816e08eae4c7f813d9cc418"),
    (4, 640, 480, "57b6ac058eb5c074ca9d8cb356824784bf0d50ef7874f361347ec51036ae759a"),
]
"""Made with the reference (pdqhash 0.2.8) from ``texture(seed, height, width)``."""


@pytest.mark.parametrize(("seed", "height", "width", "expected"), VECTORS)
def test_the_bits_of_the_reference(seed: int, height: int, width: int, expected: str) -> None:
    assert hashed(texture(seed, height, width)) == (expected, 100)


def test_the_bits_of_the_installed_reference_for_many_sizes() -> None:
    reference = pytest.importorskip("pdqhash", reason="the reference of PDQ is not installed")
    for seed in range(40):
        size = np.random.default_rng(seed).integers(64, 700, 2)
        picture = texture(seed, int(size[0]), int(size[1]))
        bits, _quality = reference.compute(np.stack([picture] * 3, axis=-1))
        assert hashed(picture)[0] == np.packbits(bits).tobytes().hex()


def test_a_blank_square_has_no_detail() -> None:
    assert hashed(np.full((200, 300), 120, np.uint8))[1] == 0


@pytest.mark.parametrize(
    ("above", "below", "beside"), [(0, 0, 0), (30, 0, 0), (0, 41, 0), (0, 0, 25), (40, 60, 12), (20, 20, 20)]
)
def test_a_frame_is_found_to_the_pixel(above: int, below: int, beside: int) -> None:
    picture = np.clip(texture(3, 300, 260), 60, 255)
    framed = np.zeros((300 + above + below, 260 + 2 * beside), np.float32)
    framed[above : above + 300, beside : beside + 260] = picture
    assert inside(framed).tolist() == [above, above + 300, beside, beside + 260]


def test_a_bar_may_hold_writing() -> None:
    framed = np.full((360, 260), 255, np.float32)
    framed[60:] = np.clip(texture(3, 300, 260), 0, 180)
    framed[20:40, 10:200:3] = 0
    assert inside(framed).tolist() == [60, 360, 0, 260]


@pytest.mark.parametrize("value", [0, 255])
def test_a_blank_picture_is_not_taken_for_a_frame_alone(value: int) -> None:
    assert inside(np.full((80, 90), value, np.float32)).tolist() == [0, 80, 0, 90]


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (2, 2), (3, 200)])
def test_slivers_do_no_harm(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).random(shape).astype(np.float32) * 255
    top, bottom, left, right = inside(picture).tolist()
    assert 0 <= top < bottom <= shape[0]
    assert 0 <= left < right <= shape[1]
    assert pdq(picture, cosines())[1] >= 0
