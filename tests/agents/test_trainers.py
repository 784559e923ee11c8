"""Other people's trainers and wrappers on our envs, with tiny budgets; RLlib has a test of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from simonsays.assets import InputError
from simonsays.envs.policy.policy import load_policy

ROOT = Path(__file__).resolve().parents[2]
WALK = "simonsays.envs:G1-Locomotion-v0"


# Gymnasium


@pytest.mark.parametrize("name", ["G1-Locomotion-v0", "G1-GoTo-v0"])
def test_worlds_in_processes_and_in_turn_agree(name: str) -> None:
    """gymnasium's AsyncVectorEnv and SyncVectorEnv: equal seeds, equal steps, over ends of episodes."""
    settings = {"episode_seconds": 0.4} if name == "G1-Locomotion-v0" else {"episode_seconds": 1.0}
    vectors = [
        gymnasium.make_vec(f"simonsays.envs:{name}", num_envs=2, vectorization_mode=mode, **settings)
        for mode in ("sync", "async")
    ]
    rng = np.random.default_rng(0)
    try:
        (first, _), (second, _) = (each.reset(seed=3) for each in vectors)
        assert_equal(first, second)
        ends = 0
        for _ in range(25):
            actions = rng.uniform(-0.3, 0.3, vectors[0].action_space.shape).astype(np.float32)
            one, other = (each.step(actions) for each in vectors)
            for left, right in zip(one[:4], other[:4], strict=True):
                assert_equal(left, right)
            ends += int((one[2] | one[3]).sum())
        assert ends >= 2
    finally:
        for each in vectors:
            each.close()


def assert_equal(one: Any, other: Any) -> None:
    if isinstance(one, dict):
        assert set(one) == set(other)
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
    else:
        np.testing.assert_array_equal(one, other)


def test_record_video_and_statistics(tmp_path: Path) -> None:
    pytest.importorskip("moviepy")
    import imageio.v3 as iio
    from gymnasium.wrappers import RecordEpisodeStatistics, RecordVideo

    env: Any = gymnasium.make(WALK, render_mode="rgb_array", episode_seconds=0.2)
    env = RecordEpisodeStatistics(
        RecordVideo(env, str(tmp_path / "films"), episode_trigger=lambda i: i == 0, disable_logger=True)
    )
    rewards, length = [], 0
    env.reset(seed=0)
    ended = False
    while not ended:
        _, reward, terminated, truncated, info = env.step(np.zeros(12, np.float32))
        rewards.append(reward)
        length, ended = length + 1, terminated or truncated
    assert length == 10 and info["episode"]["l"] == 10
    assert info["episode"]["r"] == pytest.approx(sum(rewards), rel=1e-4)
    env.reset()
    env.close()
    (film,) = (tmp_path / "films").glob("*.mp4")
    frames = iio.imread(film)
    assert len(frames) >= 10 and frames[0].std() > 10, "a film of something"


# rl-baselines3-zoo


