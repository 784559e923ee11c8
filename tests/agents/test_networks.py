"""Trunks: Sinkhorn's projection, the gain of streams over many layers, one code in three namespaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_runs import tiny

from simonsays.assets import InputError
from simonsays.envs.policy.networks import NUMPY
from simonsays.envs.policy.policy import load_policy
from simonsays.envs.policy.trunk import TRUNKS, Layer, Trunk, actor, register_trunk
from simonsays.envs.policy.trunks import hyper

torch = pytest.importorskip("torch")

from simonsays.agents.policies.networks import TORCH, TrunkModule  # noqa: E402

DEEP = 64


def sinkhorn(logits: Any, iterations: int = hyper.SINKHORN_ITERATIONS) -> Any:
    return hyper.sinkhorn(TORCH, logits, iterations)


def shaken(module: Any, size: float, seed: int = 0) -> Any:
    """The module with its weights moved at random, as a training would have."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += size * torch.randn(parameter.shape, generator=generator)
    return module


def deep(kind: str) -> Any:
    torch.manual_seed(0)
    trunk = TrunkModule(kind, 6, (8,) * (DEEP + 1), "elu", streams=4)
    shaken(trunk.connections, 0.3)
    return trunk


def layers(module: Any, streams: Any) -> Any:
    """Streams after each layer, and the layer's mixing matrices (B, n, n)."""
    trunk, p = module.trunk, module.parts
    for number in range(len(trunk.hidden) - 1):
        read, write, mix = trunk.mappings(TORCH, p, number, streams)
        added = trunk.block(TORCH, p, number, (read * streams).sum(0))
        streams = TORCH.carry(mix, streams, write, added)
        yield streams, mix.squeeze(-1).movedim(-1, 0)


def mixing(module: Any, x: Any) -> Any:
    """(B, n, n) the product of all layers' mixing matrices for inputs (B, inputs)."""
    streams = TORCH.repeat(module.trunk.start(TORCH, module.parts, x), module.trunk.streams)
    composed = torch.eye(module.trunk.streams)
    for _, mix in layers(module, streams):
        composed = mix @ composed
    return composed


def gain(mixing: Any) -> tuple[float, float]:
    """Largest absolute row sum (signal forward) and column sum (gradient backward) of matrices (B, n, n), their mean.

    The "Amax gain" of arXiv 2512.24880, section 3.1.
    """
    signed_rows, signed_columns = mixing.sum(-1), mixing.sum(-2)
    return float(signed_rows.abs().amax(-1).mean()), float(signed_columns.abs().amax(-1).mean())


@pytest.mark.parametrize("n", [1, 2, 4, 8])
def test_the_projection_is_doubly_stochastic(n: int) -> None:
    logits = torch.randn(n, n, 200, generator=torch.Generator().manual_seed(n))
    matrix = sinkhorn(logits)
    assert matrix.shape == logits.shape and (matrix >= 0).all()
    torch.testing.assert_close(matrix.sum(1), torch.ones(n, 200), atol=1e-5, rtol=0)
    torch.testing.assert_close(matrix.sum(0), torch.ones(n, 200), atol=1e-2, rtol=0)
    torch.testing.assert_close(sinkhorn(logits, 1000).sum(0), torch.ones(n, 200), atol=1e-4, rtol=0)
    if n > 1:
        assert matrix.std() > 0.05  # and not simply the even one
    again = sinkhorn(matrix.log())
    torch.testing.assert_close(again, matrix, atol=1e-2, rtol=0)


def test_extreme_logits_stay_finite() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0], [1e4, -1e4, 3.0], [1e4, -1e4, -3.0]]).unsqueeze(-1).requires_grad_()
    matrix = sinkhorn(logits)
    matrix.square().sum().backward()
    assert torch.isfinite(matrix).all() and torch.isfinite(logits.grad).all()
    torch.testing.assert_close(matrix.sum(1), torch.ones(3, 1))


