"""The contract of a judge's test of a verb: what the benchmark relies on."""

from __future__ import annotations

from pathlib import Path

from simonsays.envs.language import parse
from simonsays.envs.moves.skill import skills
from simonsays.sim.specs import load_scene
from simonsays.testing._holding import accepted, holds
from simonsays.testing.recordings import record


def check_judge(verb: str, *, text: str | None = None, scene: str | Path = "playground", seed: int = 0) -> None:
    """Check the judge's test of a verb by ``text``, the skill's example by default, which the robot does in a scene.

    It finds the step done in what was recorded of that. Of a robot that only stands it says what is wrong, unless the
    skill is ``at_rest``.

    Raises:
        AssertionError: something does not hold; the message says what.
    """
    from simonsays.experiments.benchmark.aims import find_aims
    from simonsays.experiments.benchmark.episodes import segments
    from simonsays.experiments.benchmark.judge import Finding, verb_tests
    from simonsays.experiments.benchmark.track import track
    from simonsays.experiments.say import run_instruction

    known, tests, what = skills(), verb_tests(), f"judge's test of {verb!r}"
    holds(verb in known, f"{what}: there is no skill {verb!r}")
    holds(verb in tests, f"{what}: there is none: give one to register_test")
    example, test = text or known[verb].example, tests[verb]
    with accepted(what):
        place, said = load_scene(scene), parse(example)
        done = run_instruction(example, instruction=said, scene=place, seed=seed)
    holds(done.success, f"{what}: the robot fails to {example!r} in scene {place.name!r}: nothing to judge by")
    parts = segments(done.plan, done.verdicts, float(done.recording.time[-1]))
    idle = track(record(5.0, scene=place))
    for step, aim, part in zip(said.steps, find_aims(said, place), parts, strict=True):
        assert part is not None
        for seen, wanted in ((track(done.recording).part(*part), True), (idle, False)):
            try:
                found = test(seen, step, aim)
            except Exception as error:
                raise AssertionError(f"{what}: raises {type(error).__name__}: {error}") from error
            holds(isinstance(found, Finding), f"{what}: gives {found!r}, not a Finding")
            if wanted:
                holds(found.ok, f"{what}: of {example!r}, which the robot did, it says {found.fault!r}")
            else:
                holds(not found.ok or known[verb].at_rest, f"{what}: it finds it done where the robot only stands")
