"""What a study says for people: which keys mattered, and pictures, drawn by Optuna with matplotlib."""

from __future__ import annotations

import importlib.util
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simonsays.assets.files import write_atomically


def trials_of(study: Any, *states: str) -> list[Any]:
    """The trials of a study in some of Optuna's states, such as COMPLETE."""
    from optuna.trial import TrialState

    return list(study.get_trials(deepcopy=False, states=tuple(TrialState[state] for state in states)))


def _evaluator() -> Any:
    """PED-ANOVA (Watanabe et al., IJCAI 2023): Optuna's own, without scikit-learn."""
    from optuna.importance import PedAnovaImportanceEvaluator

    return PedAnovaImportanceEvaluator()


def importances(study: Any) -> dict[str, float] | None:
    """The share of the objective's variation among good trials that each key explains; None of too few trials."""
    if len({trial.value for trial in trials_of(study, "COMPLETE")}) < 3:
        return None
    from optuna.importance import get_param_importances

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = get_param_importances(study, evaluator=_evaluator())
    return {key: float(value) for key, value in found.items()}


def draw_plots(study: Any, folder: Path) -> list[Path]:
    """Write history.png, intermediate.png and importances.png, those for which there are trials; returns the files."""
    if importlib.util.find_spec("matplotlib") is None or not trials_of(study, "COMPLETE"):
        return []
    from optuna.visualization import matplotlib as plots

    wanted: dict[str, Callable[[], Any]] = {
        "history": lambda: plots.plot_optimization_history(study, target_name="objective"),
        "intermediate": lambda: _labelled(plots.plot_intermediate_values(study), "checkpoint", "objective"),
    }
    if importances(study) is not None:
        wanted["importances"] = lambda: _labelled(
            plots.plot_param_importances(study, evaluator=_evaluator()), "share of the variation", ""
        )
    for name, draw in wanted.items():
        write_atomically(folder / f"{name}.png", _png(draw))
    return [folder / f"{name}.png" for name in wanted]


def _labelled(axes: Any, x: str, y: str) -> Any:
    axes.set(xlabel=x, ylabel=y)
    if not y and axes.get_legend() is not None:
        axes.get_legend().remove()
    return axes


def _png(draw: Callable[[], Any]) -> bytes:
    """A PNG of what Optuna draws; it uses pyplot, whose figure is closed again."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        axes = draw()
    stream = io.BytesIO()
    axes.figure.set_size_inches(8.0, 4.6)
    axes.figure.savefig(stream, format="png", dpi=140, bbox_inches="tight", metadata={"Software": None})
    pyplot.close(axes.figure)
    return stream.getvalue()
