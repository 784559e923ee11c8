"""Crouch: hold any height of the base on both feet. Settings of HumanoidEnv; its policy takes over when low."""

from __future__ import annotations

from typing import Any

CROUCH: dict[str, Any] = {
    "standing": 1.0,
    "crouching": 0.85,
    "height": (0.50, 0.76),
    "command_seconds": (1.5, 4.0),
}
