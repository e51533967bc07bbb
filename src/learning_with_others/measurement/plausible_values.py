"""Plausible values of a study's constructs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from learning_with_others.measurement.joint_inputs import prepare
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.scores.plausible.chain_agreement import summarize_trace
from learning_with_others.psychometrics.scores.plausible.chains import (
    JointDraws,
    Schedule,
    draw_joint_values,
)
from learning_with_others.psychometrics.scores.plausible.joint_model import JointModel
from learning_with_others.study import StudyDesign


@dataclass(frozen=True)
class PlausibleValues:
    """Plausible values of every student, rows as they came. No output may hold them row by row.

    Attributes
    ----------
    variables : tuple of str, length p
        Constructs, then observed outcomes and covariates.
    constructs : tuple of str
        The latent ones, on the latent scale: reference group mean 0, sd 1 in the response model.
    draws : ndarray, shape (M, n, p)
        Observed variables in their own units: as recorded, or drawn where missing.
    chain : ndarray of int, shape (M,)
        Chain that each came from.
    trace : pandas.DataFrame
        From `summarize_trace`, with a column `key`: false for slopes and spreads of groups
        outside the contrast, on which no flag depends.
    flags : tuple of str
        What must stand beside every number that rests on these values.
    """

    variables: tuple[str, ...]
    constructs: tuple[str, ...]
    draws: np.ndarray
    chain: np.ndarray
    trace: pd.DataFrame
    flags: tuple[str, ...]

    def of(self, variable: str) -> np.ndarray:
        """Values of one variable, shape (M, n)."""
        return self.draws[:, :, self.variables.index(variable)]

    def complete(self, rows: pd.DataFrame, number: int) -> pd.DataFrame:
        """Rows with each construct's column replaced by its plausible value `number`.

        Observed outcomes and covariates stay as recorded, missing where they were.
        """
        drawn = {name: self.of(name)[number] for name in self.constructs}
        return rows.assign(**drawn)


def draw_plausible_values(
    rows: pd.DataFrame,
    study: StudyDesign,
    answers_by_scale: Mapping[str, Answers],
    parameters_by_scale: Mapping[str, Mapping[str, ItemParameters]],
    schedule: Schedule,
) -> PlausibleValues:
    """Draw plausible values for all scales jointly, compatibly with the analysis model.

    For student i of group r in cluster j, with exposure c and all other constructs,
    outcomes and numeric covariates y:

        c_i = x_i'B + u_cj + e_i,                                   e_i ~ N(0, σ²_c[r])
        y_i = x_i'A + u_yj + (β_r + κ share_j + w_j) e_i + ε_i,     ε_i ~ N(0, Σ_y[r])

    so that every outcome × group, slopes that differ between clusters, and covariances free in
    each group are in the values (Bartlett et al. 2015). Groups of fewer than 30
    students, or fewer than five for each variable, share slopes and covariances. Item parameters
    are held at their estimates: their own uncertainty is not in the values. Outcomes and
    covariates count as normal given the rest.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of all groups, each in a cluster.
    study : StudyDesign
    answers_by_scale : mapping of str to Answers
        Keyed answers of the same rows, no item in two scales.
    parameters_by_scale : mapping of str to mapping of str to ItemParameters
        By scale and group; groups not named answer as the reference group does.
    schedule : Schedule
        Number of values, seed and length of the chains.

    Raises
    ------
    CompendiumError
        If data and parameters do not fit together, or a variable does not vary.

    References
    ----------
    Mislevy, R. J. (1991). Randomization-based inference about latent variables from complex
    samples. Psychometrika 56, 177-196.
    Bartlett, J. W., Seaman, S. R., White, I. R. and Carpenter, J. R. (2015). Multiple imputation
    of covariates by fully conditional specification. Statistical Methods in Medical Research 24,
    462-487.
    """
    prepared = prepare(rows, study, answers_by_scale, parameters_by_scale)
    model = prepared.model
    drawn, trace = _judged(model, schedule)
    failed = trace[trace["key"] & ~trace["converged"]]
    if len(failed) and schedule.again > 1:
        longer = replace(schedule, thinning=schedule.again * schedule.thinning)
        drawn, trace = _judged(model, longer)
        failed = trace[trace["key"] & ~trace["converged"]]
    flags = list(prepared.flags)
    if len(failed):
        worst = (
            failed.loc[failed["rhat"].idxmax()] if failed["rhat"].notna().any() else failed.iloc[0]
        )
        flags.append(
            f"{len(failed)} of {trace['key'].sum()} key parameters have not converged, "
            f"{worst['parameter']} least: R-hat {worst['rhat']:.3f}, "
            f"bulk ESS {worst['ess_bulk']:.0f}; run longer chains"
        )
    return PlausibleValues(
        variables=model.variables,
        constructs=tuple(model.variables[k] for k in model.latent),
        draws=drawn.draws * prepared.standard_deviation + prepared.centre,
        chain=drawn.chain,
        trace=trace,
        flags=tuple(flags),
    )


def _judged(model: JointModel, schedule: Schedule) -> tuple[JointDraws, pd.DataFrame]:
    """Draw, and say of each structural parameter whether the chains agree."""
    drawn = draw_joint_values(model, schedule)
    trace = summarize_trace(drawn.trace)
    # Slopes and spreads of groups outside the contrast enter only the values of those groups.
    others = tuple(f", {group}" for group in model.groups[2:])
    return drawn, trace.assign(key=[not name.endswith(others) for name in trace["parameter"]])
