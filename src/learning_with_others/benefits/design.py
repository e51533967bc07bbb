"""From the rows of a study to the arrays of the benefit model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.errors import CompendiumError
from learning_with_others.study import Study


@dataclass(frozen=True)
class BenefitDesign:
    """The design of the benefit model and what its estimands need to know.

    Attributes
    ----------
    design : Design
    outcomes : dict of str to ndarray, shape (n,)
        Outcomes in standard deviations around their mean over these rows.
    outcome_sd : dict of str to float
        Those standard deviations, in the outcome's own unit.
    exposure_sd : float
        Standard deviation of the exposure's deviation from its school's mean.
    exposure_mean : dict of str to float
        Share of children at each non-reference level of the exposure.
    share_mean : dict of str to float
        Mean share of focal children in school, from the pooled mean, for the children of the
        focal and of the reference group.
    rows : dict of str to int
        Rows that entered, by group.
    schools_with_both : int
        Schools that hold children of both groups.
    """

    design: Design
    outcomes: dict[str, np.ndarray]
    outcome_sd: dict[str, float]
    exposure_sd: float
    exposure_mean: dict[str, float]
    share_mean: dict[str, float]
    rows: dict[str, int]
    schools_with_both: int


def within(level: str) -> str:
    """Name of the term for an exposure level, centred within school."""
    return f"{level}, within school"


def benefit_design(rows: pd.DataFrame, study: Study) -> BenefitDesign:
    """Build the benefit model of a class-level exposure, classes within schools.

    Each non-reference level c of the exposure enters as its deviation from the school's share,
    c − c̄_s, and as the share c̄_s; race enters alone and times the deviations; the school's
    share of focal children r̄_s enters alone and times the deviations, so that the benefit gap
    compares children within schools and not the schools they attend. Classes have a random
    intercept, schools a random intercept and a random slope of the exposure.

    Parameters
    ----------
    rows : pandas.DataFrame
        Complete rows of the focal and the reference group in one grade.
    study : Study

    Raises
    ------
    CompendiumError
        If a group has no rows, an outcome does not vary, or no school offers a contrast.
    """
    roles = study.roles
    race, exposure = roles.race, roles.exposure
    focal = (rows[race.column] == race.focal).to_numpy(float)
    counts = {race.focal: int(focal.sum()), race.reference: int((1 - focal).sum())}
    for group, count in counts.items():
        if count == 0:
            raise CompendiumError(
                f"no rows of the group {group!r} remain",
                where="benefit model",
                remedy="see the flow of rows in notebook 01",
            )
    school = pd.Series(pd.Categorical(rows[roles.school]).codes, index=rows.index)
    levels = _levels(rows, study)
    share = _school_mean(focal, school)
    share = share - share.mean()

    columns: dict[str, np.ndarray] = {"intercept": np.ones(len(rows))}
    deviations: dict[str, np.ndarray] = {}
    mean: dict[str, float] = {}
    for level in levels:
        value = (rows[exposure.column] == level).to_numpy(float)
        in_school = _school_mean(value, school)
        deviations[level] = value - in_school
        mean[level] = float(value.mean())
        columns[within(level)] = deviations[level]
        columns[f"{level}, share of school"] = in_school - in_school.mean()
    columns[race.focal] = focal - focal.mean()
    columns[f"share {race.focal} in school"] = share
    for level in levels:
        columns[f"{race.focal} × {within(level)}"] = focal * deviations[level]
        columns[f"share {race.focal} × {within(level)}"] = share * deviations[level]
    if not deviations[exposure.focal].any():
        raise CompendiumError(
            f"no school has children both with and without {exposure.label!r}",
            where="benefit model",
            remedy="choose another exposure or another grade",
        )

    design = Design(
        terms=tuple(columns),
        columns=np.column_stack(list(columns.values())),
        groupings=(
            _grouping("classroom", rows[roles.classroom]),
            _grouping("school", rows[roles.school], slopes=(within(exposure.focal),)),
        ),
    )
    outcomes, outcome_sd = _standardize(rows, study)
    by_school = pd.Series(focal).groupby(school.to_numpy()).nunique()
    return BenefitDesign(
        design=design,
        outcomes=outcomes,
        outcome_sd=outcome_sd,
        exposure_sd=float(deviations[exposure.focal].std()),
        exposure_mean=mean,
        share_mean={
            race.focal: float(share[focal == 1].mean()),
            race.reference: float(share[focal == 0].mean()),
        },
        rows=counts,
        schools_with_both=int((by_school > 1).sum()),
    )


def _levels(rows: pd.DataFrame, study: Study) -> list[str]:
    """Non-reference levels of the exposure, the focal one first."""
    exposure = study.roles.exposure
    all_levels = list(rows[exposure.column].cat.categories)
    others = [name for name in all_levels if name not in (exposure.focal, exposure.reference)]
    return [exposure.focal, *others]


def _school_mean(values: np.ndarray, school: pd.Series) -> np.ndarray:
    return pd.Series(values).groupby(school.to_numpy()).transform("mean").to_numpy()


def _grouping(name: str, labels: pd.Series, slopes: tuple[str, ...] = ()) -> Grouping:
    codes = pd.Categorical(labels)
    return Grouping(name, tuple(codes.categories.astype(str)), codes.codes.astype(int), slopes)


def _standardize(
    rows: pd.DataFrame, study: Study
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    values = {name: rows[name].to_numpy(float) for name in study.roles.outcomes}
    spread = {name: float(value.std()) for name, value in values.items()}
    for name, sd in spread.items():
        if not sd > 0:
            raise CompendiumError(
                f"the outcome {name!r} does not vary over the {len(rows)} rows",
                where="benefit model",
                remedy="take it out of roles.outcomes",
            )
    return {n: (v - v.mean()) / spread[n] for n, v in values.items()}, spread
