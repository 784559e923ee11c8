"""A person as a BVH, by the names of several programs."""

from __future__ import annotations

MIXAMO = ("mixamorig:Hips", "mixamorig:Spine", *(f"mixamorig:{{}}{each}" for each in ("UpLeg", "Leg", "Foot")),
          *(f"mixamorig:{{}}{each}" for each in ("Shoulder", "Arm", "ForeArm", "Hand")))  # fmt: skip
OLD = ("Hips", "Chest", "{}Hip", "{}Knee", "{}Ankle", "{}Collar", "{}Shoulder", "{}Elbow", "{}Wrist")
"""as of the first programs: there a shoulder is an upper arm"""


def bvh(names: tuple[str, ...], order: str = "Zrotation Xrotation Yrotation", size: float = 100.0) -> str:
    """The text: 8 frames of a T-pose that faces z, the left thigh lifted by 40 degrees; legs of 0.9 ``size``."""
    hips, chest, thigh, shin, foot, *arm = names
    bones: list[tuple[str, str, tuple[float, float, float]]] = [
        (hips, "", (0.0, 0.0, 0.0)),
        (chest, hips, (0.0, 0.1, 0.0)),
    ]
    for side, x in (("Left", 1.0), ("Right", -1.0)):
        chain = [(thigh, (0.1 * x, -0.05, 0.0)), (shin, (0.0, -0.45, 0.0)), (foot, (0.0, -0.45, 0.0))]
        bones += _chain(hips, side, chain)
        offsets = ((0.05 * x, 0.4, 0.0), (0.1 * x, 0.0, 0.0), (0.3 * x, 0.0, 0.0), (0.25 * x, 0.0, 0.0))
        bones += _chain(chest, side, list(zip(arm, offsets, strict=True)))
    numbers = list[str]()

    def written(name: str, offset: tuple[float, float, float]) -> str:
        bend = -40.0 if name == thigh.format("Left") else 0.0
        place = "" if numbers else f"0 {size:g} 0 "
        numbers.append(place + " ".join(f"{bend if channel[0] == 'X' else 0:g}" for channel in order.split()))
        channels = f"CHANNELS 6 Xposition Yposition Zposition {order}" if place else f"CHANNELS 3 {order}"
        inner = [f"JOINT {child}\n{written(child, at)}" for child, parent, at in bones if parent == name]
        body = "".join(inner) or "End Site\n{\nOFFSET 0 0 0\n}\n"
        return f"{{\nOFFSET {' '.join(f'{size * each:g}' for each in offset)}\n{channels}\n{body}}}\n"

    text = f"HIERARCHY\nROOT {hips}\n{written(hips, (0.0, 0.0, 0.0))}"
    return f"{text}MOTION\nFrames: 8\nFrame Time: 0.0333\n" + 8 * f"{' '.join(numbers)}\n"


def _chain(
    parent: str, side: str, chain: list[tuple[str, tuple[float, float, float]]]
) -> list[tuple[str, str, tuple[float, float, float]]]:
    """Bones of a side, each on the one before."""
    names = [parent, *(name.format(side) for name, _ in chain)]
    return [(name, above, offset) for above, name, (_, offset) in zip(names, names[1:], chain, strict=False)]
