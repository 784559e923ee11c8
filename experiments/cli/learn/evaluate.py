"""``simon evaluate``: measure a policy."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from simonsays.experiments.cli._common import By, MeasuredPolicy, OneRobot, PhysicsEngine, RayAddress


def run(
    policy: MeasuredPolicy = None,
    robot: OneRobot = None,
    env: Annotated[str | None, typer.Option(help="Env id; that of its training by default.")] = None,
    episodes: Annotated[int, typer.Option(help="Of tracking and push; the others run a share of it.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="First seed.", min=0)] = 0,
    jobs: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
    protocols: Annotated[
        str, typer.Option(help="Some of its motion's, by comma: a wrong name lists them. The usual ones by default.")
    ] = "",
    write_card: Annotated[
        bool,
        typer.Option("--write-card", help="Write the figures into the bundle's CARD.md and policy.json."),
    ] = False,
    engine: PhysicsEngine = "bullet",
    by: By = "local",
    ray_address: RayAddress = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Measure a policy without any assistance, 95% intervals: tracking, pushes, gait ..., or success at its task."""
    from simonsays.agents.measure.evaluate import abilities, by_engine, card, evaluate, table
    from simonsays.agents.measure.protocols import protocols_of, usual
    from simonsays.assets.files import check_writable, write_atomically, write_json
    from simonsays.envs.policy.policy import bundle_folder, load_policy
    from simonsays.experiments.cli._common import comma_list, measured_policy, print_json, print_table, progress_bar
    from simonsays.experiments.jobs.engines import Engine, absolute

    policy = measured_policy(robot, policy)
    env_id = env or load_policy(policy).env_id
    env_id = env_id if ":" in env_id else f"simonsays.envs:{env_id}"
    chosen = comma_list("--protocols", protocols, protocols_of(env_id)) if protocols else usual(env_id)
    if write_card:
        check_writable(bundle_folder(policy) / "CARD.md", (".md",))
    spread = Engine(by, jobs, ray_address).map
    with progress_bar("evaluating") as update:
        run: dict[str, Any] = {"episodes": episodes, "seed": seed, "protocols": chosen, "engine": engine}
        results = evaluate(absolute(policy), env_id, **run, progress=update, spread=spread)
    if write_card:
        folder, loaded = bundle_folder(policy), load_policy(policy)
        write_atomically(folder / "CARD.md", card(loaded, results))
        able = {**loaded.abilities, **abilities(results, loaded)}
        write_json(folder / "policy.json", {**loaded.description, **({"abilities": able} if able else {})})
    if json_output:
        print_json({"policy": policy, **results})
        return
    rows = [(label, text, str(count)) for label, text, count in table(results)]
    print_table(("what", "figure [95%]", "episodes"), rows, f"{policy}, seeds from {seed}{by_engine(results)}")
