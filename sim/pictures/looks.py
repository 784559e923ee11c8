"""Looks: the colours and the light of pictures."""

from __future__ import annotations

from simonsays.assets.notes import dataclass

Color = tuple[float, float, float]
LIGHT = (2.5, -3.5, 7.0)
"""m, where the light comes from, relative to what is looked at"""


@dataclass(frozen=True)
class Look:
    """Colours (RGB, 0 to 255) and light of a scene."""

    sky_top: Color
    sky_horizon: Color
    floor: tuple[Color, Color]
    trail: Color
    ring: Color
    ambient: float
    diffuse: float
    darkest: float
    """what is left of the light in a shadow"""


LOOKS = {
    "light": Look((126, 164, 205), (226, 234, 241), ((196, 200, 204), (172, 177, 183)), (52, 120, 220), (240, 150, 20),
                  0.62, 0.42, 0.45),
    "dark": Look((10, 14, 24), (38, 47, 63), ((66, 74, 88), (52, 59, 72)), (96, 170, 255), (255, 178, 60),
                 0.5, 0.48, 0.4),
}  # fmt: skip
