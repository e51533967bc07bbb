"""Priors of the collapsed model, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.bayes.collapsed.transforms import EXPONENTIAL, HALF_NORMAL, HALF_STUDENT_T
from learning_with_others.errors import CompendiumError, suggest

FAMILIES = {
    "half_normal": HALF_NORMAL,
    "half_student_t": HALF_STUDENT_T,
    "exponential": EXPONENTIAL,
}


@dataclass(frozen=True)
class StandardDeviationPrior:
    """Prior of a standard deviation.

    Attributes
    ----------
    family : str
        ``half_normal``, ``half_student_t`` or ``exponential``.
    scale : float
        Of the normal or t that is folded at zero; the mean, if exponential.
    degrees : float
        Degrees of freedom of the t; not used by the others.
    """

    family: str
    scale: float
    degrees: float = 3.0

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise CompendiumError(
                f"unknown prior {self.family!r}", remedy=suggest(self.family, FAMILIES)
            )
        if not (0 < self.scale < np.inf and 0 < self.degrees < np.inf):
            raise CompendiumError(
                f"{self.family} prior with scale {self.scale}, {self.degrees} degrees of freedom",
                remedy="both are positive numbers",
            )


@dataclass(frozen=True)
class CollapsedPriors:
    """Priors of a model; what they name are the parameters of `parameter_names`.

    Attributes
    ----------
    coefficients : float or mapping of str to float
        Standard deviation of the normal priors (mean 0), for all terms or each; infinity is flat.
    standard_deviations : mapping of str to StandardDeviationPrior
        By parameter: ``sd_residual``, ``sd_<level>``, ``sd_<level>_slope_<k>``.
    correlations : mapping of str to float
        Shape of the LKJ prior by level; the random terms of a level that is not here are
        independent.
    """

    coefficients: float | Mapping[str, float]
    standard_deviations: Mapping[str, StandardDeviationPrior]
    correlations: Mapping[str, float] = field(default_factory=dict)


def half_normal_priors(
    statistics: Statistics, *, coefficient: float, group: float, residual: float
) -> CollapsedPriors:
    """Priors by three scales: normal coefficients, half-normal sds, no correlations."""
    first, *standard_deviations = parameter_names(statistics)
    return CollapsedPriors(
        coefficients=coefficient,
        standard_deviations={first: StandardDeviationPrior("half_normal", residual)}
        | dict.fromkeys(standard_deviations, StandardDeviationPrior("half_normal", group)),
    )


def parameter_names(statistics: Statistics) -> list[str]:
    """Standard deviations in the sampler's order."""
    names = ["sd_residual"]
    for level in statistics.levels:
        names += [f"sd_{level.name}"]
        names += [f"sd_{level.name}_slope_{k}" for k in range(len(level.slopes))]
    return names


def coefficient_scales(statistics: Statistics, priors: CollapsedPriors) -> np.ndarray:
    """Prior standard deviation of every coefficient, infinite where flat.

    Raises
    ------
    CompendiumError
        If a term has none, a name is no term, or a value is not positive.
    """
    given = priors.coefficients
    if not isinstance(given, Mapping):
        given = dict.fromkeys(statistics.terms, float(given))
    check_names(given, statistics.terms, "coefficient")
    scales = np.array([given[term] for term in statistics.terms], dtype=float)
    if not (scales > 0).all():
        term = statistics.terms[int(np.argmin(scales > 0))]
        raise CompendiumError(
            f"the prior standard deviation of {term!r} is {given[term]}",
            remedy="it is a positive number, or infinite for a flat prior",
        )
    return scales


def check_names(
    given: Mapping[str, object], needed: list[str] | tuple[str, ...], what: str
) -> None:
    """Raise a named error unless the priors' names are those of the model's parameters."""
    for name in given:
        if name not in needed:
            raise CompendiumError(
                f"prior of the unknown {what} {name!r}", remedy=suggest(name, needed)
            )
    for name in needed:
        if name not in given:
            raise CompendiumError(f"the {what} {name!r} has no prior", remedy="give it one")