def zoo(folder: Path, *more: str) -> None:
    command = [sys.executable, "-m", "rl_zoo3.train", "--gym-packages", "simonsays.envs", "-f", str(folder / "logs")]
    command += ["--eval-freq", "-1", "--device", "cpu", "--seed", "1", "--num-threads", "1", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_zoos_train_command_and_the_import_of_what_it_saves(tmp_path: Path) -> None:
    pytest.importorskip("rl_zoo3")
    from simonsays.agents.bundles.sb3_zip import import_zip

    small = ["n_envs:2", "n_steps:16", "batch_size:32", "n_epochs:1"]
    how = ["--algo", "ppo", "--env", "G1-Locomotion-v0", "--conf-file", str(ROOT / "docs" / "rl-zoo.yml")]
    zoo(tmp_path, *how, "-n", "64", "-params", *small)
    (file,) = (tmp_path / "logs").glob("ppo/*/G1-Locomotion-v0.zip")
    with pytest.raises(InputError, match="--trust"):
        import_zip(file, WALK, "ppo", tmp_path / "bundle")
    with pytest.raises(InputError, match="observation_space"):
        import_zip(file, "simonsays.envs:G1-GoTo-v0", "ppo", tmp_path / "bundle", trust=True)
    assert not (tmp_path / "bundle").exists()
    policy = load_policy(import_zip(file, WALK, "ppo", tmp_path / "bundle", trust=True))
    env = gymnasium.make(WALK)
    policy.check(env)
    assert (
        policy.description["network"]["hidden"] == [256, 128] and policy.description["network"]["activation"] == "elu"
    )
    assert policy.description["training"]["env_steps"] == 64
    env.close()


@pytest.mark.slow
def test_the_zoo_trains_with_hindsight(tmp_path: Path) -> None:
    pytest.importorskip("rl_zoo3")
    from simonsays.agents.bundles.sb3_zip import import_zip

    how = ["--algo", "sac", "--env", "G1-GoTo-v0", "--conf-file", str(ROOT / "docs" / "rl-zoo.yml")]
    more = ["--vec-env", "subproc", "-params", "n_envs:2", "learning_starts:200", "batch_size:32"]
    zoo(tmp_path, *how, "-n", "400", *more)
    (file,) = (tmp_path / "logs").glob("sac/*/G1-GoTo-v0.zip")
    goto = "simonsays.envs:G1-GoTo-v0"
    load_policy(import_zip(file, goto, "sac", tmp_path / "bundle", trust=True)).check(gymnasium.make(goto))


# stable-baselines3's own files


def saved(folder: Path, name: str, **changes: Any) -> Path:
    """An untrained model of stable-baselines3 in a file."""
    sb3 = pytest.importorskip("stable_baselines3")
    env = gymnasium.make(WALK)
    model = getattr(sb3, name.upper())("MlpPolicy", env, device="cpu", seed=0, **changes)
    model.save(folder / f"{name}.zip")
    env.close()
    return folder / f"{name}.zip"


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("ppo", {"pi": [9], "vf": [8]}),
        ("ppo", []),
        ("a2c", [9, 7]),
        ("sac", [8, 8]),
        ("sac", {"pi": [5], "qf": [8, 8]}),
        ("td3", [6]),
    ],
)
def test_a_saved_model_acts_alike_as_a_bundle(tmp_path: Path, name: str, layers: Any) -> None:
    from simonsays.agents.bundles.sb3_zip import import_zip

    file = saved(tmp_path, name, policy_kwargs={"net_arch": layers})
    policy = load_policy(import_zip(file, WALK, name, tmp_path / "bundle", trust=True))
    model = getattr(pytest.importorskip("stable_baselines3"), name.upper()).load(file, device="cpu")
    seen = np.random.default_rng(1).normal(size=(9, 78)).astype(np.float32)
    np.testing.assert_allclose(
        policy.predict(seen, deterministic=True)[0], model.predict(seen, deterministic=True)[0], atol=1e-4
    )


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"use_sde": True}, "gSDE"), ({"policy_kwargs": {"activation_fn": "GELU"}}, "cannot hold")],
)
def test_what_a_bundle_cannot_hold_is_refused(tmp_path: Path, changes: dict[str, Any], word: str) -> None:
    import torch

    from simonsays.agents.bundles.sb3_zip import import_zip

    if "policy_kwargs" in changes:
        changes = {"policy_kwargs": {"activation_fn": torch.nn.GELU}}
    file = saved(tmp_path, "ppo", **changes)
    with pytest.raises(InputError, match=word):
        import_zip(file, WALK, "ppo", tmp_path / "bundle", trust=True)
    assert not (tmp_path / "bundle").exists()


def test_files_that_are_no_models_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("stable_baselines3")
    from simonsays.agents.bundles.sb3_zip import import_zip

    (tmp_path / "x.zip").write_bytes(b"nothing")
    for file, algorithm, word in (
        ("x.zip", "ppo", "cannot be loaded"),
        ("y.zip", "ppo", "no such"),
        ("x.zip", "pppo", "ppo"),
    ):
        with pytest.raises(InputError, match=word):
            import_zip(tmp_path / file, WALK, algorithm, tmp_path / "bundle", trust=True)


