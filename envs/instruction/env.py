"""InstructionEnv: learn to do what a sentence says, end to end: from an encoding of it to commands or joint targets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from simonsays.assets import InputError
from simonsays.assets.defaults import DEFAULT_ROBOT
from simonsays.envs.base import Action, described_blocks
from simonsays.envs.events import Event, Friction
from simonsays.envs.hierarchy import TaskEnv
from simonsays.envs.instruction.encoding import ENCODING_VERSION, GESTURES, encode
from simonsays.envs.instruction.sentences import Sentence, draw_scene, gather, read_sentence
from simonsays.envs.instruction.task import (
    DEAD_ZONE,
    HighCommand,
    InstructionConfig,
    Transition,
    beyond,
    guided_action,
    imagine,
    read_action,
    reward_terms,
)
from simonsays.envs.instruction.tracker import BodyLayout, Tracker
from simonsays.envs.language.instruction import Instruction
from simonsays.envs.moves.skill import GroundingError
from simonsays.envs.plain import read_scene
from simonsays.envs.plan.execution import skill_context
from simonsays.envs.plan.plan import ground
from simonsays.envs.table import block_terms, weight_terms
from simonsays.envs.terminations import fallen
from simonsays.envs.trainable import Terms
from simonsays.sim.specs import GroundSpec, RobotSpec, SceneSpec

_STILL = HighCommand((0.0, 0.0, 0.0), 0.0, None)

Observation = NDArray[np.float32]


class InstructionEnv(TaskEnv[Observation]):
    """A humanoid that is told a sentence.

    Each episode draws a sentence of a set and a scene in which it can be done.

    Action: with ``control="command"`` Box (14,) in -1 to 1 every 0.2 s: forward, left, yaw rate and height for the
    locomotion policy, then a logit for each of GESTURES, of which the largest above 0.2 is carried out by its skill's
    own motion of the arms for as long as it is chosen. With ``control="joints"`` Box (J,) every 0.02 s: residuals on
    the standing legs (rad, times 0.75), then waist and arms between the ends of their ranges.

    Observation: Box (N,) in -1 to 1: the body (``observation_layout`` says its parts), then the encoding of the
    current step (envs/instruction/encoding.py).

    Reward: the weighted terms of the task; ``info["reward_terms"]`` has each term's share.

    Termination: the robot has fallen, all is done, or a step has failed. Truncation: the time is over.

    Success: every step's own success test, in order. ``info`` has ``is_success``, ``instruction`` (the text),
    ``step`` (how many are done), ``reason`` (of a failure) and ``command``.

    ``scene``, where one is given, is there instead of a drawn one.

    Raises:
        InputError: as TaskEnv, and a set of sentences that is unknown or of which none can be done.
    """

    config_class = InstructionConfig
    space_settings: ClassVar[tuple[str, ...]] = ("control", "low_level", "hold_seconds")
    options: ClassVar[tuple[str, ...]] = ("instruction", "scene", "told")

    def __init__(self, robot: RobotSpec | Mapping[str, Any] | str | Path = DEFAULT_ROBOT, **arguments: Any) -> None:
        super().__init__(robot, **arguments)
        low = self.walker
        size = len(low.robot.joint_names) if self._joints else 4 + len(GESTURES)
        self.action_space = spaces.Box(-1.0, 1.0, (size,), dtype=np.float32)
        self.observation_layout = BodyLayout(low, self._joints)
        width = sum(self.observation_layout.widths.values())
        self.observation_space = spaces.Box(-1.0, 1.0, (width,), dtype=np.float32)
        self._begin(self.sentences[0], draw_scene(np.random.default_rng(0), self.sentences[0].instruction))

    def _apply_config(self) -> None:
        super()._apply_config()
        config = self.config
        self.sentences: list[Sentence] = gather(config.instructions, self.spec_robot, config.verbs, config.most_steps)

    def _events_below(self) -> dict[str, Event]:
        return {**super()._events_below(), "friction": Friction()}  # it is that of the scene

    @property
    def mirror(self) -> dict[str, list[float]] | None:
        """Places and signs of the mirror image of observations and actions; None with control="joints"."""
        if self._joints:
            return None
        count = 4 + len(GESTURES)
        places, signs = self.observation_layout.mirror()
        return {
            "observation": places,
            "observation_sign": signs,
            "action": list(range(count)),
            "action_sign": [1.0, -1.0, -1.0, *[1.0] * (count - 3)],
        }

    def _described(self) -> dict[str, Any]:
        config = self.config
        action: dict[str, Any] = {"control": config.control, "limit": 1.0}
        if not self._joints:
            action |= {name: list(getattr(config, name)) for name in ("forward", "sideways", "yaw_rate")}
            action["gestures"] = list(GESTURES)
        return {
            "encoding_version": ENCODING_VERSION,
            "observation": described_blocks(self.observation_layout.widths),
            "action": action,
        }

    def _own_terms(self) -> Terms:
        rewards = weight_terms(self.config.reward_scale, self.config.reward_weights, lambda name: {})
        return {**rewards, **block_terms("observation", self.observation_layout.widths)}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        ``options`` fixes what would be drawn: ``"instruction"`` (a text, an Instruction or its JSON) and ``"scene"``
        (a SceneSpec, a table, a name or a file), in which the sentence is then found or drawn. ``"told"`` tells the
        policy another instruction than the one that is judged: to see whether it listens.

        Raises:
            InputError: an unknown option or an impossible value; ParseError, GroundingError: of the instruction.
        """
        super().reset(seed=seed)
        options = self._checked_options(options)
        said, scene = options.get("instruction"), options.get("scene")
        spec = read_scene(scene) or self._given_scene
        sentence = read_sentence(said) if said is not None else self._draw_sentence(spec)
        told = read_sentence(options["told"]) if options.get("told") is not None else None
        self._begin(sentence, spec or self._draw_scene(sentence, told), told)
        return self._observe(), self._info({})

    def _draw_scene(self, sentence: Sentence, told: Sentence | None) -> SceneSpec:
        rng, config = self.np_random, self.config
        steps = (*sentence.instruction.steps, *(told.instruction.steps if told is not None else ()))
        low, high = config.distractors
        scene = draw_scene(rng, Instruction(steps), int(rng.integers(low, high + 1)))
        friction = config.events["friction"].range
        if friction is None:
            return scene
        return replace(scene, ground=GroundSpec(friction=float(rng.uniform(*friction))))

    def _draw_sentence(self, scene: SceneSpec | None) -> Sentence:
        """Any sentence; where the scene is given, one that can be done there."""
        for i in self.np_random.permutation(len(self.sentences)):
            with suppress(GroundingError):
                if scene is not None:
                    ground(self.sentences[i].instruction, scene, self.spec_robot)
                sentence: Sentence = self.sentences[i]
                return sentence
        assert scene is not None
        raise InputError(f"none of the {len(self.sentences)} sentences can be done in the scene {scene.name!r}")

    def _begin(self, sentence: Sentence, scene: SceneSpec, told: Sentence | None = None) -> None:
        ground(sentence.instruction, scene, self.spec_robot)
        seed = int(self.np_random.integers(1 << 31))
        self._stand(seed, scene)
        self._seen = self.walker.set_command((0.0, 0.0, 0.0))
        self._context = skill_context(self.walker)
        self._sentence, self._scene, self._high, self._fell = sentence, scene, _STILL, False
        self._tracker = self._told = self._follow(sentence)
        if told is not None:
            self._told = self._follow(told)
        self._action: list[float] = [0.0] * int(np.prod(self.action_space.shape or (0,)))
        self._steps = 0
        self.steps_per_episode = math.ceil(self.config.patience * self._tracker.seconds / self.dt)
        """steps after which the running episode is cut"""

    def _follow(self, sentence: Sentence) -> Tracker:
        return Tracker(sentence.instruction, self._scene, self.spec_robot, self._context, lenient=self._joints)

    def step(self, action: Action) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One step; see the class for what it returns. It ends early once nothing is left to do.

        Raises:
            ValueError: the action has the wrong shape or is not finite.
        """
        self._action = self._checked_action(action, 1.0)
        self._high = _STILL if self._joints else read_action(self._action, self.config)
        tracker, main, wanted = self._tracker, self._tracker.main, self._tracker.monitor.wanted
        before, held, done, time = tracker.to_go, tracker.held, tracker.steps_done, self._context.time
        for _ in range(self._hold):
            self._control_step()
            if tracker.over or self._fell:
                break
        success, ended = tracker.monitor.runner.succeeded and not self._fell, tracker.over or self._fell
        now = Transition(
            before=before,
            after=tracker.to_go if tracker.main is main else before,
            held_before=held,
            held_after=tracker.held,
            steps_done=tracker.steps_done - done,
            success=success,
            failed=tracker.over and not success and not self._fell,
            fell=self._fell,
            seconds=self._context.time - time,
            speed=0.0 if self._joints else max(beyond(value, DEAD_ZONE) for value in self._action[:3]),
            depth=self._high.depth,
            gesture=self._high.gesture,
            wanted=None if self._joints else wanted,
        )
        raw, scale = reward_terms(now), self.config.reward_scale
        terms = {name: scale * weight * raw[name] for name, weight in self.config.reward_weights.items()}
        self._steps += 1
        truncated = not ended and self._steps >= self.steps_per_episode
        return self._observe(), sum(terms.values()), ended, truncated, self._info(terms)

    def guide(self) -> Observation:
        """The action of a hand-written law in this state, for the hierarchy: a baseline."""
        return np.array(guided_action(self._told.to_go, self._told.monitor.wanted), dtype=np.float32)

    def imagine(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Observations (count, N) of imagined moments and what :meth:`guide` would do there (count, A).

        Raises:
            InputError: with control="joints", for which there is no such law.
        """
        if self._joints:
            raise InputError("there is no hand-written law for control = 'joints'")
        body = sum(self.observation_layout.widths.values()) - self.observation_layout.widths["encoding"]
        return imagine(rng, self.sentences, body, count)

    def _control_step(self) -> None:
        low, high = self.walker, self._high
        arms = self._tracker.judged(high.gesture)
        if self._told is not self._tracker:
            self._told.judged(high.gesture)
        if self._tracker.over:
            return
        legs: NDArray[Any]
        if self._joints:
            legs = self._act_on_joints()
        else:
            self._seen = low.set_command(high.velocity, arms, self._height(high.depth))
            legs = self._act(self._seen)
        self._seen = low.step(legs)[0]
        self._context = skill_context(low)
        for tracker in {id(each): each for each in (self._tracker, self._told)}.values():
            tracker.moved(self._context)
        self._fell = fallen(low.reading, self.spec_robot, self._scene.ground.gradient)
        if self._fell:
            self._tracker.monitor.runner.fell(low.reading.time)

    def _height(self, depth: float) -> float | None:
        lowest = self.spec_robot.gait.lowest
        if depth <= 0.0 or lowest is None:
            return None
        return self.spec_robot.standing_height - depth * (self.spec_robot.standing_height - lowest)

    def _act_on_joints(self) -> NDArray[np.float64]:
        low, count = self.walker, self.stage.layout.leg_count
        robot, upper = low.robot, low.layout.upper
        targets = {}
        for place, value in zip(upper, self._action[count:], strict=True):
            rest = float(robot.default_positions[place])
            end = float((robot.upper if value > 0 else robot.lower)[place])
            targets[robot.joint_names[place]] = rest + abs(value) * (end - rest)
        low.set_command((0.0, 0.0, 0.0), targets)
        limit: float = low.config.action_limit
        return np.array(self._action[:count]) * limit

    def _observe(self) -> Observation:
        body = self.observation_layout.body(self._context, self.walker, self._action)
        numbers = [*body, *encode(self._told.view())]
        return np.clip(np.array(numbers, dtype=np.float32), -1.0, 1.0)

    def _info(self, terms: dict[str, float]) -> dict[str, Any]:
        runner = self._tracker.monitor.runner
        return {
            "is_success": runner.succeeded and not self._fell,
            "fell": self._fell,
            "reward_terms": terms,
            "command": np.array(self._high.velocity),
            "instruction": self._sentence.text,
            "step": self._tracker.steps_done,
            "reason": next((each.reason for each in runner.verdicts if each.reason), ""),
        }
