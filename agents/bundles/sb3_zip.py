"""Policies that stable-baselines3 or sb3-contrib saved as .zip files, as bundles.

Such a file holds pickled Python objects: to load it is to run what its maker put in. That is why it takes ``trust``.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch

from simonsays.agents.bundles.bundle import write_bundle
from simonsays.agents.bundles.exported import Network, linear_layers, named_layer, numbered
from simonsays.agents.recipes.hyperparameters import HYPERPARAMETERS
from simonsays.agents.training.algorithms import named
from simonsays.assets import InputError, did_you_mean, needs_extra
from simonsays.assets.files import fresh_folder
from simonsays.envs import env_class
from simonsays.envs.policy.features import mapped, shapes
from simonsays.envs.policy.policy import load_policy

CLASSES = ("ppo", "a2c", "sac", "td3", "ddpg", "trpo", "tqc")
"""Algorithms whose policies are plain layers."""

_TRIES, _NEAR = 64, 1e-4  # random observations on which the bundle must act as the model does, action units


def import_zip(file: Path, env_id: str, algorithm: str, out: Path, *, trust: bool = False) -> Path:
    """Load a saved model and write its policy as the bundle ``out``.

    Args:
        env_id: the Gymnasium id of the env that it was trained in; algorithm: a name of CLASSES, as it was trained.
        trust: run what the file holds.

    Raises:
        InputError: not trusted, no such file, env or algorithm, a model of another env, or one that a bundle cannot
            hold: gSDE, images, a network of other layers.
    """
    if not trust:
        raise InputError(
            f"{file}: a .zip of stable-baselines3 holds pickled objects, and to load it is to run whatever its maker "
            "put in; if you know and trust where it is from, add --trust"
        )
    if algorithm not in CLASSES:
        raise InputError(f"--algorithm {algorithm!r}: not known{did_you_mean(algorithm, CLASSES)}")
    if out.exists():
        raise InputError(f"{out}: it exists; choose another folder")
    env_class(env_id)
    env: Any = gymnasium.make(env_id, disable_env_checker=True)
    with closing(env):
        model = _load(file, algorithm)
        _check_spaces(file, model, env)
        return _write(file, model, env, env_id, algorithm, out)


def _load(file: Path, algorithm: str) -> Any:
    if not file.is_file():
        raise InputError(f"no such file: {file}")
    nothing = {
        "lr_schedule": lambda _: 0.0,
        "learning_rate": 0.0,
        "clip_range": lambda _: 0.0,
        "buffer_size": 1,
        "replay_buffer_class": None,  # hindsight's would ask for an env
        "replay_buffer_kwargs": {},
    }
    try:
        with needs_extra("train", f"--algorithm {algorithm}"):
            model = named(HYPERPARAMETERS[algorithm].model)
        return model.load(file, device="cpu", custom_objects=nothing)
    except Exception as error:  # whatever the pickles in it raise
        raise InputError(f"{file}: cannot be loaded as a model of {algorithm}: {error}") from error


def _check_spaces(file: Path, model: Any, env: Any) -> None:
    for name in ("observation_space", "action_space"):
        said, here = getattr(model, name), getattr(env, name)
        if shapes(said) != shapes(here):
            raise InputError(f"{file}: {name}: the model has {said}, {env.spec.id} has {here}")
    if getattr(model.policy, "use_sde", False) or getattr(getattr(model.policy, "actor", None), "use_sde", False):
        raise InputError(f"{file}: it was trained with gSDE, whose deviations a bundle cannot hold")


def _write(file: Path, model: Any, env: Any, env_id: str, algorithm: str, out: Path) -> Path:
    try:
        network = _network(model.policy)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"{file}: a bundle cannot hold this policy: {error}") from error
    training = {
        "imported_from": file.name,
        "algorithm": f"{algorithm} (stable-baselines3)",
        "env_steps": int(model.num_timesteps),
        "seed": model.seed,
    }
    card = (
        f"# {out.name}\n\nImported from `{file.name}` of stable-baselines3, trained with {algorithm} for "
        f"{model.num_timesteps:,} steps.\n\nNot measured yet: `simon evaluate` does, and writes it here.\n"
    )
    with fresh_folder(out) as made:
        write_bundle(made, network, env, training, card, env_id)
        _check_actions(file, model, made, env)
    return out


def _network(policy: Any) -> Network:
    """What a bundle holds of a policy that stable-baselines3 itself made: plain layers, read from the modules."""
    described: dict[str, Any] = {"activation": policy.activation_fn.__name__.lower()}
    if hasattr(policy, "mlp_extractor"):
        actor = linear_layers(policy.mlp_extractor.policy_net, policy.action_net)
        tensors = numbered("critic", policy.mlp_extractor.value_net, policy.value_net) | {"log_std": policy.log_std}
        if hasattr(policy, "mirror_action"):
            described["mirror"] = policy.mirror
    else:
        actor = linear_layers(getattr(policy.actor, "latent_pi", torch.nn.Identity()), policy.actor.mu)
        tensors = named_layer("log_std", policy.actor.log_std) if hasattr(policy.actor, "log_std") else {}
        described["squash"] = True
    described["hidden"] = [layer.out_features for layer in actor][:-1]
    return Network(tensors | numbered("actor", *actor), described, actor[0].in_features)


def _check_actions(file: Path, model: Any, bundle: Path, env: Any) -> None:
    """Refuse a bundle that acts otherwise: what it cannot hold shows here, whatever it is."""
    try:
        policy, rng = load_policy(bundle), np.random.default_rng(0)
        seen = mapped(lambda space: _random(space, rng), env.observation_space)
        ours, theirs = (each.predict(seen, deterministic=True)[0] for each in (policy, model))
    except (InputError, ValueError) as error:
        raise InputError(f"{file}: a bundle cannot hold this policy: {error}") from error
    difference = float(np.abs(ours - theirs).max())
    if not difference < _NEAR:
        raise InputError(f"{file}: a bundle of this policy would act otherwise, by {difference:.2g}")


def _random(space: Any, rng: np.random.Generator) -> Any:
    low, high = np.maximum(space.low, -3.0), np.minimum(space.high, 3.0)
    return rng.uniform(low, high, (_TRIES, *space.shape)).astype(np.float32)
