"""The one reader of URDFs."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from simonsays.assets import InputError


def parse_urdf(urdf: Path) -> ET.Element:
    if not urdf.is_file():
        raise InputError(f"no such robot description: {urdf}")
    try:
        root = ET.parse(urdf).getroot()
    except ET.ParseError as error:
        raise InputError(f"{urdf}: not well-formed XML: {error}") from error
    if root.tag != "robot":
        raise InputError(f"{urdf}: the root element is <{root.tag}>, a URDF has <robot>")
    links = {link.get("name") for link in root.findall("link")}
    for joint in root.findall("joint"):
        for end in ("parent", "child"):
            element = joint.find(end)
            name = None if element is None else element.get("link")
            if name not in links:
                raise InputError(f"{urdf}: joint {joint.get('name')!r}: {end} link {name!r} does not exist")
    return root
