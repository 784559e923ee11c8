"""What one side does: run by __main__.py in a process that imports one of the trees as ``simonsays``.

``python probe.py PART INPUTS.json`` writes what it found into the folder that it runs in. It knows no module of the
project by its place (finding.py), so that it works on trees that keep things elsewhere.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from finding import NotFound, check_origin, find
from numpy.typing import NDArray

ROWS = 200


def parses(inputs: Any) -> None:
    """found.json: for each case its Instruction or error, renderings, plan or why there is none."""
    scenes: dict[str, Any] = {}
    find("skills")()
    found = {}
    for case in inputs["cases"]:
        key = json.dumps(case["scene"], sort_keys=True)
        if key not in scenes:
            scenes[key] = _scene(case["scene"])
        name = case["scene"] if isinstance(case["scene"], str) else f"scene {list(scenes).index(key)}"
        found[f"{case['text']} [{name}]"] = _understood(case["text"], scenes[key])
    for text in inputs["scan"]:
        found[f"{text} [SCAN's reading]"] = _said(partial(_scan, text))
    _write("found.json", found)


def _scan(text: str) -> dict[str, Any]:
    return {"actions": find("scan_actions")(text)}


def _scene(given: Any) -> Any:
    return find("load_scene")(given) if isinstance(given, str) else find("scene_from_dict")(given)


def _understood(text: str, scene: Any) -> dict[str, Any]:
    read: list[Any] = []

    def reading() -> dict[str, Any]:
        analysis = find("analyze")(text)
        read.append(analysis.instruction)
        render = find("render")
        return {
            "instruction": analysis.instruction.to_json(),
            "corrections": [[each.word, each.read_as, each.position] for each in analysis.corrections],
            "rendered": {language: render(read[0], language) for language in ("en", "zh")},
        }

    found = _said(reading)
    return {**found, "plan": _said(lambda: {"steps": _plan(read[0], scene)})} if read else found


def _plan(instruction: Any, scene: Any) -> list[dict[str, Any]]:
    plan = find("ground")(instruction, scene, find("get_robot")("g1"))
    listed = []
    for step in plan.steps:
        goal, target = step.goal, step.target
        listed.append(
            {
                **{name: getattr(step, name) for name in ("verb", "text", "time_limit", "success", "legs", "stays")},
                "parallel_with_prev": step.parallel_with_prev,
                "goal": None if goal is None else [float(x) for x in goal],
                "target": None if target is None else target.name,
            }
        )
    return listed


def _said(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a function gives, or the error that it raises."""
    try:
        return make()
    except NotFound:
        raise
    except Exception as error:
        kind, span = type(error).__name__, getattr(error, "span", None)
        if kind == "ParseError":  # tells its place itself
            told, span = error.to_json(), None  # type: ignore[attr-defined]
        else:
            told = {"message": str(error)}
        where = {"span": list(span)} if span else {}
        return {"error": {"kind": kind, "code": getattr(error, "code", None), **told, **where}}


def recordings(inputs: Any) -> None:
    """N.npz for each run, and found.json with success or error of each."""
    found = {}
    for i, run in enumerate(inputs["runs"]):
        found[str(i)] = _said(partial(_record, run, Path(f"{i}.npz")))
    _write("found.json", found)


def _record(run: dict[str, Any], file: Path) -> dict[str, Any]:
    result = _say()(run["text"], scene=run["scene"], seed=run["seed"])
    getattr(result, "recording", result).save(file)
    return {"success": bool(result.success)}


def _say() -> Any:
    """The function that does what a sentence says."""
    try:
        return find("run_instruction")
    except NotFound:
        import simonsays

        return simonsays.say  # type: ignore[attr-defined]


def onnx(inputs: Any) -> None:
    """NAME.npz for each policy: actions on random observations; NAME.json: inputs and outputs of its model."""
    for name, widths in inputs.items():
        rng = np.random.default_rng(list(name.encode()))
        blocks = {block: rng.normal(size=(ROWS, width)).astype(np.float32) for block, width in widths.items()}
        goal = "desired_goal" in blocks
        parts = blocks if goal else {"observation": np.concatenate(list(blocks.values()), axis=1)}
        policy = find("load_policy")(name)
        observation: Any = parts if goal else parts["observation"]
        found = {"numpy": policy.predict(observation, deterministic=True)[0]}
        policy.seed(0)
        found["numpy, drawn"] = policy.predict(observation)[0]
        model, actions = _model(name, parts)
        arrays: dict[str, Any] = {**found, **actions}
        np.savez(f"{name}.npz", **arrays)
        _write(f"{name}.json", model)


def _model(name: str, parts: dict[str, NDArray[Any]]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What the exported model takes and gives, and its outputs if it takes just these parts."""
    import onnxruntime

    command = ["-m", "simonsays.experiments.cli", "export", "onnx", name, "--out", f"{name}.onnx"]
    subprocess.run([sys.executable, *command], check=True)
    session = onnxruntime.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])
    takes, gives = [each.name for each in session.get_inputs()], [each.name for each in session.get_outputs()]
    if set(takes) != set(parts):
        return {"inputs": takes, "outputs": gives}, {}
    given = session.run(gives, parts)
    return {"inputs": takes, "outputs": gives}, {f"onnx {key}": value for key, value in zip(gives, given, strict=True)}


def bench(_: Any) -> None:
    """Answer every line on standard input by a line with measured times (s)."""
    import gymnasium

    env = gymnasium.make("simonsays.envs:G1-Locomotion-v0")
    policy = find("load_policy")("g1-locomotion")
    answers = sys.stdout
    for line in sys.stdin:
        seed = int(line)
        times = {"env step": _time_steps(env, policy, seed)}
        for text in ("walk forward one metre", "去红色的球旁边"):
            began = time.perf_counter()
            result = _say()(text, scene="playground", seed=seed)
            recording = getattr(result, "recording", result)
            times[f"{text!r}, a control step"] = (time.perf_counter() - began) / len(recording.time)
        answers.write(json.dumps(times) + "\n")
        answers.flush()


def _time_steps(env: Any, policy: Any, seed: int, steps: int = 250) -> float:
    """Seconds an env step takes while the robot walks, the policy's own time aside."""
    observation, _ = env.reset(seed=seed, options={"command": [0.4, 0.0, 0.2]})
    total = 0.0
    for _ in range(steps):
        action = policy.predict(observation, deterministic=True)[0]
        began = time.perf_counter()
        observation, *_ = env.step(action)
        total += time.perf_counter() - began
    return total / steps


def _write(name: str, data: Any) -> None:
    Path(name).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


PROBES = {"parses": parses, "recordings": recordings, "onnx": onnx, "bench": bench}

if __name__ == "__main__":
    PROBES[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
    check_origin()
