"""Fit the benefit model of every outcome, over plausible values where there are any."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.diagnosis import Diagnosis, diagnose, worst_of
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.specification import Sampler
from learning_with_others.data.flow import model_rows
from learning_with_others.errors import CompendiumError
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.estimands import benefit_draws
from learning_with_others.models.framed_values import framed_values
from learning_with_others.models.model_rows import score_of
from learning_with_others.study import StudyDesign

ALL_OUTCOMES = "all"
KEPT = 4000  # draws of the mixture that figures and checks are made from
# Each fit must pass its gate by itself, so a fit to one of many values may be shorter. Of a hundred
# short ones a few miss it by chance: those are run again, longer.
SINGLE, ONE_OF_MANY = 1000, 500  # draws of each chain
LONGER = 4


@dataclass(frozen=True)
class BenefitFit:
    """The benefit model of one outcome, fitted.

    Attributes
    ----------
    design : BenefitDesign
        With the first plausible value.
    frame : ModelFrame
        The same, with its outcome.
    fit : xarray.DataTree
        Of the first plausible value, whole.
    mixture : xarray.Dataset
        Posterior draws of all values together, thinned; chains of the fits one after the other.
    draws : dict of str to ndarray, shape (M, chains, draws)
        Of every estimand; see `benefit_draws`.
    diagnosis : Diagnosis
        The worst over the fits.
    score : str
        What exposure and outcome are: plausible values, or scale scores.
    """

    design: BenefitDesign
    frame: ModelFrame
    fit: xr.DataTree
    mixture: xr.Dataset
    draws: dict[str, np.ndarray]
    diagnosis: Diagnosis
    score: str

    @property
    def engine(self) -> str:
        """Engine that ran."""
        return str(self.fit.attrs["engine"])


def benefit_rows(
    students: pd.DataFrame, study: StudyDesign, grade: str, outcome: str
) -> dict[str, pd.DataFrame]:
    """Rows of the model of every outcome that is asked for.

    Parameters
    ----------
    outcome : str
        One of the study's outcomes, or `all`.

    Raises
    ------
    CompendiumError
        If `outcome` is no outcome of the study, or too few of a group have it.
    """
    known = list(study.roles.outcomes)
    if outcome not in (ALL_OUTCOMES, *known):
        raise CompendiumError(f"{outcome!r} is no outcome", remedy=f"valid: {', '.join(known)}")
    wanted = known if outcome == ALL_OUTCOMES else [outcome]
    rows = {name: model_rows(students, study, grade, name) for name in wanted}
    for name, mine in rows.items():
        _check_groups(name, mine, study)
    return rows


def _check_groups(outcome: str, rows: pd.DataFrame, study: StudyDesign) -> None:
    sizes = rows[study.roles.group.column].value_counts()
    for group in study.roles.group.contrast:
        if sizes.get(group, 0) < study.analysis.minimum_cell:
            raise CompendiumError(
                f"fewer than {study.analysis.minimum_cell} {group} {study.people} have all that"
                f" the model of {outcome!r} needs",
                where="benefit models",
                remedy="leave the outcome out with PARAMS='outcome=…', drop a covariate that many"
                " lack from roles.covariates, or contrast larger groups in roles.group",
            )


def fit_benefits(
    rows: dict[str, pd.DataFrame], study: StudyDesign, values: pd.DataFrame | None
) -> dict[str, BenefitFit]:
    """Fit the benefit model of every outcome.

    Parameters
    ----------
    rows : dict of str to pandas.DataFrame
        From `benefit_rows`.
    values : pandas.DataFrame, optional
        Plausible values, as the measurement stage writes them.
    """
    return {name: _fit_outcome(name, mine, study, values) for name, mine in rows.items()}


def _fit_outcome(
    name: str, rows: pd.DataFrame, study: StudyDesign, values: pd.DataFrame | None
) -> BenefitFit:
    versions = list(framed_values(rows, study, [name], values))
    draws_each = SINGLE if len(versions) == 1 else ONE_OF_MANY
    thinning = max(1, len(versions) * 4 * draws_each // KEPT)
    first: tuple | None = None
    diagnoses, parts, named = [], [], []
    for number, (design, frame, _) in enumerate(versions):
        sampler = Sampler(study.analysis.seed + number, tune=draws_each, draws=draws_each)
        fit, diagnosis = _fit_once_or_twice(name, frame, sampler)
        posterior = fit["posterior"].to_dataset()
        step = posterior.sizes["draw"] // draws_each
        posterior = posterior.isel(draw=slice(None, None, step)).assign_coords(
            draw=np.arange(draws_each)
        )
        first = first or (design, frame, fit)
        diagnoses.append(diagnosis)
        named.append(benefit_draws(posterior, design))
        thinned = posterior.isel(draw=slice(None, None, thinning))
        parts.append(thinned.assign_coords(chain=thinned["chain"] + number * len(thinned["chain"])))
    return BenefitFit(
        *first,
        mixture=xr.concat(parts, dim="chain"),
        draws={key: np.stack([each[key] for each in named]) for key in named[0]},
        diagnosis=worst_of(diagnoses),
        score=score_of(study, name, values),
    )


def _fit_once_or_twice(
    name: str, frame: ModelFrame, sampler: Sampler
) -> tuple[xr.DataTree, Diagnosis]:
    """Fit one outcome; a fit that fails its gate is run again with longer chains."""
    fit = fit_outcomes(frame, {name: frame.outcome}, sampler)[name]
    diagnosis = diagnose(fit)
    if diagnosis.flag:
        longer = replace(sampler, tune=LONGER * sampler.tune, draws=LONGER * sampler.draws)
        fit = fit_outcomes(frame, {name: frame.outcome}, longer)[name]
        diagnosis = diagnose(fit)
    return fit, diagnosis
