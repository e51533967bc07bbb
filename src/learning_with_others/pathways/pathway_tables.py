"""All tables of a pathway, made together and kept."""

from dataclasses import dataclass

import pandas as pd

from learning_with_others.models.comparability import Verdicts
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.pathways.associations_table import (
    between_table,
    covariance_table,
    pathway_table,
    score_table,
)
from learning_with_others.pathways.orders import order_table
from learning_with_others.pathways.planted import planted_table
from learning_with_others.pathways.sensitivity import (
    covariate_benchmarks,
    sensitivity_curves,
    sensitivity_table,
)
from learning_with_others.study import StudyDesign
from learning_with_others.study.simulation import Simulation


@dataclass(frozen=True)
class PathwayTables:
    """Tables of a pathway; each is None where it does not apply.

    Attributes
    ----------
    estimates, covariances, between, scores, sensitivity, curves, benchmarks, orders, planted
        From the functions of their names in this folder.
    """

    estimates: pd.DataFrame | None
    covariances: pd.DataFrame | None
    between: pd.DataFrame | None
    scores: pd.DataFrame | None
    sensitivity: pd.DataFrame | None
    curves: pd.DataFrame | None
    benchmarks: pd.DataFrame | None
    orders: pd.DataFrame | None
    planted: pd.DataFrame | None


def summarize_pathway(
    fits: dict[str, PathwayFit | None],
    rows: pd.DataFrame,
    values: pd.DataFrame | None,
    verdicts: Verdicts,
    simulation: Simulation | None,
    study: StudyDesign,
) -> PathwayTables:
    """Summarize the fits of a pathway.

    Parameters
    ----------
    fits : dict of str to PathwayFit or None
        `main`, `scores` (on mean scores), and the other orders by their names.
    rows : pandas.DataFrame
        From `rows_with_predictors`.
    values : pandas.DataFrame or None
    verdicts : mapping
        Of the measurement stage.
    simulation : Simulation or None
        The truth of a synthetic study.
    study : StudyDesign
    """
    others = {name: fit for name, fit in fits.items() if name not in ("main", "scores")}
    main = fits["main"]
    estimates = pathway_table(main, verdicts, study)
    return PathwayTables(
        estimates=estimates,
        covariances=covariance_table(main, study),
        between=between_table(main, study),
        scores=score_table(main, fits["scores"], study),
        sensitivity=sensitivity_table(main, study),
        curves=sensitivity_curves(main, study),
        benchmarks=covariate_benchmarks(main, study),
        orders=order_table(main, others, study),
        planted=planted_table(estimates, main, rows, values, simulation, study),
    )
