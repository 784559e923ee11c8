"""A package of somebody else's with one thing of each kind: every command takes them, and no file of ours knows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "tests" / "envs"

INIT = '''
"""A motion and its skill (sway), a reward, a block, an exam and folders of files."""
from pathlib import Path

from simonsays.assets.plugins import register_assets
from simonsays.envs.observations import block
from simonsays.envs.rewards import reward
from simonsays.experiments.exams.exam import Exam, Question, register_exam

from outsider import sway, sway_skill

register_assets(Path(__file__).parent)


@reward
def outsiders_calm(ctx):
    """Squared speed (m^2/s^2) of the base, up and down. >= 0."""
    return ctx.state.base_linear_velocity[2] ** 2


@block(4, 1.0, 5.0, "scalar")
def outsiders_scan(ctx):
    """(4,) m, four heights."""
    return [ctx.state.base_position[2]] * 4


def draw(random):
    yield Question("sway twice", {"steps": [{"verb": "sway", "count": 2}]})
    yield Question("please fly")


register_exam(Exam("swaying-exam", "sways", "nobody's", draw))
'''
RECIPE = """
env_id = "simonsays.envs:G1-Sway-v0"
workers = 1
envs_per_worker = 2
network = {hidden = [8]}
ppo = {n_steps = 16, batch_size = 32, n_epochs = 1}
checkpoint_steps = 32

[env]
reward_weights = {alive = 0.2, swayed = 1.0, outsiders_calm = -1.0, fall = -12.0}
blocks = ["gravity", "command", "gait_phase", "leg_positions", "leg_velocities", "last_action", "outsiders_scan"]

[[stages]]
name = "only"
steps = 64
learning_rate = 1e-3

[search]
"ppo.n_epochs" = {low = 1, high = 2}
"""
SET = """
[[examples]]
text = "sway, then turn left 30 degrees"
language = "en"
scene = "court"
expect = { steps = [{ verb = "sway" }, { verb = "turn", direction = "left", angle_deg = 30.0 }] }

[[examples]]
text = "摇摆"
language = "zh"
scene = "court"
expect = { steps = [{ verb = "sway" }] }
"""
SCENE = '[[props]]\nshape = "ball"\ncolor = "red"\nposition = [2.0, 1.0]\n'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed package in ``site`` and nothing else."""
    folder = tmp_path_factory.mktemp("outside")
    package = folder / "site" / "outsider"
    files = (("recipes", "swaying", RECIPE), ("instructions", "swayset", SET), ("scenes", "court", SCENE))
    for kind, name, text in files:
        (package / kind).mkdir(parents=True)
        (package / kind / f"{name}.toml").write_text(text, encoding="utf-8")
    (package / "__init__.py").write_text(INIT)
    for name in ("sway", "sway_skill"):
        (package / f"{name}.py").write_text((SOURCES / f"{name}.py").read_text())
    about = folder / "site" / "outsider-2.1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 2.1\n")
    (about / "entry_points.txt").write_text("[simonsays]\nthings = outsider\n")
    return folder


def simon(place: Path, *words: str, codes: tuple[int, ...] = (0,)) -> str:
    """What a command prints, or its error, if it ends with one of some exit codes; nothing names the package."""
    paths = os.pathsep.join([str(place / "site"), str(ROOT)])
    command = [sys.executable, "-m", "simonsays.experiments.cli", *words]
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode in codes, f"simon {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stderr if 2 in codes else done.stdout


def test_everything_is_listed_with_where_it_is_from(place: Path) -> None:
    found = json.loads(simon(place, "list", "--json"))
    for kind, name in {
        "skills": "sway",
        "motions": "sway",
        "rewards": "outsiders_calm",
        "blocks": "outsiders_scan",
        "recipes": "swaying",
        "scenes": "court",
        "instruction sets": "swayset",
        "exams": "swaying-exam",
        "envs": "simonsays.envs:G1-Sway-v0",
    }.items():
        assert found[kind][name]["from"] == "outsider 2.1 (entry point 'things')", kind


