"""Students of two groups some of whom lack an outcome."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.cluster_design import ClusterDesign, cluster_design
from learning_with_others.inference.imputation import impute
from learning_with_others.inference.response_probability import predictor_columns
from learning_with_others.opportunity.contrast import contrasted, is_focal
from learning_with_others.study import StudyDesign


@dataclass(frozen=True)
class PartlyMissing:
    """Students of the two groups and one of their outcomes.

    Attributes
    ----------
    rows : pandas.DataFrame
        Of n students.
    outcome : ndarray, shape (n,)
        NaN where missing.
    focal : ndarray of bool, shape (n,)
    predictors : list of str
        Exposure, covariates and the other outcomes.
    design : ClusterDesign
    study : StudyDesign
    """

    rows: pd.DataFrame
    outcome: np.ndarray
    focal: np.ndarray
    predictors: list[str]
    design: ClusterDesign
    study: StudyDesign

    @property
    def seen(self) -> np.ndarray:
        """Whether the outcome is observed, shape (n,)."""
        return np.isfinite(self.outcome)

    def counts(self, which: np.ndarray) -> list[int]:
        """How many of the focal and of the reference group."""
        return [int(which[self.focal].sum()), int(which[~self.focal].sum())]

    @property
    def obstacle(self) -> str:
        """Why there is no gap to show; empty if there is one."""
        minimum = self.study.analysis.minimum_cell
        if min(self.counts(self.seen)) < minimum:
            return f"fewer than {minimum} people of a group have the outcome"
        values, focal = self.outcome[self.seen], self.focal[self.seen]
        if max(np.ptp(values[focal]), np.ptp(values[~focal])) == 0:
            return "the outcome does not vary within the groups"
        return ""


def partly_missing(rows: pd.DataFrame, study: StudyDesign, column: str) -> PartlyMissing:
    """Take the students of the two groups who have a school, and a classroom if there are any.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, of all groups.
    study : StudyDesign
    column : str
        Holds the outcome.

    Raises
    ------
    CompendiumError
        If sampling weights are missing, negative, or all zero.
    """
    roles = study.roles
    compared = contrasted(rows, study).reset_index(drop=True)
    others = [roles.exposure.name, *roles.covariates, *(o.name for o in roles.outcomes.values())]
    predictors = [name for name in dict.fromkeys(others) if name != column]
    outcome = compared[column].to_numpy(float, na_value=np.nan)
    design = cluster_design(compared, study)
    return PartlyMissing(compared, outcome, is_focal(compared, study), predictors, design, study)


def completed_outcomes(case: PartlyMissing, tables: int, seed: int) -> np.ndarray | None:
    """Impute the outcome, the numbers among its predictors with it, each group on its own.

    Returns
    -------
    ndarray, shape (M, n), or None
        None where a group has too few observed values. A predictor that a group hardly has, or
        that does not vary in it, is left out.
    """
    rows, minimum = case.rows, case.study.analysis.minimum_cell
    numbers = [name for name in case.predictors if pd.api.types.is_numeric_dtype(rows[name])]
    known = rows[numbers].astype(float)
    by_group = known.groupby(case.focal)
    enough = (by_group.count() >= minimum).all() & (by_group.std() > 0).all()
    known = known.loc[:, enough]
    fixed = predictor_columns(rows, [n for n in case.predictors if n not in numbers], minimum)
    lowest = next(iter(case.study.roles.clusters.values()))
    completed = impute(
        np.column_stack([case.outcome, known.to_numpy(float)]),
        fixed.to_numpy(float),
        case.focal.astype(int),
        pd.factorize(rows[lowest])[0],
        tables=tables,
        seed=seed,
    )
    return None if completed is None else completed[:, :, 0]