def test_training_starts_from_a_saved_model_with_trust(tmp_path: Path) -> None:
    import typer
    from typer.testing import CliRunner

    from simonsays.experiments.cli.learn import train as command

    file = saved(tmp_path, "ppo", policy_kwargs={"net_arch": [8]})
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(
        f'env_id = "{WALK}"\nworkers = 1\nenvs_per_worker = 2\n'
        '[network]\nhidden = [8]\nactivation = "tanh"\nmirror = false\nlog_std = -0.7\n'
        "[ppo]\nn_steps = 16\nbatch_size = 32\nn_epochs = 1\n"
        '[[stages]]\nname = "a"\nsteps = 32\nlearning_rate = 1e-12\n'
    )
    app = typer.Typer()
    app.command()(command.run)
    asked = [str(recipe), "--run-dir", str(tmp_path / "run"), "--init", str(file)]
    refused = CliRunner().invoke(app, asked)
    assert isinstance(refused.exception, InputError) and "--trust" in str(refused.exception)
    done = CliRunner().invoke(app, [*asked, "--trust"])
    assert done.exit_code == 0, done.output
    seen = np.ones((1, 78), np.float32)
    bundles = (load_policy(tmp_path / "run" / name) for name in ("init", "bundle"))
    one, other = (each.predict(seen, deterministic=True)[0] for each in bundles)
    np.testing.assert_allclose(one, other, atol=1e-5)
    assert json.loads((tmp_path / "run" / "run.json").read_text())["init"] == str(tmp_path / "run" / "init")


# A trainer in one file


def test_a_loop_in_one_file_learns() -> None:
    """PPO in the style of CleanRL on gymnasium's vector env: every update raises the gain and lowers the error."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    envs = gymnasium.make_vec(WALK, num_envs=4, vectorization_mode="sync", episode_seconds=0.5, reset_mode="fast")
    width, count = envs.single_observation_space.shape[0], envs.single_action_space.shape[0]
    actor, critic = (
        torch.nn.Sequential(torch.nn.Linear(width, 32), torch.nn.Tanh(), torch.nn.Linear(32, outputs))
        for outputs in (count, 1)
    )
    log_std = torch.nn.Parameter(torch.full((count,), -1.0))
    optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters(), log_std], lr=3e-3)
    seen = torch.as_tensor(envs.reset(seed=0)[0])
    over = torch.zeros(4)
    for _ in range(5):
        (gain, error), *_, (gain_after, error_after) = update(envs, actor, critic, log_std, optimizer, seen, over)
        assert gain_after > gain and error_after < error
    envs.close()


def update(envs: Any, actor: Any, critic: Any, log_std: Any, optimizer: Any, seen: Any, over: Any) -> list[Any]:
    """Collect 32 steps of each env and make 8 epochs of the clipped update; ``seen`` and ``over`` are moved on."""
    import torch
    from torch.distributions import Normal

    rows: dict[str, list[Any]] = {name: [] for name in ("seen", "action", "log_prob", "reward", "over", "value")}
    for _ in range(32):
        with torch.no_grad():
            choice = Normal(actor(seen), log_std.exp())
            action = choice.sample()
            found = (seen.clone(), action, choice.log_prob(action).sum(-1), over.clone(), critic(seen)[:, 0])
        for name, value in zip(("seen", "action", "log_prob", "over", "value"), found, strict=True):
            rows[name].append(value)
        after, reward, terminated, truncated, _ = envs.step(action.numpy())
        seen.copy_(torch.as_tensor(after))
        over.copy_(torch.as_tensor(terminated | truncated, dtype=torch.float32))
        rows["reward"].append(torch.as_tensor(reward, dtype=torch.float32))
    batch = {name: torch.stack(values) for name, values in rows.items()}
    with torch.no_grad():
        coming, advantage = critic(seen)[:, 0], torch.zeros(4)
        advantages = torch.zeros_like(batch["reward"])
        for t in reversed(range(32)):
            goes_on = 1.0 - (over if t == 31 else batch["over"][t + 1])
            delta = batch["reward"][t] + 0.95 * coming * goes_on - batch["value"][t]
            advantages[t] = advantage = delta + 0.95 * 0.9 * goes_on * advantage
            coming = batch["value"][t]
    returns = (advantages + batch["value"]).flatten()
    flat = {name: values.flatten(0, 1) for name, values in batch.items()}
    scaled = ((advantages - advantages.mean()) / (advantages.std() + 1e-8)).flatten()
    measured = []
    for _ in range(8):
        choice = Normal(actor(flat["seen"]), log_std.exp())
        ratio = (choice.log_prob(flat["action"]).sum(-1) - flat["log_prob"]).exp()
        gain = torch.minimum(ratio * scaled, ratio.clamp(0.8, 1.2) * scaled).mean()
        error = ((critic(flat["seen"])[:, 0] - returns) ** 2).mean()
        measured.append((float(gain.detach()), float(error.detach())))
        optimizer.zero_grad()
        (error - gain).backward()
        optimizer.step()
    return measured
