"""Plug-ins that are broken, or break later: exit code 2 and a message that names what it is, on every command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ROOT, Done, simon, simon_process
from tiny_runs import RECIPE_FILE


def refused(done: Done, *words: str) -> None:
    """It ended with bad input, whose message is all that is said of it."""
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    told = done.stderr[done.stderr.index("error: ") :]
    assert all(word in told for word in words), told


BROKEN = {
    "def f(:": "SyntaxError: invalid syntax (broken.py, line 1)",
    "import nosuch": "ModuleNotFoundError: No module named 'nosuch' (FILE, line 1)",
    "from simonsays.envs.rewards import nosuch": "ImportError: cannot import name 'nosuch'",
    "x = 1\nraise RuntimeError('boom')": "RuntimeError: boom (FILE, line 2)",
    "import sys\nsys.exit(1)": "SystemExit: 1 (FILE, line 2)",
    "from simonsays.envs.rewards import reward\n@reward\ndef alive(ctx): return 1.0": (
        "reward term 'alive': registered by both simonsays.envs.rewards and broken; rename one (FILE, line 2)"
    ),
    "from simonsays.envs.rewards import reward\nreward(3)": "TypeError: 3 is not a callable object (FILE, line 2)",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_plugin_is_named_with_its_cause(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.py"
    file.write_text(text)
    told = f"plug-in broken.py: cannot be loaded: {BROKEN[text]}".replace("FILE", str(file))
    run = simon_process if "sys.exit" in text else simon  # which wandb, where it is loaded, makes its own
    refused(run("list", "--plugin", "broken.py", cwd=tmp_path), told)


COMMANDS = [
    ("says", "stand", "--no-video"),
    ("parse", "stand"),
    ("explain", "stand"),
    ("train", "walk", "--run-dir", "run"),
    ("evaluate", "--episodes", "1", "--jobs", "2"),
    ("robustness", "--episodes", "1"),
    ("benchmark", "--limit", "1"),
    ("recipe", "walk"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_that_looks_something_up_refuses_it(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "broken.py").write_text("1 / 0")
    told = "plug-in broken.py: cannot be loaded: ZeroDivisionError"
    refused(simon_process(*command, cwd=tmp_path, SIMONSAYS_PLUGINS=str(tmp_path / "broken.py")), told)
    assert [file.name for file in tmp_path.iterdir() if file.name != "__pycache__"] == ["broken.py"]


@pytest.mark.parametrize("entry", ["nosuch", "nosuch:thing", "no such module!"])
def test_an_entry_point_that_leads_nowhere_is_named(tmp_path: Path, entry: str) -> None:
    about = tmp_path / "odd-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[simonsays]\nthings = {entry}\n")
    done = simon_process("list", cwd=tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    refused(done, "plug-in odd 1.0 (entry point 'things'): cannot be loaded: ModuleNotFoundError", entry[:6])


COUNTED = """
import collections, importlib.machinery, pkgutil, sys
from pathlib import Path
ran, run = collections.Counter(), importlib.machinery.SourceFileLoader.exec_module

def counting(self, module):
    ran[module.__name__] += 1
    run(self, module)

importlib.machinery.SourceFileLoader.exec_module = counting
sys.argv = ["simon", *WORDS]
from simonsays.experiments.cli import main
try:
    main()
except SystemExit as end:
    print("exit code", end.code, {name: times for name, times in ran.items() if times > 1})
"""
ALL_OF_THE_HOUSE = """
import importlib, pkgutil
import simonsays.agents.recipes.recipe
from simonsays.agents.recipes import hyperparameters
for module in pkgutil.walk_packages(simonsays.__path__, "simonsays."):
    if not module.name.endswith("__main__") and ".rllib" not in module.name:
        importlib.import_module(module.name)
