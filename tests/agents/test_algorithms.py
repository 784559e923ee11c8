"""Every registered algorithm: a short training, its bundle in NumPy, its table; what actors and critics may see."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from tiny_runs import tiny as own

from simonsays.agents.measure.protocols import _falls_per_minute
from simonsays.agents.measure.rollout import prepare, run
from simonsays.agents.recipes.hyperparameters import HYPERPARAMETERS, OnPolicy, register_algorithm
from simonsays.agents.recipes.recipe import recipe_from_dict
from simonsays.assets import InputError
from simonsays.envs.env import HumanoidEnv
from simonsays.envs.policy.description import describe_env
from simonsays.envs.policy.policy import acting, load_policy
from simonsays.experiments.say import run_instruction
from simonsays.sim.specs import SceneSpec

torch = pytest.importorskip("torch")

from stable_baselines3 import A2C  # noqa: E402

from simonsays.agents.bundles.bundle import load_into, write_bundle  # noqa: E402
from simonsays.agents.runs.run_dir import load_checkpoint, load_weights, newest_checkpoint  # noqa: E402
from simonsays.agents.training import train as training  # noqa: E402
from simonsays.agents.training.algorithms import FAMILIES, bundled, make_policy  # noqa: E402
from simonsays.agents.training.callbacks import Progress  # noqa: E402

ENV_ID, GOTO = "simonsays.envs:G1-Locomotion-v0", "simonsays.envs:G1-GoTo-v0"
TRUNKS = ("mlp", "residual", "hyper", "mhc")
PRIVILEGED = ["base_linear_velocity", "ground_friction", "payload", "push", "foot_contacts", "foot_heights"]
SMALL: dict[str, Any] = {
    "n_steps": 16,
    "batch_size": 32,
    "n_epochs": 1,
    "n_critic_updates": 1,
    "lstm_hidden_size": 6,
    "n_lstm_layers": 2,
    "buffer_size": 200,
    "learning_starts": 20,
    "train_freq": 8,
    "gradient_steps": 2,
    "n_quantiles": 5,
    "n_delta": 1,
}


def tiny(algorithm: str, **changes: Any) -> Any:
    """A recipe of 32 env steps."""
    table = {key: value for key, value in SMALL.items() if key in HYPERPARAMETERS[algorithm].model_fields}
    data = {
        "name": "tiny",
        "env_id": ENV_ID,
        "algorithm": algorithm,
        "workers": 1,
        "envs_per_worker": 2,
        "network": {"hidden": [8, 6]},
        "env": {"episode_seconds": 0.2},
        "stages": [{"name": "only", "steps": 32, "learning_rate": 1e-3}],
        algorithm: table,
        **changes,
    }
    return recipe_from_dict(data, "test")


def torch_policy(recipe: Any, probe: Any) -> Any:
    made, arguments = make_policy(recipe, probe)
    return made(probe.observation_space, probe.action_space, lambda _: 1e-3, **arguments)  # type: ignore[arg-type]


def trained_policy(recipe: Any, run_folder: Path, probe: Any) -> Any:
    policy = torch_policy(recipe, probe)
    load_weights(policy, load_checkpoint(newest_checkpoint(run_folder))[1], run_folder)
    return policy


def shaken_bundle(recipe: Any, probe: Any, folder: Path) -> tuple[Any, Any]:
    """A policy whose weights, and statistics of normalisation, are random; in torch and as a bundle."""
    policy, generator = torch_policy(recipe, probe), torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, tensor in policy.state_dict().items():
            if tensor.is_floating_point():
                tensor += 0.2 * torch.rand(tensor.shape, generator=generator) * (1 if "var" in name else -1) + 0.01
    write_bundle(folder, bundled(recipe, policy), probe, {}, "card", recipe.env_id)
    return policy, load_policy(folder)


def random_observations(space: Any, count: int) -> Any:
    rng = np.random.default_rng(0)
    if hasattr(space, "spaces"):
        return {key: rng.normal(size=(count, *part.shape)).astype(np.float32) for key, part in space.spaces.items()}
    return rng.normal(size=(count, *space.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def probe() -> Any:
    env = HumanoidEnv()
    yield env
    env.close()


@pytest.mark.parametrize("algorithm", HYPERPARAMETERS)
def test_a_training_leaves_a_bundle_that_computes_what_torch_does(algorithm: str, tmp_path: Path, probe: Any) -> None:
    recipe = tiny(algorithm)
    bundle = training.train(recipe, tmp_path / "run")
    policy, mine = trained_policy(recipe, tmp_path / "run", probe), load_policy(bundle)
    mine.check(probe)
    observations = random_observations(probe.observation_space, 20)
    expected = policy.predict(observations, deterministic=True)[0]
    np.testing.assert_allclose(mine.predict(observations, deterministic=True)[0], expected, atol=1e-5)
    one = mine.predict(observations[0], deterministic=True)[0]
    np.testing.assert_allclose(one, expected[0], atol=1e-5)
    assert np.abs(mine.predict(100 * observations)[0]).max() <= 3.0
    first = torch_policy(recipe, probe).state_dict()
    assert any(not torch.equal(first[name], value) for name, value in policy.state_dict().items() if "bias" in name)
    assert mine.description["training"]["algorithm"] == HYPERPARAMETERS[algorithm].title


@pytest.mark.parametrize("trunk", TRUNKS)
@pytest.mark.parametrize("algorithm", HYPERPARAMETERS)
def test_any_trunk_in_numpy_computes_what_torch_does(algorithm: str, trunk: str, tmp_path: Path, probe: Any) -> None:
    recipe = tiny(algorithm, network={"hidden": [8, 6, 4], "trunk": trunk, "streams": 3})
    policy, mine = shaken_bundle(recipe, probe, tmp_path / "bundle")
    observations = random_observations(probe.observation_space, 20)
    expected = policy.predict(observations, deterministic=True)[0]
    assert np.abs(expected).max() > 0.01 and np.abs(expected - expected[0]).max() > 0
    np.testing.assert_allclose(mine.predict(observations, deterministic=True)[0], expected, atol=1e-5)


@pytest.mark.parametrize("algorithm", [name for name, table in HYPERPARAMETERS.items() if table.mirrors])
def test_what_is_learned_of_one_side_holds_for_the_other(algorithm: str, tmp_path: Path, probe: Any) -> None:
    recipe = tiny(algorithm, network={"hidden": [8, 6], "trunk": "residual", "mirror": True})
    policy, mine = shaken_bundle(recipe, probe, tmp_path / "bundle")
    observations, mirror = random_observations(probe.observation_space, 20), probe.mirror
    mirrored = observations[:, mirror["observation"]] * np.array(mirror["observation_sign"], np.float32)
    expected = policy.predict(observations, deterministic=True)[0]
    other = policy.predict(mirrored, deterministic=True)[0]
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(other, expected[:, mirror["action"]] * mirror["action_sign"], atol=1e-5)
    np.testing.assert_allclose(mine.predict(observations, deterministic=True)[0], expected, atol=1e-5)


@pytest.mark.parametrize(
    "algorithm",
    [
        name if name in ("sac", "td3") else pytest.param(name, marks=pytest.mark.slow)
        for name, table in HYPERPARAMETERS.items()
        if table.her
    ],
)
def test_hindsight_works_with_every_algorithm_that_takes_it(algorithm: str, tmp_path: Path) -> None:
    recipe = tiny(
        algorithm,
        env_id=GOTO,
        her={},
        network={"hidden": [8], "features": "relative_goal"},
        env={"episode_seconds": 0.4, "hold_seconds": 0.04},
    )
    bundle = training.train(recipe, tmp_path / "run")
    probe = training.make_env(recipe)
    mine, policy = load_policy(bundle), trained_policy(recipe, tmp_path / "run", probe)
    mine.check(probe)
    observations = random_observations(probe.observation_space, 10)
    expected = policy.predict(observations, deterministic=True)[0]
    np.testing.assert_allclose(mine.predict(observations, deterministic=True)[0], expected, atol=1e-5)
    probe.close()


@pytest.mark.parametrize("algorithm", ["crossq", "ppo", "ars"])
def test_hindsight_is_refused_elsewhere(algorithm: str) -> None:
    with pytest.raises(InputError, match=rf"\[her\].*{algorithm}"):
        tiny(algorithm, her={"n_sampled_goal": 3})


@pytest.mark.parametrize("algorithm", HYPERPARAMETERS)
def test_a_misspelt_key_is_named_with_the_right_one(algorithm: str) -> None:
    key = next(iter(HYPERPARAMETERS[algorithm].model_fields))
    with pytest.raises(InputError, match=rf"{algorithm}\.{key}x.*did you mean '{algorithm}\.{key}'"):
        tiny(algorithm, **{algorithm: {f"{key}x": 1}})


def test_unknown_algorithms_and_other_tables_are_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'crossq'"):
        recipe_from_dict({**tiny("sac").model_dump(), "algorithm": "crosq"}, "test")
    with pytest.raises(InputError, match=r"\[td3\]"):
        tiny("sac", td3={"gamma": 0.5})
    with pytest.raises(InputError, match="mirror"):
        tiny("ars", network={"mirror": True})
    with pytest.raises(InputError, match=r"history: belongs into \[env\]"):
        tiny("ppo", stages=[{"name": "a", "steps": 1, "learning_rate": 1.0, "env": {"history": 2}}])
    with pytest.raises(InputError, match="width"):
        tiny("ppo", network={"hidden": [], "trunk": "mhc"})


def test_a_recipe_says_only_its_own_table_and_needs_no_torch() -> None:
    recipe = tiny("tqc")
    data = recipe.model_dump(mode="json")
    assert [name for name in data if name in HYPERPARAMETERS] == ["tqc"]
    assert recipe_from_dict(data, "again") == recipe
    code = "import sys; from simonsays.agents.recipes.recipe import load_recipe as load; load('locomotion')"
    code += "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("algorithm", ["sac", "td3"])
def test_discrete_actions_are_refused_where_they_cannot_be_learned(algorithm: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{algorithm} needs actions in a Box"):
        training.train(tiny(algorithm, env_id="CartPole-v1", env={}), tmp_path / "run")


@pytest.mark.parametrize("algorithm", ["td3", "a2c"])
def test_assistance_fades_with_any_algorithm(algorithm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "interval", 16)
    stage = {"name": "a", "steps": 128, "learning_rate": 1e-3, "assisted": True}
    training.train(tiny(algorithm, stages=[stage], fade_length=0.01), tmp_path / "run")
    assert json.loads((newest_checkpoint(tmp_path / "run") / "state.json").read_text())["assistance"] < 1.0


def test_a_recurrent_policy_remembers_as_torch_does(tmp_path: Path, probe: Any) -> None:
    recipe = tiny("recurrent_ppo")
    policy, mine = shaken_bundle(recipe, probe, tmp_path / "bundle")
    assert mine.recurrent
    series = random_observations(probe.observation_space, 12)
    act, state = acting(mine), None
    for i, observation in enumerate(series):
        starts = np.array([i == 6])
        expected, state = policy.predict(observation, state, starts, deterministic=True)
        if i == 6:
            act = acting(mine)
        np.testing.assert_allclose(act(observation), expected, atol=1e-5)
    _, state = mine.predict(series[:3])
    again, _ = mine.predict(series[:3], state, np.array([True, False, True]), deterministic=True)
    fresh, _ = mine.predict(series[:3], deterministic=True)
    assert np.allclose(again[[0, 2]], fresh[[0, 2]], atol=1e-6) and not np.allclose(again[1], fresh[1], atol=1e-4)
    trace = run(probe, mine, probe.reset(seed=0)[0], 5)
    assert len(trace) == 5


@pytest.mark.parametrize(("algorithm", "history"), [("recurrent_ppo", 1), ("ppo", 3)])
def test_a_policy_that_remembers_can_be_told_what_to_do(
    algorithm: str, history: int, tmp_path: Path, probe: Any
) -> None:
    own = HumanoidEnv(history=history)
    shaken_bundle(tiny(algorithm, env={"history": history}), own, tmp_path / "bundle")
    result = run_instruction("walk forward one metre", policy=tmp_path / "bundle", scene=SceneSpec())
    assert not result.success and result.recording.time[-1] > 0.3  # it falls, but it was asked at every step
    own.close()


def test_a_policy_that_falls_at_once_is_measured() -> None:
    assert _falls_per_minute([{"seconds": 0.0, "fell": 1}]) is None


# What an actor and a critic may see.


@pytest.mark.parametrize("trunk", ["mlp", "mhc"])
def test_the_critic_alone_sees_what_is_privileged(trunk: str, tmp_path: Path, probe: Any) -> None:
    recipe = tiny(
        "ppo",
        network={"hidden": [8, 6], "trunk": trunk},
        env={"episode_seconds": 0.2, "privileged": PRIVILEGED, "push_speed": 1.0, "payload": [-1.0, 1.0]},
    )
    bundle = training.train(recipe, tmp_path / "run")
    mine = load_policy(bundle)
    mine.check(probe)  # the env of an evaluation has no such blocks
    own = training.make_env(recipe)
    mine.check(own)
    policy = trained_policy(recipe, tmp_path / "run", own)
    seen = random_observations(own.observation_space, 10)
    other = {**seen, "privileged": -seen["privileged"]}
    expected = policy.predict(seen, deterministic=True)[0]
    np.testing.assert_array_equal(policy.predict(other, deterministic=True)[0], expected)
    for given in (seen, seen["observation"]):
        np.testing.assert_allclose(mine.predict(given, deterministic=True)[0], expected, atol=1e-5)
    as_torch = [{key: torch.from_numpy(value) for key, value in each.items()} for each in (seen, other)]
    with torch.no_grad():
        values, others = (policy.predict_values(each) for each in as_torch)
        mirror = own.mirror
        mirrored = {
            key: part[:, mirror[key]] * torch.tensor(mirror[f"{key}_sign"], dtype=torch.float32)
            for key, part in as_torch[0].items()
        }
        assert not torch.allclose(values, others)
        torch.testing.assert_close(policy.predict_values(mirrored), values)
    fresh = torch_policy(recipe, own)
    load_into(bundle, fresh, own)
    np.testing.assert_allclose(fresh.predict(seen, deterministic=True)[0], expected, atol=1e-6)
    own.close()


@pytest.mark.parametrize("algorithm", ["sac", "td3"])
def test_off_policy_critics_see_more_too(algorithm: str, tmp_path: Path, probe: Any) -> None:
    recipe = tiny(algorithm, env={"episode_seconds": 0.2, "privileged": PRIVILEGED})
    mine, own = load_policy(training.train(recipe, tmp_path / "run")), training.make_env(recipe)
    mine.check(probe)
    policy = trained_policy(recipe, tmp_path / "run", own)
    seen = random_observations(own.observation_space, 10)
    expected = policy.predict(seen, deterministic=True)[0]
    np.testing.assert_allclose(mine.predict(seen["observation"], deterministic=True)[0], expected, atol=1e-5)
    assert policy.critic.features_extractor.features_dim == 78 + 11 and policy.actor.features_dim == 78
    own.close()


def test_a_recurrent_critic_sees_more_too(tmp_path: Path, probe: Any) -> None:
    recipe = tiny("recurrent_ppo", env={"episode_seconds": 0.2, "privileged": PRIVILEGED})
    mine, own = load_policy(training.train(recipe, tmp_path / "run")), training.make_env(recipe)
    mine.check(probe)
    policy = trained_policy(recipe, tmp_path / "run", own)
    seen = random_observations(own.observation_space, 4)
    expected = policy.predict(seen, deterministic=True)[0]
    np.testing.assert_allclose(mine.predict(seen["observation"], deterministic=True)[0], expected, atol=1e-5)
    state, starts = (torch.zeros(2, 4, 6), torch.zeros(2, 4, 6)), torch.zeros(4)
    first = {key: torch.from_numpy(value) for key, value in seen.items()}
    second = {**first, "privileged": -first["privileged"]}
    assert not torch.allclose(*(policy.predict_values(each, state, starts) for each in (first, second)))
    own.close()


@pytest.mark.parametrize("algorithm", ["crossq", "ars"])
def test_privileged_blocks_are_refused_where_nothing_could_see_them(algorithm: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"privileged.*{algorithm}"):
        training.train(tiny(algorithm, env={"privileged": ["payload"]}), tmp_path / "run")


def test_privileged_blocks_tell_what_was_drawn() -> None:
    settings = {"friction": (0.7, 0.8), "payload": (2.0, 2.5), "push_speed": 0.5, "push_seconds": 0.05}
    env = HumanoidEnv(privileged=("ground_friction", "payload", "push", "foot_contacts"), sensor_noise=1.0, **settings)
    seen, _ = env.reset(seed=3)
    assert env.observation_space.contains(seen)
    friction, payload, *push = seen["privileged"][:4]
    assert 0.7 <= friction <= 0.8 and 2.0 <= payload / 0.2 <= 2.5 and push == [0.0, 0.0]
    pushes = []
    for _ in range(10):
        before = env.reading.base_linear_velocity
        seen, *_ = env.step(np.zeros(12))
        pushes.append(np.abs(seen["privileged"][2:4]).max())
        assert env.observation_space.contains(seen) and before is not env.reading
    assert max(pushes) > 0.1 and min(pushes) == 0.0
    with pytest.raises(InputError, match="privileged"):
        env.reconfigure(privileged=())
    env.close()


def test_history_holds_the_last_observations_the_newest_last() -> None:
    plain, env = HumanoidEnv(), HumanoidEnv(history=3)
    assert "history" not in describe_env(plain) and describe_env(env) == {**describe_env(plain), "history": 3}
    frames = [plain.reset(seed=1)[0]]
    seen, _ = env.reset(seed=1)
    np.testing.assert_array_equal(seen, np.tile(frames[0], 3))
    for _ in range(4):
        frames.append(plain.step(np.full(12, 0.1))[0])
        seen = env.step(np.full(12, 0.1))[0]
    np.testing.assert_array_equal(seen, np.concatenate(frames[-3:]))
    frames[-1] = plain.set_command((0.3, 0.0, 0.1))
    np.testing.assert_array_equal(env.set_command((0.3, 0.0, 0.1)), np.concatenate(frames[-3:]))
    assert env.observation_space.contains(seen)
    one, all_of_them = plain.mirror, env.mirror
    mirrored = np.array(seen)[all_of_them["observation"]] * all_of_them["observation_sign"]
    last = np.array(seen[-78:])[one["observation"]] * one["observation_sign"]
    np.testing.assert_allclose(mirrored[-78:], last)
    plain.close()
    env.close()


def test_a_policy_with_a_history_runs_in_any_env_and_remembers_by_itself(tmp_path: Path, probe: Any) -> None:
    recipe = tiny("ppo", env={"episode_seconds": 0.2, "history": 2})
    bundle = training.train(recipe, tmp_path / "run")
    mine, own = load_policy(bundle), HumanoidEnv(history=2)
    assert mine.history == 2 and mine.recurrent
    mine.check(own)
    stacked, (single, _) = acting(mine), prepare(str(bundle), {})
    frames, frame, act = own.reset(seed=2)[0], single.reset(seed=2)[0], acting(mine)
    for _ in range(6):
        action = stacked(frames)
        np.testing.assert_allclose(act(frame), action, atol=1e-6)
        frames, frame = own.step(action)[0], single.step(action)[0]
    other = HumanoidEnv(history=3)
    with pytest.raises(InputError, match="history"):
        mine.check(other)
    with pytest.raises(InputError, match="history"):
        load_into(bundle, torch_policy(tiny("ppo"), probe), probe)
    fresh = torch_policy(recipe, own)
    load_into(bundle, fresh, own)
    np.testing.assert_allclose(fresh.predict(frames, deterministic=True)[0], act(frame), atol=1e-5)
    for env in (own, single, other):
        env.close()


# An algorithm of one's own


@pytest.fixture
def patient() -> Any:
    """As a plug-in has it: a table, a class of stable-baselines3's kind, and a family."""

    @register_algorithm("patient")
    class Patient(OnPolicy):
        title: ClassVar[str] = "Patient (this test)"
        model: ClassVar[str] = "test_algorithms:PatientA2c"
        family: ClassVar[str] = "test_algorithms:FAMILY"
        own: ClassVar[tuple[str, ...]] = ("patience",)

        n_steps: int = 8
        patience: float = 0.5

    yield Patient
    HYPERPARAMETERS.unregister("patient")


