"""A vectorised env that steps several worlds in each of a few worker processes, through shared memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn

from simonsays.agents.sb3_internals import SeededVecEnv
from simonsays.agents.vec.crew import Crew, Revived
from simonsays.agents.vec.worker import Shared, make_env
from simonsays.assets.notes import documented
from simonsays.envs.policy.features import mapped
from simonsays.envs.trainable import capabilities

Call = tuple[int, str, dict[str, Any]]
"""steps before it, "reset" or "reconfigure", and the latter's settings"""


@documented
class History(NamedTuple):
    """All that the envs were told since :meth:`WorkerVecEnv.record`: retraced, it brings them to the same state."""

    actions: list[np.ndarray]
    """of each step (n, ...)"""
    calls: list[Call]


class WorkerVecEnv(SeededVecEnv):
    """Several worlds a process, with resets in the same step as an episode's end.

    The info of a step is empty but where an episode ended: there it is the env's own, with ``episode`` (reward ``r``,
    length ``l`` and the sums ``terms`` of the reward terms), ``terminal_observation`` and ``TimeLimit.truncated``.

    An error in an env is raised here: an InputError, also of what a plug-in's code raised, or a RuntimeError with the
    worker's own traceback. A worker that was killed is started again, a
    few times: its episodes end as truncated, without ``episode`` in their info, and ``lost`` is set.

    Args:
        env_id: a Gymnasium id; kwargs go to ``gymnasium.make``.
        workers: processes; envs_per_worker: worlds in each.

    Raises:
        InputError: a space that does not fit into arrays.
        RuntimeError: a worker could not start.
    """

    def __init__(self, env_id: str, kwargs: dict[str, Any], workers: int, envs_per_worker: int) -> None:
        probe = make_env(env_id, kwargs)
        observation_space, action_space = probe.observation_space, probe.action_space
        told = probe.unwrapped.spec.kwargs  # our envs have turned them into what any process takes
        plain = {key: told.get(key, value) for key, value in kwargs.items()}
        probe.close()
        # It is closed, but still computes rewards of goals.
        self._judge: Any = probe.unwrapped if capabilities(probe).compute_reward else None
        total = workers * envs_per_worker
        shared = Shared(total, observation_space, action_space)
        self._dict = isinstance(observation_space, spaces.Dict)
        self._observations = shared.observations()
        self._actions, self._rewards, self._dones = (shared.array(n) for n in ("actions", "rewards", "dones"))
        self._history: History | None = None
        self._crew = Crew(env_id, plain, workers, envs_per_worker, shared)
        super().__init__(total, observation_space, action_space)
        self._last = self._read()

    @property
    def restarts(self) -> int:
        """How many workers were started again."""
        return self._crew.restarts

    @property
    def lost(self) -> bool:
        """Whether a worker was killed since the last :meth:`record`: the history does not lead to this state then."""
        return self._crew.lost

    @property
    def processes(self) -> list[Any]:
        """The worker processes."""
        return self._crew.processes

    # What stable-baselines3 asks for.

    def _read(self) -> VecEnvObs:
        """A copy of the observations."""
        found = {name: rows.copy() for name, rows in self._observations.items()}
        return found if self._dict else found[""]

    def reset(self) -> VecEnvObs:
        """Reset all envs, with the seeds of :meth:`seed` and the options of :meth:`set_options` where given."""
        orders, size = self.take_orders(), self._crew.size
        parts = [orders[i * size : (i + 1) * size] for i in range(len(self._crew))]
        replies = self._crew.ask({i: ("reset", own) for i, own in enumerate(parts)})
        self.reset_infos = [info for infos in replies for info in infos]
        if self._history is not None:
            self._history.calls.append((len(self._history.actions), "reset", {}))
        self._last = self._read()
        return self._last

    def step_async(self, actions: np.ndarray) -> None:
        """Send the actions (n, ...)."""
        self._actions[:] = actions
        if self._history is not None:
            self._history.actions.append(self._actions.copy())
        self._crew.ask_for_step()

    def step_wait(self) -> VecEnvStepReturn:
        """Wait for the observations, rewards, dones and infos of all envs."""
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for worker in range(len(self._crew)):
            first = worker * self._crew.size
            try:
                ended = self._crew.step_of(worker)
            except Revived:
                ended = self._cut_off(first)
            for i, info in ended:
                infos[first + i] = info
        self._last = self._read()
        return self._last, self._rewards.copy(), self._dones.copy(), infos

    def _cut_off(self, first: int) -> list[tuple[int, dict[str, Any]]]:
        """The episodes of a worker that died: they end with what was last observed of them."""
        own = slice(first, first + self._crew.size)
        self._rewards[own], self._dones[own] = 0.0, True
        last = [mapped(itemgetter(place), self._last) for place in range(own.start, own.stop)]
        return [(i, {"terminal_observation": seen, "TimeLimit.truncated": True}) for i, seen in enumerate(last)]

    def env_method(self, method_name: str, *args: Any, indices: VecEnvIndices = None, **kwargs: Any) -> list[Any]:
        """Call a method of the envs in ``indices``, all by default.

        Rewards of goals are computed here: hindsight asks for them with every batch, and a worker's answer would take
        longer than the batch.
        """
        if method_name == "compute_reward" and self._judge is not None:
            return [self._judge.compute_reward(*args, **kwargs)] * len(self.places(indices))
        if method_name == "reconfigure":
            if self._judge is not None:
                self._judge.reconfigure(*args, **kwargs)
            self._crew.settings = {**self._crew.settings, **kwargs}
            if self._history is not None:
                self._history.calls.append((len(self._history.actions), "reconfigure", kwargs))
        return self._each(("call", method_name, args, kwargs), indices)

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[Any]:
        """An attribute of every env in ``indices``."""
        if attr_name == "render_mode":
            return [None] * len(self.places(indices))
        return self._each(("get", attr_name), indices)

    def _each(self, order: tuple[Any, ...], indices: VecEnvIndices) -> list[Any]:
        """Results of the envs in ``indices``; other envs are left alone."""
        size, wanted = self._crew.size, self.places(indices)
        asked: dict[int, list[int]] = {}
        for i in wanted:
            asked.setdefault(i // size, []).append(i % size)
        replies = self._crew.ask({worker: (*order, places) for worker, places in asked.items()})
        found = {
            worker * size + place: result
            for (worker, places), results in zip(asked.items(), replies, strict=True)
            for place, result in zip(places, results, strict=True)
        }
        return [found[i] for i in wanted]

    def set_attr(self, attr_name: str, value: Any, indices: VecEnvIndices = None) -> None:
        """Not supported: envs are changed by their methods."""
        raise NotImplementedError("use env_method")

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """Episodes are counted as by a Monitor; no other wrapper is told of."""
        return [wrapper_class.__name__ == "Monitor"] * len(self.places(indices))

    def close(self) -> None:
        """End the worker processes; a second call does nothing. Also happens when Python ends or forgets the env."""
        self._crew.close()

    # Exact continuation.

    def rebuild(self, settings: dict[str, Any]) -> None:
        """Make all envs anew: nothing of the old physics is left, and equal seeds then give equal trajectories."""
        self._crew.settings, self._history = dict(settings), None
        if self._judge is not None and settings:
            self._judge.reconfigure(**settings)
        self._crew.ask(dict.fromkeys(range(len(self._crew)), ("build", settings)))

    def record(self) -> None:
        """Begin a new history: from here on, all that the envs are told is kept."""
        self._history, self._crew.lost = History([], []), False

    @property
    def history(self) -> History:
        """What was recorded so far."""
        assert self._history is not None, "call record first"
        return self._history

    def retrace(self, actions: Sequence[np.ndarray], calls: Sequence[Call], report: Callable[[int], None]) -> VecEnvObs:
        """Tell the envs a history once more, while recording it; the last observations."""
        for done in range(len(actions) + 1):
            for _, name, settings in (call for call in calls if call[0] == done):
                if name == "reset":
                    self.reset()
                else:
                    self.env_method(name, **settings)
            if done < len(actions):
                self.step(actions[done])
                report(done + 1)
        return self._last