"""


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (["recipe", "walk"], ""),
        (["parse", "walk"], "1 / 0"),
        (["says", "stand", "--no-video"], ""),
        (["list"], "1 / 0"),
        *(
            pytest.param(*more, marks=pytest.mark.slow)
            for more in (
                (["recipe", "walk"], "1 / 0"),
                (["parse", "walk"], ""),
                (["says", "stand", "--no-video"], "1 / 0"),
                (["list"], ""),
            )
        ),
    ],
)
def test_a_plugin_may_import_any_module_of_the_house_and_none_is_loaded_twice(
    tmp_path: Path, words: list[str], end: str
) -> None:
    pytest.importorskip("torch")
    file = tmp_path / "curious.py"
    file.write_text(ALL_OF_THE_HOUSE + end)
    code = COUNTED.replace("WORDS", repr(words))
    environment = {**os.environ, "SIMONSAYS_PLUGINS": str(file), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.endswith(f"exit code {2 if end else 0} {{}}\n"), done.stdout + done.stderr


LATER = '''
import gymnasium
import numpy as np
from gymnasium.spaces import Box
from simonsays.envs.events import Event, register_event
from simonsays.envs.observations import block
from simonsays.envs.rewards import reward
from simonsays.envs.terminations import termination


@reward
def later_nan(ctx):
    """0, and then none."""
    return float("nan") if ctx.step == 20 else 0.0


@termination
def later_end(ctx):
    """Fails."""
    return ctx.step == 20 and ctx.nothing


@block(2, 1.0, 1.0, "plane")
def later_wide(ctx):
    """(2,) and then 3."""
    return [0.0] * (3 if ctx.step == 20 else 2)


@register_event("later")
class Later(Event):
    """Fails."""

    on: bool = False

    def on_step(self, now):
        if now.steps == 20:
            raise RuntimeError("tripped")


class Failing(gymnasium.Env):
    observation_space, action_space = Box(-1.0, 1.0, (2,)), Box(-1.0, 1.0, (1,))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.steps += 1
        return np.zeros(2, np.float32), 1 / (20 - self.steps), False, False, {}


gymnasium.register("Failing-v0", Failing)
'''
LATE = {
    "env.reward_weights={alive = 1.0, later_nan = 1.0}": "reward term 'later_nan' at control step 20: gives nan",
    "env.terminations={later_end = {}}": "termination 'later_end' at control step 20: raises AttributeError",
    'env.blocks=["gravity", "later_wide", "last_action"]': (
        "observation block 'later_wide' at control step 20: gives an array of shape (3,), not 2 numbers"
    ),
    "env.events.later.on=true": "event 'later' at control step 20: raises RuntimeError: tripped",
    "env_id=Failing-v0": "plug-in later.py: ZeroDivisionError: division by zero",
}


@pytest.fixture
def later(tmp_path: Path) -> Path:
    (tmp_path / "later.py").write_text(LATER)
    recipe = RECIPE_FILE.replace("assisted = true", "").replace("n_steps = 16", "n_steps = 8")
    (tmp_path / "later.toml").write_text(recipe)
    return tmp_path


TRAIN = ("train", "later.toml", "--plugin", "later.py", "--checkpoint-steps", "16")
TRAIN_EACH = f"""
import json, sys
from pathlib import Path
from commands import simon

if __name__ == "__main__":
    for run, change in enumerate(json.loads(sys.argv[1])):
        done = simon(*{TRAIN}, "--run-dir", f"run{{run}}", "--set", change, cwd=Path())
        print(json.dumps([done.returncode, done.stdout, done.stderr]))
"""


@pytest.mark.slow
def test_what_fails_within_a_training_is_named_and_what_was_trained_is_kept(later: Path) -> None:
    """One process trains for all: torch takes longer to import than each of them to fail."""
    pytest.importorskip("torch")
    (later / "each.py").write_text(TRAIN_EACH)
    paths = os.pathsep.join([str(ROOT / "tests"), str(ROOT)])
    command = [sys.executable, "each.py", json.dumps(list(LATE))]
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=later, env=environment, capture_output=True, text=True, check=True)
    for run, (change, line) in enumerate(zip(LATE, done.stdout.splitlines(), strict=True)):
        kept = ("trained until step_000000032 is kept", f"simon train --resume run{run}")
        refused(Done(change, *json.loads(line)), LATE[change], *kept)
    mended = LATER.replace("== 20", "== -1").replace("20 -", "-1 -")
    (later / "later.py").write_text(mended)
    goes_on = simon_process("train", "--resume", "run0", "--plugin", "later.py", "--json", cwd=later)
    assert goes_on.returncode == 0, goes_on.stderr
    assert json.loads(goes_on.stdout)["steps"] >= 64


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["ray", "rllib"])
def test_over_ray_it_is_named_too(later: Path, engine: str) -> None:
    pytest.importorskip("ray")
    change = "env.events.later.on=true"
    more = ("--by", engine, "--set", "ppo.batch_size=16")
    done = simon_process(*TRAIN, "--run-dir", "run", "--set", change, *more, cwd=later)
    refused(done, LATE[change], "simon train --resume run")
    assert done.stderr.count(LATE[change]) == 1, done.stderr


def test_a_command_of_a_plugin_that_fails_is_named(tmp_path: Path) -> None:
    file = tmp_path / "failing.py"
    file.write_text(
        "from simonsays.experiments.cli import register_command\n\n@register_command\ndef fail() -> None:\n"
        '    """Fail."""\n    1 / 0\n'
    )
    told = f"plug-in failing.py: ZeroDivisionError: division by zero ({file}, line 6)"
    refused(simon_process("--plugin", "failing.py", "fail", cwd=tmp_path), told)
