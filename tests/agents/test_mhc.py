"""Trunks: Sinkhorn's projection, the gain of streams over many layers, and NumPy against torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simonsays.envs.policy import networks as numpy_networks

torch = pytest.importorskip("torch")

from simonsays.agents.policies.networks import HyperResidual, _step, gain, make_trunk, sinkhorn, trunk_width  # noqa: E402

DEEP = 64
KINDS = ("mlp", "residual", "hyper", "mhc")


def shaken(module: Any, size: float, seed: int = 0) -> Any:
    """The module with its weights moved at random, as a training would have."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += size * torch.randn(parameter.shape, generator=generator)
    return module


def deep(constrained: bool) -> HyperResidual:
    torch.manual_seed(0)
    trunk = HyperResidual(6, (8,) * (DEEP + 1), "elu", streams=4, constrained=constrained)
    shaken(trunk.connections, 0.3)
    return trunk


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
    trunk = shaken(HyperResidual(6, (8,) * 13, "elu", streams=4, constrained=True), 0.05)
    trunk(torch.randn(16, 6, generator=torch.Generator().manual_seed(1))).square().sum().backward()
    for name, parameter in trunk.named_parameters():
        assert torch.isfinite(parameter.grad).all() and parameter.grad.abs().max() > 0, name


def test_over_64_layers_the_gain_stays_near_one_and_plain_hyper_connections_leave_it() -> None:
    x = torch.randn(32, 6, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        constrained, plain = (gain(deep(kind).mixing(x)) for kind in (True, False))
    assert all(abs(value - 1.0) < 0.05 for value in constrained), constrained
    assert all(value > 10 or value < 0.1 for value in plain), plain


def carried(trunk: HyperResidual) -> tuple[Any, Any, float]:
    """Streams before and after 64 layers that add nothing, and by how much a gradient grew on its way back."""
    with torch.no_grad():
        for block in trunk.blocks:
            block.outer.weight.zero_()
            block.outer.bias.zero_()
    before = torch.randn(4, 32, 8, generator=torch.Generator().manual_seed(3)).requires_grad_()
    streams = before
    for block, connection in zip(trunk.blocks, trunk.connections, strict=True):
        streams = _step(streams, block, connection(streams.detach()))
    weights = torch.randn(streams.shape, generator=torch.Generator().manual_seed(4))
    (streams * weights).sum().backward()
    assert before.grad is not None
    return before.detach(), streams.detach(), float(before.grad.norm() / weights.norm())


def test_the_signal_and_its_gradient_neither_grow_nor_vanish() -> None:
    before, after, back = carried(deep(constrained=True))
    torch.testing.assert_close(after.sum(0), before.sum(0), atol=0.05, rtol=0.05)  # what is mixed is not lost
    assert 0.3 < float(after.norm() / before.norm()) <= 1.01 and 0.3 < back <= 1.01
    before, after, back = carried(deep(constrained=False))
    assert not 0.1 < float(after.norm() / before.norm()) < 10 and not 0.1 < back < 10


def test_one_stream_is_never_mixed() -> None:
    trunk = shaken(HyperResidual(6, (8,) * 5, "elu", streams=1, constrained=True), 0.5)
    torch.testing.assert_close(trunk.mixing(torch.randn(3, 6)), torch.ones(3, 1, 1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["elu", "relu", "tanh"])
def test_numpy_computes_what_torch_does(kind: str, activation: str) -> None:
    torch.manual_seed(0)
    hidden = (8, 12, 6)
    trunk = shaken(make_trunk(kind, 5, hidden, activation, streams=3), 0.3)
    head = torch.nn.Linear(trunk_width(kind, 5, hidden), 2)
    if kind == "mlp":
        layers = [layer for layer in (*trunk, head) if isinstance(layer, torch.nn.Linear)]
        named = {
            f"actor.{i}.{key}": value for i, layer in enumerate(layers) for key, value in layer.state_dict().items()
        }
    else:
        named = {f"actor.trunk.{key}": value for key, value in trunk.state_dict().items()}
        named |= {f"actor.head.{key}": value for key, value in head.state_dict().items()}
    weights = {key: value.numpy() for key, value in named.items()}
    described = {"trunk": kind, "hidden": hidden, "activation": activation, "streams": 3}
    forward, last = numpy_networks.actor(described, weights)
    x = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    expected = head(trunk(torch.from_numpy(x))).detach().numpy()
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(last(forward(x)), expected, atol=1e-5)
