"""Where a training's figures go: CSV and TensorBoard always, Weights & Biases and MLflow where they are asked for.

A resumed training goes on writing the same. The services are told apart from each other by nothing but their name here.
Where they send things is their own business: the variables WANDB_MODE, WANDB_PROJECT, WANDB_BASE_URL and
MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME say it.
"""

from __future__ import annotations

import csv
import importlib
import io
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from numbers import Number
from pathlib import Path
from typing import Any

from stable_baselines3.common.logger import KVWriter, Logger, filter_excluded_keys

from simonsays.agents.recipes.overrides import flat
from simonsays.agents.sb3_internals import TensorBoardFile
from simonsays.assets import InputError, did_you_mean, first_line, needs_extra
from simonsays.assets.files import write_atomically, write_json
from simonsays.assets.reading import read_table

Config = Mapping[str, Any]
Made = tuple[KVWriter, str]
"""a writer and the id under which its service knows the run"""

_IDS = "services.json"  # in the folder of the logs: a resumed training goes on in the same runs
_LONGEST = 500  # characters of a parameter, as MLflow takes them
_AT_ONCE = 100  # parameters, as MLflow takes them
_STEPS = "time/total_timesteps"


def open_logs(folder: Path, steps: int, others: Sequence[KVWriter] = ()) -> Logger:
    """Loggers of ``progress.csv`` and TensorBoard; what a killed training wrote after ``steps`` is taken back.

    ``others``: writers that get the figures, too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return Logger(str(folder), [_Csv(folder / "progress.csv", steps), TensorBoardFile(folder, steps), *others])


class _Csv(KVWriter):
    """A table that grows by a line, or by a column: then the whole file is replaced at once, so that a kill in the
    middle loses nothing."""

    def __init__(self, file: Path, steps: int) -> None:
        self._path = file
        self._rows: list[dict[str, str]] = []
        self._columns: list[str] = []
        if file.exists():
            with file.open(newline="", encoding="utf-8", errors="replace") as stream:
                reader = csv.DictReader(stream)
                self._columns = list(reader.fieldnames or [])
                self._rows = [row for row in reader if _before(row, steps)]
        self._rewrite()

    def _rewrite(self) -> None:
        write_atomically(self._path, self._as_text([dict(zip(self._columns, self._columns, strict=True)), *self._rows]))

    def _as_text(self, rows: list[dict[str, str]]) -> str:
        text = io.StringIO()
        csv.DictWriter(text, self._columns, restval="", lineterminator="\n").writerows(rows)
        return text.getvalue()

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0) -> None:
        """Add a line."""
        values = filter_excluded_keys(key_values, key_excluded, "csv")
        row = {name: str(value) for name, value in values.items() if value is not None}
        self._rows.append(row)
        if new := sorted(row.keys() - set(self._columns)):
            self._columns += new
            self._rewrite()
            return
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(self._as_text([row]))
            stream.flush()
            os.fsync(stream.fileno())

    def close(self) -> None:
        """Nothing is open between two lines."""


def _before(row: dict[str, str], steps: int) -> bool:
    """A line that was cut off in the middle is no line."""
    said = row.get(_STEPS) or ""
    return None not in row.values() and said.isdigit() and int(said) <= steps


class WandbWriter(KVWriter):
    """Scalars to a run of Weights & Biases."""

    def __init__(self, run: Any) -> None:
        self._run = run

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0) -> None:
        """Log what are numbers, at an env step."""
        self._run.log(_numbers(key_values, key_excluded, "wandb"), step=step)

    def close(self) -> None:
        """End the run; what is not yet sent is sent first."""
        self._run.finish()


class MlflowWriter(KVWriter):
    """Scalars to a run of MLflow."""

    def __init__(self, client: Any, run_id: str) -> None:
        self._client, self._run_id = client, run_id

    def write(self, key_values: dict[str, Any], key_excluded: dict[str, tuple[str, ...]], step: int = 0) -> None:
        """Log what are numbers, at an env step."""
        from mlflow.entities import Metric

        now = round(1000 * time.time())
        figures = _numbers(key_values, key_excluded, "mlflow").items()
        self._client.log_batch(self._run_id, metrics=[Metric(name, value, now, step) for name, value in figures])

    def close(self) -> None:
        """End the run."""
        self._client.set_terminated(self._run_id)


def _numbers(values: Mapping[str, Any], excluded: Mapping[str, Any], name: str) -> dict[str, float]:
    return {
        key: float(value)
        for key, value in values.items()
        if name not in (excluded.get(key) or ()) and (isinstance(value, Number) or getattr(value, "shape", None) == ())
    }


def _wandb(folder: Path, name: str, config: Config, known: str | None) -> Made:
    wandb = _needed("wandb", "wandb")
    run = wandb.init(
        project=os.environ.get("WANDB_PROJECT", "simonsays"),
        name=name or None,
        config=dict(config),
        dir=str(folder),
        id=known,
        resume="allow",
        reinit="create_new",
    )
    return WandbWriter(run), str(run.id)


def _mlflow(folder: Path, name: str, config: Config, known: str | None) -> Made:
    _needed("mlflow", "mlflow")
    from mlflow.entities import Param
    from mlflow.tracking import MlflowClient

    client = MlflowClient(os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(folder / 'mlflow.db').resolve()}")
    if known is not None:
        client.update_run(known, "RUNNING")
        return MlflowWriter(client, known), known
    title = os.environ.get("MLFLOW_EXPERIMENT_NAME", "simonsays")
    experiment = client.get_experiment_by_name(title)
    place = experiment.experiment_id if experiment is not None else client.create_experiment(title)
    run_id = client.create_run(place, run_name=name or None).info.run_id
    said = [Param(key, str(value)[:_LONGEST]) for key, value in flat(config).items()]
    for start in range(0, len(said), _AT_ONCE):
        client.log_batch(run_id, params=said[start : start + _AT_ONCE])
    return MlflowWriter(client, run_id), str(run_id)


SERVICES: dict[str, Callable[[Path, str, Config, str | None], Made]] = {"wandb": _wandb, "mlflow": _mlflow}
"""By name: ``make(folder, run_name, config, known)``; ``known`` is the id of a run that is gone on with."""


def service_writers(
    folder: Path, services: Sequence[str], run_name: str = "", config: Config | None = None
) -> list[KVWriter]:
    """Writers of stable-baselines3's logger that send figures to services; their ids are kept in ``folder``.

    Args:
        services: names of SERVICES; run_name: what they show; config: the recipe as plain values, for them to show.

    Raises:
        InputError: an unknown service, one whose package is missing, that refuses, or that cannot be reached.
    """
    check_services(services)
    ids, writers = _known_ids(folder), []
    for service in dict.fromkeys(services):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            writer, ids[service] = SERVICES[service](folder, run_name, config or {}, ids.get(service))
        except Exception as error:  # each service has exceptions of its own
            with suppress(OSError):  # other things are in it
                folder.rmdir()
            told = first_line(error)
            raise InputError(f"--log {service}: the service refuses, or cannot be reached: {told}") from error
        writers.append(writer)
    if writers:
        write_json(folder / _IDS, ids)
    return writers


def check_services(names: Sequence[str]) -> None:
    """Refuse services that cannot be used.

    Raises:
        InputError: an unknown one, or one whose package is missing.
    """
    for name in names:
        if name not in SERVICES:
            raise InputError(f"--log {name!r}: no such service{did_you_mean(name, SERVICES)}")
        _needed(name, name)


def _needed(module: str, extra: str) -> Any:
    with needs_extra(extra, f"--log {extra}"):
        return importlib.import_module(module)


def _known_ids(folder: Path) -> dict[str, str]:
    try:
        return read_table(folder / _IDS)
    except InputError:
        return {}
