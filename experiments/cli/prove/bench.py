"""``simon bench``: what things cost, as ratios measured side by side."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from simonsays.experiments.cli._common import OneRobot, OtherEngine


def run(
    what: Annotated[
        Literal["env", "engines", "vec", "train", "watch", "live"],
        typer.Argument(
            help="env: an env step against the bare physics loop. engines: MuJoCo against Bullet, and the env's own "
            "share in each. vec: two workers against one, and against "
            "stable-baselines3's SubprocVecEnv. train: where the time of a training goes. "
            "watch: what simon watch costs a training while it films. live: real time and answers of the live robot."
        ),
    ] = "env",
    rounds: Annotated[
        int | None, typer.Option(help="Measured rounds.", show_default="env 60, engines 40, vec 12, watch 24", min=3)
    ] = None,
    recipe: Annotated[str, typer.Option(help="Of train and watch: a shipped recipe's name, or a TOML file.")] = "walk",
    steps: Annotated[int, typer.Option(help="Of train: env steps.", min=1)] = 40_000,
    seconds: Annotated[float, typer.Option(help="Of live: how long.", min=3)] = 30.0,
    env: Annotated[str | None, typer.Option(help="Of vec: the env's id.", show_default="that of walking")] = None,
    robot: OneRobot = None,
    engine: OtherEngine = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure what an env step, an engine, a vectorised env, a training or the live robot costs."""
    from simonsays.assets import InputError, needs_extra
    from simonsays.experiments.cli._common import console, print_json, progress_bar, walking_id

    if robot is not None and what in ("engines", "live", "watch"):
        raise InputError(f"--robot goes with env, vec and train, not with {what}")
    if engine is not None and what not in ("vec", "train", "live"):
        raise InputError(f"--engine goes with vec, train and live, not with {what}")
    with progress_bar("measuring") as update:
        if what == "env":
            from simonsays.experiments.bench.env import bench_env

            result, text = bench_env(rounds or 60, update, robot), _env_text
        elif what == "engines":
            from simonsays.experiments.bench.engines import bench_engines

            result, text = bench_engines(rounds=rounds or 40, progress=update), _engines_text
        elif what == "live":
            with needs_extra("live", "measuring the live robot"):
                from simonsays.experiments.bench.live import bench_live
            result, text = bench_live(seconds, update, engine or "bullet"), _live_text
        else:
            with needs_extra("train", "measuring a training"):
                from simonsays.agents.training.bench import bench_train, bench_vec
                from simonsays.experiments.bench.watch import bench_watch
            if what == "vec":
                result, text = (
                    bench_vec(env or walking_id(robot), rounds or 12, progress=update, engine=engine or "bullet"),
                    _vec_text,
                )
            elif what == "watch":
                result, text = bench_watch(recipe, rounds or 24, update), _watch_text
            else:
                result, text = bench_train(recipe, steps, update, engine, robot), _train_text
    if json_output:
        print_json(result)
        return
    console().print(text(result), markup=True)


def _env_text(result: dict[str, Any]) -> str:
    low, high = result["ratio_quartiles"]
    return (
        f"env step {result['env_us']:.0f} µs, bare loop {result['bare_us']:.0f} µs: "
        f"ratio [bold]{result['ratio']:.2f}[/] (quartiles {low:.2f} to {high:.2f}, {result['pairs']} pairs)"
    )


def _engines_text(result: dict[str, Any]) -> str:
    first, bars, lines = result["first"], result["bars"], []
    for name, found in result["engines"].items():
        low, high = found["own_us_quartiles"]
        lines.append(
            f"{name} {found['version']}: [bold]{found['env_steps_per_second']:,.0f}[/] env steps/s, "
            f"{found['physics_steps_per_second']:,.0f} physics steps/s; of an env step's {found['step_us']:.0f} µs the "
            f"env's own [bold]{found['own_us']:.0f} µs[/] (quartiles {low:.0f} to {high:.0f}; aim: at most "
            f"{bars['own_us']:.0f})" + (f"; fell in {found['falls']} rounds" if found["falls"] else "")
        )
    for other, ratios in result["ratios"].items():
        (low, high), physics = ratios["env"]["quartiles"], ratios["physics"]
        lines.append(
            f"{first} steps envs [bold]{ratios['env']['value']:.2f}[/] times as fast as {other} (quartiles {low:.2f} "
            f"to {high:.2f}, {result['rounds']} rounds; aim: at least {bars['faster']:g}), physics alone "
            f"[bold]{physics['value']:.2f}[/] times ({physics['quartiles'][0]:.2f} to {physics['quartiles'][1]:.2f})"
        )
    return "\n".join(lines)


def _vec_text(result: dict[str, Any]) -> str:
    rates = result["steps_per_second"]
    lines = [f"two workers, {result['envs_per_worker']} envs each: [bold]{rates['two_workers']:,.0f}[/] env steps/s"]
    for name, label in (("one_worker", "one worker"), ("subproc", "SubprocVecEnv, two processes")):
        low, high = result[f"times_{name}_quartiles"]
        ratio = result[f"times_{name}"]
        lines.append(f"  {ratio:.2f} times {label} ({rates[name]:,.0f}; quartiles {low:.2f} to {high:.2f})")
    return "\n".join(lines)


def _live_text(result: dict[str, Any]) -> str:
    answer = result["answer_ms"]
    return (
        f"real time factor [bold]{result['factor']:.3f}[/] over {result['seconds']:.0f} s on one core, "
        f"{result['poses_per_second']:.0f} poses a second\n"
        f"  answers: median [bold]{answer['median']:.0f} ms[/], at most {answer['max']:.0f} ms, "
        f"{answer['count']} in all"
    )


def _train_text(result: dict[str, Any]) -> str:
    shares = "   ".join(f"{part} [bold]{share:.0%}[/]" for part, share in result["shares"].items())
    return (
        f"{result['recipe']}: {result['steps']:,} env steps in {result['seconds']:.1f} s, "
        f"[bold]{result['steps_per_second']:,.0f}[/] a second\n"
        f"  {result['workers']} workers, {result['envs']} envs, {result['threads']} threads of torch\n  {shares}"
    )


def _watch_text(result: dict[str, Any]) -> str:
    low, high = result["slowdown_interval"]
    rates = result["steps_per_second"]
    return (
        f"{result['recipe']}: a training that is filmed all the time is [bold]{result['slowdown']:.1%}[/] slower "
        f"(95% interval {low:.1%} to {high:.1%}, {result['pairs']} pairs)\n"
        f"  {rates['watched']:,.0f} env steps a second, {rates['alone']:,.0f} alone; "
        f"the watcher took {result['watcher_share']:.1%} of the processors"
    )
