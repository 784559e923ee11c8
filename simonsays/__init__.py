"""You say it, a physically simulated humanoid does it.

    import simonsays

    simonsays.say("walk to the red ball and wave", out="wave.mp4")      # a film, and what came of each step
    run = simonsays.train("walk", run_dir="runs/walk", steps=100_000)   # a policy
    simonsays.evaluate(run, episodes=20)                                # what it can do

``gymnasium.make("simonsays:G1-Locomotion-v0")`` makes an env. Nothing is imported before it is used.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simonsays.envs.policy.policy import load_policy
    from simonsays.experiments.conversation import Session
    from simonsays.experiments.facade import evaluate, parse, render, say, train
    from simonsays.sim.recording import Recording

__all__ = ["Recording", "Session", "__version__", "evaluate", "load_policy", "parse", "render", "say", "train"]
__version__ = "0.1.0"

_HOMES = {
    "Recording": "sim.recording",
    "Session": "experiments.conversation",
    "evaluate": "experiments.facade",
    "load_policy": "envs.policy.policy",
    "parse": "experiments.facade",
    "render": "experiments.facade",
    "say": "experiments.facade",
    "train": "experiments.facade",
}
"""the module of each name"""

_FOLDER = os.path.dirname(os.path.realpath(__file__))
_ROOT = os.path.dirname(_FOLDER)
if not os.path.isdir(os.path.join(_FOLDER, "sim")):  # a checkout whose links came out as text files (Windows)
    __path__.append(_ROOT)


def _warn_of_another() -> None:
    """Say so where this is a clone that merely lies beside the script, while another simonsays is installed."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if os.path.realpath(sys.path[0]) != _ROOT or _ROOT in map(os.path.realpath, filter(None, given)):
        return
    for place in sys.path[1:]:
        other = os.path.realpath(os.path.join(place, "simonsays"))
        if other != _FOLDER and os.path.isfile(os.path.join(other, "__init__.py")):
            import warnings

            warnings.warn(
                f"simonsays is imported from {_ROOT}, the folder of the script, not from {os.path.dirname(other)}, "
                "where it is installed; run the script elsewhere, or install the clone with pip install -e",
                stacklevel=3,
            )
            return


_warn_of_another()

# Gymnasium imports this module for "simonsays:ID" and then looks ID up, so that the ids must be registered by then,
# and may not be earlier, since importing Gymnasium is slow. An import of a module that is imported already runs none
# of its code, but asks for its __spec__: where that is missing, the module's __getattr__ is called.
_SPEC = globals().pop("__spec__")


def _register_ids() -> None:
    if "gymnasium.envs.registration" in sys.modules:
        globals()["__spec__"] = _SPEC
        importlib.import_module("simonsays.envs")


_register_ids()


def __getattr__(name: str) -> Any:
    if name == "__spec__":
        # The import of a submodule asks as well, and would load it twice if it were imported within its own import.
        if sys._getframe(1).f_code.co_name != "_find_and_load_unlocked":
            _register_ids()
        return _SPEC
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
