"""The estimands of the benefit model, one function each, computed draw by draw.

All take the posterior of one outcome (a dataset with the variable `coefficient` over `chain`,
`draw` and `term`) and return an array of shape (chains, draws) in standard deviations of the
outcome. Population: the students of both groups who entered the model. Effects of classrooms and
schools are held at zero, the average classroom and school.
"""

import numpy as np
import xarray as xr

from learning_with_others.benefits.design import BenefitDesign


def _coefficient(posterior: xr.Dataset, term: str) -> np.ndarray:
    return posterior["coefficient"].sel(term=term).to_numpy()


def slope(posterior: xr.Dataset, design: BenefitDesign, *, focal: bool) -> np.ndarray:
    """Difference in the outcome for one unit of the exposure, in one group.

    The unit is a standard deviation of a student-level exposure, or the step from the reference
    to the focal level of a class-level one. Compares students of the group in the same cluster,
    at the pooled mean share of focal students in the cluster.
    """
    reference = _coefficient(posterior, design.slope)
    return reference + benefit_gap(posterior, design) if focal else reference


def benefit_gap(posterior: xr.Dataset, design: BenefitDesign) -> np.ndarray:
    """Slope of the focal group minus slope of the reference group, within clusters."""
    return _coefficient(posterior, design.gap)


def total_benefit_gap(
    posterior: xr.Dataset, design: BenefitDesign, groups: tuple[str, str]
) -> np.ndarray:
    """Benefit gap with the composition of each group's clusters left in.

    Slope of the focal group at the mean share of focal students in the clusters that focal
    students attend, minus slope of the reference group at that of theirs.

    Parameters
    ----------
    groups : (str, str)
        Focal and reference group.
    """
    apart = design.share_mean[groups[0]] - design.share_mean[groups[1]]
    return benefit_gap(posterior, design) + _coefficient(posterior, design.composition) * apart


def outcome_gap(
    posterior: xr.Dataset, design: BenefitDesign, focal_group: str, at: dict[str, float]
) -> np.ndarray:
    """E[y | focal] − E[y | reference] at given deviations of the exposure.

    Parameters
    ----------
    focal_group : str
    at : dict of str to float
        Deviation of every contrast of the exposure, such as `design.low` or `design.high`.
    """
    gap = _coefficient(posterior, focal_group)
    for within, deviation in at.items():
        gap = gap + deviation * _coefficient(posterior, design.interactions[within])
    return gap


def narrowing(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """|gap at low exposure| − |gap at high exposure|, draw by draw; positive is narrower."""
    return np.abs(low) - np.abs(high)


def sign_change(low: np.ndarray, high: np.ndarray) -> float:
    """Probability that the outcome gap has another sign at high than at low exposure."""
    return float((np.sign(low) != np.sign(high)).mean())