class PatientA2c(A2C):
    """An algorithm of another package."""


FAMILY = replace(FAMILIES["actor_critic"], policy=lambda recipe, env: FAMILIES["actor_critic"].policy(recipe, env))


def test_a_field_that_an_algorithm_s_model_does_not_take_is_told(
    patient: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient, "own", ())
    with pytest.raises(InputError, match=r"'patient': its model test_algorithms:PatientA2c: .*argument 'patience'"):
        training.train(own(algorithm="patient", ppo={}), tmp_path / "run")


def test_an_algorithm_of_ones_own_trains_and_leaves_a_bundle(patient: Any, tmp_path: Path) -> None:
    recipe = own(algorithm="patient", patient={"n_steps": 16}, ppo={})
    assert recipe.hyperparameters == patient(n_steps=16) and "[patient]\nn_steps = 16\npatience = 0.5" in recipe.toml()
    assert recipe_from_dict(tomllib.loads(recipe.toml()), "again") == recipe
    bundle = training.train(recipe, tmp_path / "run")
    assert load_policy(bundle).description["training"]["algorithm"] == "Patient (this test)"
    with pytest.raises(InputError, match=r"'patient\.patienc'; did you mean 'patient\.patience'"):
        own(algorithm="patient", patient={"patienc": 1}, ppo={})
    with pytest.raises(InputError, match=r"\[patient\] has no meaning with algorithm = 'ppo'"):
        own(patient={"patience": 1.0})
    with pytest.raises(InputError, match="unknown key 'hyperparameters'; they stand in"):
        own(hyperparameters={"n_steps": 3})