def test_it_is_parsed_explained_said_and_rendered(place: Path) -> None:
    assert json.loads(simon(place, "parse", "摇摆两次", "--json"))["steps"] == [{"verb": "sway", "count": 2}]
    explained = json.loads(simon(place, "explain", "sway", "--scene", "court", "--json"))
    assert [step["step"] for step in explained["plan"]] == ["sway"] and explained["problem"] is None
    said = json.loads(simon(place, "says", "sway", "--scene", "court", "--no-video", "--record", "sway.npz", "--json"))
    assert said["verdict"] == "success" and said["scene_name"] == "court"
    how = ("--size", "160x90", "--pictures", "2", "--renderer", "tiny", "--jobs", "2")
    simon(place, "render", "sway.npz", "--out", "sway.png", *how)
    assert (place / "sway.png").stat().st_size > 1000


def test_its_exam_is_sat(place: Path) -> None:
    found = json.loads(simon(place, "exam", "swaying-exam", "--json"))
    assert (found["sentences"], found["executable"], found["exact"]) == (2, 1, {"of": 1, "right": 1, "wrong": 0})


@pytest.mark.slow
def test_it_is_trained_in_workers_and_evaluated(place: Path) -> None:
    pytest.importorskip("torch")
    made = json.loads(simon(place, "train", "swaying", "--run-dir", "run", "--json"))
    assert made["steps"] >= 64 and made["bundle"]
    described = json.loads((place / "run" / "bundle" / "policy.json").read_text())
    assert described["observation"][-1] == {"block": "outsiders_scan", "width": 4}
    found = json.loads(simon(place, "evaluate", "run/bundle", "--episodes", "2", "--jobs", "2", "--json"))
    assert found["protocols"] == ["sway"] and found["swayed"]["count"] == 2
    said = simon(place, "says", "站半秒", "--policy", "run/bundle", "--no-video", "--json", codes=(0, 1))  # it may fall
    assert json.loads(said)["env"]["observation"] == described["observation"]


def test_its_instruction_set_is_a_suite(place: Path) -> None:
    simon(place, "benchmark", "--suite", "swayset", "--seeds", "1", "--jobs", "2", "--out", "bench")
    results = json.loads((place / "bench" / "results.json").read_text())
    assert [episode["matching"]["success"] for episode in results["episodes"]] == [True, True]
    assert "sway" in results["manifest"]["skills"]


def test_an_error_of_its_code_in_a_worker_is_told_with_its_place(place: Path) -> None:
    (place / "judging.py").write_text(
        "from simonsays.experiments.benchmark.judge import register_test\n"
        "def swayed(part, step, aim):\n"
        "    raise ValueError('no such place')\n"
        "register_test('sway', swayed)\n"
    )
    words = ("benchmark", "--suite", "swayset", "--limit", "2", "--jobs", "2", "--out", "odd", "--plugin", "judging.py")
    told = " ".join(simon(place, *words, codes=(2,)).split())
    assert "error: plug-in judging.py: ValueError: no such place (" in told and "judging.py, line 3)" in told


def test_the_live_page_knows_it(place: Path) -> None:
    code = """
from simonsays.experiments.live.control import Control
from simonsays.experiments.live.session import LiveSession
from pathlib import Path
import json
session = LiveSession("court")
told = json.loads(Control(session, Path(), "light", lambda text: None).greeting(""))
job = session.submit("sway")
for _ in range(400):
    session.step()
print(job.status, "court" in told["scenes"], "sway" in [skill["verb"] for skill in told["skills"]])
session.close()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(place / "site"), str(ROOT)])}
    done = subprocess.run([sys.executable, "-c", code], cwd=place, env=environment, capture_output=True, text=True)
    assert done.stdout == "success True True\n", done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", "ray"])
def test_sweeps_take_it(place: Path, engine: str) -> None:
    pytest.importorskip("optuna")
    if engine == "ray":
        pytest.importorskip("ray")
    command = ("sweep", "swaying", "--trials", "2", "--jobs", "1", "--episodes", "2", "--run-dir", f"sweep-{engine}")
    simon(place, *command, "--by", engine)
    assert (place / f"sweep-{engine}" / "best.toml").is_file()
