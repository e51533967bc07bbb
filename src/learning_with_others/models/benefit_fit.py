"""Fit the benefit model of every outcome, over plausible values where there are any."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.diagnosis import Diagnosis, worst_of
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.data.flow import model_rows
from learning_with_others.data.measures.opportunities import NUMBER
from learning_with_others.data.outcome_families import family_of
from learning_with_others.errors import CompendiumError
from learning_with_others.models.average_slopes import averaged_draws
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.drawn import draw_posterior, sampler_of
from learning_with_others.models.estimands import benefit_draws
from learning_with_others.models.flagged import with_flags_added
from learning_with_others.models.framed_values import framed_values
from learning_with_others.models.model_rows import PLAUSIBLE, score_of
from learning_with_others.study import StudyDesign

ALL_OUTCOMES = "all"
MIXED = 4000  # draws of the mixture over all values, for figures and checks
ATTENUATED = "attenuated: plausible values of the exposure are drawn without this outcome"
ABOUT = ("engine", "engine_reason", "method", "weaknesses")
MOST_SAMPLED = 10  # plausible values of families that are sampled by chains
CHAINS, FIRST = 4, 500  # of the first value's posterior, with effects of groups


@dataclass(frozen=True)
class BenefitFit:
    """The benefit model of one outcome, fitted.

    Attributes
    ----------
    design : BenefitDesign
        With the first plausible value.
    frame : ModelFrame
        The same, with its outcome.
    posterior : xarray.Dataset
        Draws of equal weight for the first plausible value, effects of groups among them.
    mixture : xarray.Dataset
        Draws of equal weight of all values together, a chain for each, without effects of groups.
    draws : dict of str to ndarray, shape (M, chains, draws)
        Of every estimand; see `benefit_draws`.
    weights : ndarray, shape (M, chains, draws)
        Of the draws; each value's sum to one.
    diagnosis : Diagnosis
        The worst over the fits.
    score : str
        What exposure and outcome are: plausible values, or scale scores.
    about : dict of str to str
        Of the first fit: `engine`, `engine_reason`, `method` and `weaknesses`.
    """

    design: BenefitDesign
    frame: ModelFrame
    posterior: xr.Dataset
    mixture: xr.Dataset
    draws: dict[str, np.ndarray]
    weights: np.ndarray
    diagnosis: Diagnosis
    score: str
    about: dict[str, str]

    @property
    def attenuated(self) -> str:
        """Say so where plausible values of the exposure do not know the outcome; else empty.

        The model that draws them holds normal variables only (Mislevy 1991): associations with
        what it leaves out are drawn towards zero.
        """
        return ATTENUATED if self.score == PLAUSIBLE and not self.design.family.linear else ""


def with_attenuation(table: pd.DataFrame, fits: dict[str, BenefitFit]) -> pd.DataFrame:
    """Add this to the flags of a table of outcomes, if it holds of any of them."""
    words = {name: fit.attenuated for name, fit in fits.items()}
    return with_flags_added(table, map(words.get, table["outcome"]))


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


def fit_benefit(
    name: str,
    rows: pd.DataFrame,
    study: StudyDesign,
    values: pd.DataFrame | None,
) -> BenefitFit:
    """Fit the benefit model of one outcome, of the family that the study declares.

    Parameters
    ----------
    name : str
    rows : pandas.DataFrame
        From `benefit_rows`.
    values : pandas.DataFrame, optional
        Plausible values, as the measurement stage writes them. Families sampled by chains take the
        first ten: a fit takes them tens of seconds.
    """
    chained = not family_of(study, name).collapses
    most = MOST_SAMPLED if chained else None
    score = score_of(study, name, values)
    sampler = sampler_of(study, name, many=score == PLAUSIBLE, chained=chained)
    count = min(values[NUMBER].nunique(), most or MIXED) if score == PLAUSIBLE else 1
    kept = max(1, MIXED // count)
    draws, weights, diagnoses, mixture = [], [], [], []
    framed = framed_values(rows, study, [name], values, most=most)
    for number, (design, frame, _) in enumerate(framed):
        estimate = estimands_of(design, frame)
        drawn = draw_posterior(frame, sampler(number), estimate, effects=number == 0)
        draws.append(drawn.estimands)
        weights.append(drawn.weights)
        diagnoses.append(drawn.diagnosis)
        chain = stored_draws(drawn.fit, 1, kept, drawn.seed)
        chain = chain.drop_dims([each.name for each in frame.groupings], errors="ignore")
        mixture.append(chain.assign_coords(chain=[number]))
        if number == 0:
            first = {
                "design": design,
                "frame": frame,
                "posterior": stored_draws(drawn.fit, CHAINS, FIRST, drawn.seed),
                "about": {key: drawn.fit.attrs[key] for key in ABOUT},
            }
    return BenefitFit(
        **first,
        mixture=xr.concat(mixture, dim="chain"),
        draws={key: np.stack([each[key] for each in draws]) for key in draws[0]},
        weights=np.stack(weights),
        diagnosis=worst_of(diagnoses),
        score=score,
    )


def estimands_of(
    design: BenefitDesign, frame: ModelFrame
) -> Callable[[xr.Dataset], dict[str, np.ndarray]]:
    """Give what computes the estimands from draws: coefficients, or averages over students."""
    if frame.family.linear:
        return partial(benefit_draws, design=design)
    return partial(averaged_draws, design=design, scale=frame.family.scale(frame.outcome))
