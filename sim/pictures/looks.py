"""Looks: the colours and the light of pictures."""

from __future__ import annotations

from typing import Literal

from simonsays.assets.notes import dataclass

Color = tuple[float, float, float]
Pattern = Literal["tiles", "stripes", "lines", "plain"]
LIGHT = (2.5, -3.5, 7.0)
"""m, where the light comes from, relative to what is looked at"""


@dataclass(frozen=True)
class Look:
    """Colours (RGB, 0 to 255) and light of a scene."""

    sky_top: Color
    sky_horizon: Color
    floor: tuple[Color, Color]
    """of bright and dark tiles or stripes; of the ground and the lines on it"""
    trail: Color
    ring: Color
    ambient: float
    diffuse: float
    darkest: float
    """what is left of the light in a shadow"""
    form: float = 0.38
    """share of the light that things lose in the shadow of things"""
    pattern: Pattern = "tiles"
    tile: float = 0.5
    """m, the width of a tile or a stripe, or between lines"""
    pool: float = 0.0
    """m around what is looked at that a spot lights; 0: all of the ground is lit"""


LOOKS = {
    "light": Look((126, 164, 205), (226, 234, 241), ((196, 200, 204), (172, 177, 183)), (52, 120, 220), (240, 150, 20),
                  0.62, 0.42, 0.45),
    "dark": Look((10, 14, 24), (38, 47, 63), ((66, 74, 88), (52, 59, 72)), (96, 170, 255), (255, 178, 60),
                 0.5, 0.48, 0.4),
    "studio": Look((214, 216, 220), (240, 240, 241), ((232, 232, 233), (232, 232, 233)), (70, 130, 215),
                   (238, 140, 30), 0.66, 0.4, 0.5, pattern="plain"),
    "lab": Look((150, 166, 180), (214, 222, 228), ((206, 212, 216), (150, 164, 174)), (0, 140, 150), (236, 120, 40),
                0.62, 0.42, 0.45, pattern="lines", tile=1.0),
    "stage": Look((6, 6, 10), (20, 17, 24), ((122, 100, 84), (108, 87, 72)), (255, 205, 120), (255, 150, 70),
                  0.5, 0.52, 0.35, form=0.5, pattern="stripes", tile=0.16, pool=3.4),
    "field": Look((88, 146, 214), (214, 230, 240), ((112, 158, 74), (98, 144, 64)), (250, 250, 245), (255, 196, 40),
                  0.62, 0.44, 0.42, pattern="stripes", tile=1.5),
}  # fmt: skip
