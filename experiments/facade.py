"""The main jobs as functions: what ``import simonsays`` gives. They do what the commands of their names do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simonsays.envs.language import Instruction
    from simonsays.envs.language.parser import Reading
    from simonsays.experiments.say import SayResult
    from simonsays.sim.recording import Recording
    from simonsays.sim.specs import SceneSpec

__all__ = ["evaluate", "parse", "render", "say", "train"]


def parse(text: str, language: str | None = None, reading: Reading = "everyday") -> Instruction:
    """Read a sentence; the words of plug-ins' skills are known, too. ``language``: its code, as en or zh.

    ``reading``: "everyday", or "scan" for SCAN's ("walk left" turns, then walks).

    Raises:
        ParseError: it was not understood; the message names the word and its place.
    """
    from simonsays.assets.plugins import load_plugins
    from simonsays.envs import language as languages

    load_plugins()
    return languages.parse(text, language, reading)


def say(
    text: str,
    *,
    scene: SceneSpec | str | Path = "playground",
    seed: int = 0,
    robot: str | None = None,
    policy: str | Path | None = None,
    engine: str = "bullet",
    recover: bool = False,
    out: str | Path | Sequence[str | Path] = (),
    jobs: int = 1,
    **settings: Any,
) -> SayResult:
    """Do what a sentence, English or Mandarin, says, in simulation.

    Args:
        scene: a scene's name, a TOML file, or a SceneSpec. seed: of everything random; equal arguments give equal
            recordings.
        robot: a name, or a .py file that registers one; by default the one that the policy is for.
        policy: that walks: a name, or a bundle's folder; by default the robot's own.
        engine: of the physics, "bullet" or "mujoco"; see docs/engines.md.
        recover: where it falls it gets up and begins the step anew.
        out: files to write: a recording (.npz), a film (.mp4, .gif), a contact sheet (.png), a page (.html).
        jobs: processes that draw a film; more than one need ``if __name__ == "__main__":`` in a script.
        settings: of a film, as of :class:`FilmSettings`: ``size=(1280, 720), cameras=("orbit",), story=True``.

    Returns:
        The recording, the plan, a verdict for each step, and whether all of it was a ``success``.

    Raises:
        ParseError, GroundingError, InputError: bad text, scene, robot, policy, engine, file or setting; nothing has
            been simulated or written then.
    """
    from simonsays.assets.files import check_writable
    from simonsays.experiments.film import check_film, film_settings
    from simonsays.experiments.film import render as film
    from simonsays.experiments.say import run_instruction

    files = [Path(out)] if isinstance(out, str | Path) else [Path(file) for file in out]
    wanted = film_settings(settings)
    for file in files:
        if file.suffix.lower() == ".npz":
            check_writable(file, (".npz",))
        else:
            check_film(file, wanted)
    how: dict[str, Any] = {"scene": scene, "seed": seed, "robot": robot, "policy": policy, "engine": engine}
    result = run_instruction(text, **how, recover=recover)
    for file in files:
        if file.suffix.lower() == ".npz":
            result.recording.save(file)
        else:
            film([result.recording], file, wanted, jobs=jobs)
    return result


def render(
    recording: Recording | str | Path | Sequence[Recording | str | Path],
    out: str | Path,
    *,
    jobs: int = 1,
    **settings: Any,
) -> Path:
    """Turn a recording, or several side by side, into a film (.mp4, .gif), a contact sheet (.png) or a page (.html).

    Args:
        recording: a Recording, or a file of one (.npz); or several of them.
        jobs, settings: as of :func:`say`.

    Raises:
        InputError: no such recording, an impossible setting, or a file that cannot be written.
    """
    from simonsays.experiments.film import film_settings
    from simonsays.experiments.film import render as film
    from simonsays.sim.recording import Recording

    several = [recording] if isinstance(recording, Recording | str | Path) else recording
    loaded = [each if isinstance(each, Recording) else Recording.load_all(Path(each)) for each in several]
    return film(loaded, out, film_settings(settings), jobs=jobs).file


def train(
    recipe: str | Path = "locomotion",
    run_dir: str | Path | None = None,
    *,
    steps: int | None = None,
    resume: bool = False,
    init: str | Path | None = None,
    **changes: Any,
) -> Path:
    """Train a recipe; worker processes step the envs, so that a script needs ``if __name__ == "__main__":``.

    Args:
        recipe: a recipe's name, or a TOML file.
        run_dir: folder of the run; ``runs/RECIPE-TIME`` by default. resume: go on with the run that it holds, by the
            recipe kept there; no other argument has a meaning then.
        steps: env steps in all. init: a bundle to start the weights from.
        changes: to the recipe, its tables as dicts: ``seed=1, ppo={"n_steps": 64}, env={"friction": 0.8}``; the
            engine of the physics is one of them, ``engine="mujoco"``.

    Returns:
        The folder of the trained policy's bundle, for :func:`evaluate` and :func:`load_policy`.

    Raises:
        InputError: no such recipe or key, an impossible value, or a folder that holds another run.
    """
    from simonsays.assets import InputError, needs_extra

    with needs_extra("train", "training"):
        from simonsays.agents.runs.sessions import read_run
        from simonsays.agents.training.options import TrainOptions
        from simonsays.agents.training.train import train as run_training
    from simonsays.agents.recipes.overrides import flat
    from simonsays.agents.recipes.recipe import changed_recipe, load_recipe, with_steps
    from simonsays.agents.runs.run_dir import new_run

    if resume:
        if run_dir is None or steps is not None or init is not None or changes:
            raise InputError("resume goes on with the run in run_dir as it was: no steps, init or changes")
        return run_training(read_run(Path(run_dir)), Path(run_dir), TrainOptions(resume=True))
    plan = load_recipe(recipe)
    if changes:
        plan = changed_recipe(plan.model_dump(mode="json"), list(flat(changes).items()), f"recipe {plan.name!r}")
    plan = plan if steps is None else with_steps(plan, steps)
    folder = Path(run_dir or new_run(plan.name))
    return run_training(plan, folder, TrainOptions(init=init))


def evaluate(
    policy: str | Path | None = None,
    *,
    env: str | None = None,
    episodes: int = 200,
    seed: int = 0,
    jobs: int = 1,
    protocols: Sequence[str] | None = None,
    engine: str = "bullet",
) -> dict[str, Any]:
    """Measure a policy without any assistance, with 95% intervals.

    Args:
        policy: a policy's name, or the folder of a bundle or of a run. env: id of the env; that of its training by
            default. episodes: of the longest protocol; the others take a share of it. seed: the first one.
        jobs: processes; more than one need ``if __name__ == "__main__":`` in a script.
        protocols: names of some of its motion's; all by default. engine: of the physics; see docs/engines.md.

    Returns:
        Figures by name: ``value``, ``low``, ``high`` and ``count`` each, or None where there is nothing to tell.

    Raises:
        InputError: no such policy, env, protocol or engine, or the policy does not fit the env.
    """
    from simonsays.agents.measure.checkpoints import bundle_of
    from simonsays.agents.measure.evaluate import evaluate as measured
    from simonsays.envs.policy.choice import chosen
    from simonsays.experiments.jobs.engines import absolute

    bundle = absolute(bundle_of(str(chosen(policy=policy)[1] if policy is None else policy)))
    return measured(bundle, env, episodes=episodes, seed=seed, jobs=jobs, protocols=protocols, engine=engine)
