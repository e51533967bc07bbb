"""The exposure as contrasts: deviations within a cluster, and what lies between clusters."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from learning_with_others.bayes.centring import (
    ROUNDING,
    cluster_mean,
    within_and_between,
    without_rounding,
)
from learning_with_others.data.clusters import FEWEST_SCHOOLS
from learning_with_others.errors import CompendiumError
from learning_with_others.study import StudyDesign

ENTERED_TOGETHER = "entry cohort"  # who entered the same school in the same grade
LOW, HIGH = 0.10, 0.90  # pooled percentiles of the deviation that stand for low and high


@dataclass(frozen=True)
class ExposureContrast:
    """One contrast of the exposure.

    Attributes
    ----------
    within : str
        Name of the deviation's term.
    deviation : ndarray, shape (n,)
        From the mean of the cluster.
    between : dict of str to ndarray, shape (n,)
        Terms of the cluster means, around their mean.
    low, high : float
        Deviation at low and at high exposure.
    contextual : str, optional
        Term of the mean whose coefficient a contextual effect compares with the slope within; none
        where it would rest on differences between fewer than ten schools.
    """

    within: str
    deviation: np.ndarray
    between: dict[str, np.ndarray]
    low: float
    high: float
    contextual: str | None = None


@dataclass(frozen=True)
class Contrasts:
    """All contrasts, the one of the benefit gap first.

    Attributes
    ----------
    cluster : str
        Level within which deviations are taken, and between whose clusters slopes vary.
    contrasts : list of ExposureContrast
    two_valued : bool
        Whether low and high are the levels of a class-level exposure.
    strata : pandas.Series, optional
        Parts of the clusters within which deviations are taken instead, where the exposure was
        assigned at random within each; its name says what they are.
    """

    cluster: str
    contrasts: list[ExposureContrast]
    two_valued: bool = False
    strata: pd.Series | None = None

    @property
    def place(self) -> str:
        """Within what students are compared."""
        return self.cluster if self.strata is None else str(self.strata.name)

    @property
    def main(self) -> ExposureContrast:
        """The contrast of the benefit gap."""
        return self.contrasts[0]

    @property
    def between(self) -> list[str]:
        """Terms between clusters, of every contrast."""
        return [name for contrast in self.contrasts for name in contrast.between]

    def without(self, terms: tuple[str, ...]) -> "Contrasts":
        """Leave out some of the terms between clusters."""
        kept = [
            replace(
                each,
                between={name: v for name, v in each.between.items() if name not in terms},
                contextual=None if each.contextual in terms else each.contextual,
            )
            for each in self.contrasts
        ]
        return replace(self, contrasts=kept)


def exposure_contrasts(rows: pd.DataFrame, study: StudyDesign) -> Contrasts:
    """Centre the exposure at the level at which it varies.

    A class-level exposure gives one contrast for each level but the reference, centred within
    school, or within school and grade of entry where it was assigned at random to those who
    entered together (Krueger 1999); low and high are its two values. A student-level exposure
    gives one, in standard deviations over these rows, centred within the lowest cluster; low and
    high are the pooled 10th and 90th percentile of the deviation.

    Raises
    ------
    CompendiumError
        If the exposure does not vary within any cluster.

    References
    ----------
    Krueger, A. B. (1999). Experimental estimates of education production functions. Quarterly
    Journal of Economics 114, 497-532, eq. 2.
    """
    study = study.as_assigned
    by_level = study.roles.exposure.varies_by == "classroom"
    found = _levels(rows, study) if by_level else _score(rows, study)
    if not np.any(np.abs(found.contrasts[0].deviation) > 0):
        raise CompendiumError(
            f"{study.roles.exposure.label!r} does not vary within any {found.place}",
            where="benefit model",
            remedy="choose another exposure or other rows; if it belongs to the cluster, say so in"
            " `roles.exposure.varies_by`",
        )
    return found


def exposure_levels(rows: pd.DataFrame, study: StudyDesign) -> list[str]:
    """Levels of an exposure that is a category, the focal one first, without the reference."""
    exposure = study.roles.exposure
    apart = (exposure.focal, exposure.reference)
    others = [level for level in rows[exposure.name].cat.categories if level not in apart]
    return [exposure.focal, *others]


def _levels(rows: pd.DataFrame, study: StudyDesign) -> Contrasts:
    exposure, school, strata = study.roles.exposure, rows[study.roles.school], None
    if study.roles.at_entry:
        together = [school, rows[study.roles.at_entry[str(study.roles.grade)]]]
        strata = rows.groupby(together, observed=True).ngroup().rename(ENTERED_TOGETHER)
    where, place = (school, "school") if strata is None else (strata, ENTERED_TOGETHER)
    contrasts = []
    for level in exposure_levels(rows, study):
        value = (rows[exposure.name] == level).to_numpy(float)
        mean = cluster_mean(value, where)
        contrasts.append(
            ExposureContrast(
                within=f"{level}, within {place}",
                deviation=without_rounding(value - mean, value),
                between=varying({f"{level}, share of {place}": mean - mean.mean()}),
                low=-float(value.mean()),
                high=float(level == exposure.focal) - float(value.mean()),
            )
        )
    return Contrasts("school", contrasts, two_valued=True, strata=strata)


def _score(rows: pd.DataFrame, study: StudyDesign) -> Contrasts:
    exposure, clusters = study.roles.exposure, study.roles.clusters
    raw = rows[exposure.name].to_numpy(float)
    value = (raw - raw.mean()) / (raw.std() or 1.0)
    lowest = next(iter(clusters))
    parts = within_and_between(value, *(rows[column] for column in clusters.values()))
    *_, school_mean = parts.between
    contextual = f"{exposure.label}, mean of school"
    means = {contextual: school_mean}
    claimed = rows[study.roles.school].nunique() >= FEWEST_SCHOOLS
    if lowest != "school":
        claimed = True
        contextual = f"{exposure.label}, {lowest} from school mean"
        means[contextual] = parts.between[0]
    between = varying(means)
    deviation = parts.within
    low, high = np.quantile(deviation, [LOW, HIGH])
    contrast = ExposureContrast(
        within=f"{exposure.label}, within {lowest}",
        deviation=deviation,
        between=between,
        low=float(low),
        high=float(high),
        contextual=contextual if claimed and contextual in between else None,
    )
    return Contrasts(lowest, [contrast])


def varying(means: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Keep the means that differ: those of one school, or of one classroom a school, do not."""
    return {name: values for name, values in means.items() if np.ptp(values) > ROUNDING}