def test_gradients_flow_through_the_projection() -> None:
    logits = torch.randn(4, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert torch.autograd.gradcheck(sinkhorn, (logits,))
    (sinkhorn(logits) * torch.arange(16.0).reshape(4, 4, 1)).square().sum().backward()
    assert torch.isfinite(logits.grad).all() and (logits.grad.abs() > 1e-6).all()


def test_gradients_reach_every_weight_of_a_deep_trunk() -> None:
    trunk = shaken(TrunkModule("mhc", 6, (8,) * 13, "elu"), 0.05)
    trunk(torch.randn(16, 6, generator=torch.Generator().manual_seed(1))).square().sum().backward()
    for name, parameter in trunk.named_parameters():
        assert torch.isfinite(parameter.grad).all() and parameter.grad.abs().max() > 0, name


def test_over_64_layers_the_gain_stays_near_one_and_plain_hyper_connections_leave_it() -> None:
    x = torch.randn(32, 6, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        constrained, plain = (gain(mixing(deep(kind), x)) for kind in ("mhc", "hyper"))
    assert all(abs(value - 1.0) < 0.05 for value in constrained), constrained
    assert all(value > 10 or value < 0.1 for value in plain), plain


def carried(trunk: Any) -> tuple[Any, Any, float]:
    """Streams before and after 64 layers that add nothing, and by how much a gradient grew on its way back."""
    with torch.no_grad():
        for block in trunk.blocks.children():
            block.outer.weight.zero_()
            block.outer.bias.zero_()
    before = torch.randn(4, 32, 8, generator=torch.Generator().manual_seed(3)).requires_grad_()
    streams, shape = before, trunk.trunk
    for number in range(DEEP):
        read, write, mix = shape.mappings(TORCH, trunk.parts, number, streams.detach())
        added = shape.block(TORCH, trunk.parts, number, (read * streams).sum(0))
        streams = TORCH.carry(mix, streams, write, added)
    weights = torch.randn(streams.shape, generator=torch.Generator().manual_seed(4))
    (streams * weights).sum().backward()
    assert before.grad is not None
    return before.detach(), streams.detach(), float(before.grad.norm() / weights.norm())


def test_the_signal_and_its_gradient_neither_grow_nor_vanish() -> None:
    before, after, back = carried(deep("mhc"))
    torch.testing.assert_close(after.sum(0), before.sum(0), atol=0.05, rtol=0.05)  # what is mixed is not lost
    assert 0.3 < float(after.norm() / before.norm()) <= 1.01 and 0.3 < back <= 1.01
    before, after, back = carried(deep("hyper"))
    assert not 0.1 < float(after.norm() / before.norm()) < 10 and not 0.1 < back < 10


def test_one_stream_is_never_mixed() -> None:
    trunk = shaken(TrunkModule("mhc", 6, (8,) * 5, "elu", streams=1), 0.5)
    torch.testing.assert_close(mixing(trunk, torch.randn(3, 6)), torch.ones(3, 1, 1))


def exported(trunk: Any, head: Any) -> dict[str, Any]:
    """Weights as a bundle names them."""
    from simonsays.agents.bundles.exported import _network

    return {name: tensor.detach().numpy() for name, tensor in _network("actor", trunk, head).items()}


@pytest.mark.parametrize("kind", TRUNKS)
@pytest.mark.parametrize("activation", ["elu", "relu", "tanh"])
def test_numpy_computes_what_torch_does(kind: str, activation: str) -> None:
    torch.manual_seed(0)
    hidden = (8, 12, 6)
    trunk = shaken(TrunkModule(kind, 5, hidden, activation, streams=3), 0.3)
    head = torch.nn.Linear(trunk.trunk.width, 2)
    described = {"trunk": kind, "hidden": hidden, "activation": activation, "streams": 3}
    made = actor(described, exported(trunk, head), 5, NUMPY)
    x = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    expected = head(trunk(torch.from_numpy(x))).detach().numpy()
    assert np.abs(expected).max() > 0.1 and made.outputs == 2
    np.testing.assert_allclose(made.head(made.trunk(x)), expected, atol=1e-5, rtol=1e-3)


# A trunk of one's own


@pytest.fixture
def gated() -> Any:
    """A toy trunk as a plug-in has it: the product of two layers, each output scaled by a number of its own."""

    @register_trunk("gated")
    class Gated(Trunk):
        def parameters(self) -> dict[str, Any]:
            value, gate = (Layer(self.inputs, self.width) for _ in range(2))
            return {"value": value, "gate": gate, "inner.scale": np.ones(self.width, np.float32)}

        @property
        def width(self) -> int:
            return self.hidden[0]

        def forward(self, xp: Any, p: Any, x: Any) -> Any:
            return xp.activations[self.activation](p["value"](x)) * xp.sigmoid(p["gate"](x)) * p["inner.scale"]

    yield Gated
    TRUNKS.unregister("gated")


def test_a_trunk_of_ones_own_trains_and_acts_alike_in_three_namespaces(gated: Any, tmp_path: Path) -> None:
    from simonsays.agents.runs.run_dir import newest_checkpoint, read_tensors
    from simonsays.agents.training.export import export_run
    from simonsays.agents.training.options import TrainOptions
    from simonsays.agents.training.train import train

    own = {"network": {"hidden": [8], "trunk": "gated"}, "stages": [{"name": "a", "steps": 200, "learning_rate": 1e-3}]}
    bundle = train(tiny(**own, workers=1), tmp_path / "run")
    policy = load_policy(bundle)
    assert policy.description["network"]["trunk"] == "gated" and "streams" not in policy.description["network"]
    tensors = read_tensors(newest_checkpoint(tmp_path / "run"), "weights")
    scale = tensors["policy.mlp_extractor.policy_net.inner.scale"]
    assert not torch.equal(scale, torch.ones(8))  # it learned
    x = np.random.default_rng(0).normal(size=(4, 78)).astype(np.float32)
    actions = policy.predict(x, deterministic=True)[0]
    again = train(tiny(**own, workers=1, seed=5), tmp_path / "other", TrainOptions(init=bundle))
    assert not np.allclose(load_policy(again).predict(x, deterministic=True)[0], actions)
    np.testing.assert_array_equal(load_policy(export_run(tmp_path / "run")).predict(x, deterministic=True)[0], actions)
    onnxruntime = pytest.importorskip("onnxruntime")
    from simonsays.experiments.exchange.onnx_export import export_onnx

    file = export_onnx(bundle, tmp_path / "own.onnx", signals=False)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(["action"], {"observation": x})[0], actions, atol=1e-5)
    torch_policy = torch_policy_of(tmp_path / "run")
    with torch.no_grad():
        mean = torch_policy.get_distribution(torch.from_numpy(x)).mode().numpy()
    np.testing.assert_allclose(np.clip(mean, -3, 3), actions, atol=1e-5)


def torch_policy_of(run: Path) -> Any:
    """The policy of a run's newest checkpoint."""
    from simonsays.agents.runs.run_dir import load_weights, newest_checkpoint, read_tensors
    from simonsays.agents.runs.sessions import read_run
    from simonsays.agents.training.algorithms import make_policy
    from simonsays.agents.training.export import make_env

    recipe = read_run(run)
    probe = make_env(recipe)
    made, arguments = make_policy(recipe, probe)
    policy: Any = made(probe.observation_space, probe.action_space, lambda _: 0.0, **arguments)
    load_weights(policy, read_tensors(newest_checkpoint(run), "weights"), run)
    return policy


def test_an_unknown_trunk_and_one_without_a_width_are_refused() -> None:
    with pytest.raises(InputError, match=r"network.*no trunk 'mhk'; did you mean 'mhc'"):
        tiny(network={"trunk": "mhk"})
    with pytest.raises(InputError, match="'residual' needs a width"):
        tiny(network={"trunk": "residual", "hidden": []})
