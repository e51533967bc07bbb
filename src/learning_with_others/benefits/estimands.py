"""The estimands of the benefit model, one function each, computed draw by draw.

All take the posterior of one outcome (a dataset with the variable `coefficient` over `chain`,
`draw` and `term`) and return an array of shape (chains, draws) in standard deviations of the
outcome. Population: the children of both groups who entered the model. Class and school effects
are held at zero, the average class and school.
"""

import numpy as np
import xarray as xr

from learning_with_others.benefits.design import BenefitDesign, within
from learning_with_others.study import Study


def _coefficient(posterior: xr.Dataset, term: str) -> np.ndarray:
    return posterior["coefficient"].sel(term=term).to_numpy()


def slope(posterior: xr.Dataset, study: Study, group: str) -> np.ndarray:
    """Difference between the focal and the reference level of the exposure, for one group.

    Compares children of the group in the same school, at the pooled mean share of focal
    children in school.
    """
    race, exposure = study.roles.race, study.roles.exposure
    values = _coefficient(posterior, within(exposure.focal))
    return values + benefit_gap(posterior, study) if group == race.focal else values


def benefit_gap(posterior: xr.Dataset, study: Study) -> np.ndarray:
    """Slope of the focal group minus slope of the reference group, within schools."""
    race, exposure = study.roles.race, study.roles.exposure
    return _coefficient(posterior, f"{race.focal} × {within(exposure.focal)}")


def total_benefit_gap(posterior: xr.Dataset, design: BenefitDesign, study: Study) -> np.ndarray:
    """Benefit gap with the composition of each group's schools left in.

    Slope of the focal group at the mean share of focal children in the schools that focal
    children attend, minus slope of the reference group at that of theirs.
    """
    race, exposure = study.roles.race, study.roles.exposure
    composition = _coefficient(posterior, f"share {race.focal} × {within(exposure.focal)}")
    apart = design.share_mean[race.focal] - design.share_mean[race.reference]
    return benefit_gap(posterior, study) + composition * apart


def outcome_gap(
    posterior: xr.Dataset, design: BenefitDesign, study: Study, level: str
) -> np.ndarray:
    """E[y | focal] − E[y | reference] at one level of the exposure.

    Same school, class types offered in the pooled proportions; `level` is the exposure's focal
    or reference level (its two values, high and low).
    """
    race = study.roles.race
    gap = _coefficient(posterior, race.focal)
    for name, mean in design.exposure_mean.items():
        deviation = float(name == level) - mean
        gap = gap + deviation * _coefficient(posterior, f"{race.focal} × {within(name)}")
    return gap


def narrowing(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """|gap at low exposure| − |gap at high exposure|, draw by draw; positive is narrower."""
    return np.abs(low) - np.abs(high)


def sign_change(low: np.ndarray, high: np.ndarray) -> float:
    """Probability that the outcome gap has another sign at high than at low exposure."""
    return float((np.sign(low) != np.sign(high)).mean())
