"""Priors: named sets on the standardized scale, each with its reason."""

from dataclasses import dataclass
from math import inf, pi, sqrt

import numpy as np

from learning_with_others.errors import CompendiumError, suggest

SD_FAMILIES = ("half_normal", "half_student_t", "exponential")
LOGISTIC_SD = pi / sqrt(3)
"""Standard deviation of the standard logistic: what one outcome sd is on the logit scale."""


@dataclass(frozen=True)
class Prior:
    """The prior of one kind of parameter.

    Attributes
    ----------
    distribution : str
        `normal` (mean 0), `half_normal`, `half_student_t`, `exponential`, `lkj`, `logistic` or
        `gamma` (of shape 2).
    scale : float
        The distribution's scale; the mean of an exponential; the shape η of an LKJ.
    reason : str
        Why this prior, in one line.
    degrees : float
        Degrees of freedom of a half-Student-t.
    """

    distribution: str
    scale: float
    reason: str
    degrees: float = inf

    def __str__(self) -> str:
        degrees = f"{self.degrees:g}, " if self.distribution == "half_student_t" else ""
        return f"{self.distribution}({degrees}{self.scale:g})"


# Which distributions a parameter may have. The first six kinds are on the outcome's scale.
KINDS: dict[str, tuple[str, ...]] = {
    "intercept": ("normal",),
    "coefficient": ("normal",),
    "sd_group": SD_FAMILIES,
    "sd_slope": SD_FAMILIES,
    "sd_residual": SD_FAMILIES,
    "correlation": ("lkj",),
    "threshold": ("logistic",),
    "degrees_of_freedom": ("gamma",),
}
IN_OUTCOME_SDS = ("intercept", "coefficient", "sd_group", "sd_slope", "sd_residual")

_ANY_DIVISION = "at predictors of zero every division of answers over the categories is as likely"
_TAILS = "2 plus a gamma of mean 20: from heavy tails to nearly normal (Juárez and Steel 2010)"

PRIOR_SETS: dict[str, dict[str, Prior]] = {
    "weakly_informative": {
        "intercept": Prior("normal", 1.0, "an average row lies within 2 outcome sd of the mean"),
        "coefficient": Prior("normal", 1.0, "one predictor sd seldom moves an outcome by 2 sd"),
        "sd_group": Prior(
            "half_normal", 0.5, "P(sd > 1) is .05: groups seldom differ more than rows"
        ),
        "sd_slope": Prior("half_normal", 0.5, "P(sd > 1) is .05: slopes may even change sign"),
        "sd_residual": Prior(
            "half_normal", 1.0, "P(sd > 2) is .05; a standardized outcome leaves 1"
        ),
        "correlation": Prior("lkj", 2.0, "correlations near ±1 are unlikely, else open"),
        "threshold": Prior("logistic", 1.0, _ANY_DIVISION),
        "degrees_of_freedom": Prior("gamma", 10.0, _TAILS),
    },
    "sceptical": {
        "intercept": Prior("normal", 1.0, "as the weakly informative set: no claim rests on it"),
        "coefficient": Prior("normal", 0.25, "associations in education seldom pass half an sd"),
        "sd_group": Prior("exponential", 0.25, "mean .25: an intraclass correlation of .06"),
        "sd_slope": Prior("exponential", 0.1, "most at zero: slopes alike until data say not"),
        "sd_residual": Prior("half_normal", 1.0, "as the weakly informative set"),
        "correlation": Prior("lkj", 4.0, "correlations nearer to zero"),
        "threshold": Prior("logistic", 1.0, _ANY_DIVISION),
        "degrees_of_freedom": Prior("gamma", 10.0, _TAILS),
    },
    "wide": {
        "intercept": Prior("normal", 2.5, "hardly any pull, even on a badly centred predictor"),
        "coefficient": Prior("normal", 2.5, "hardly any pull; the scale that rstanarm defaults to"),
        "sd_group": Prior("half_student_t", 1.0, "heavy tail: lets few groups lie far apart", 4),
        "sd_slope": Prior("half_student_t", 1.0, "heavy tail: lets few slopes lie far apart", 4),
        "sd_residual": Prior("half_student_t", 2.5, "hardly any pull", 4),
        "correlation": Prior("lkj", 1.0, "uniform over correlation matrices"),
        "threshold": Prior("logistic", 2.0, "favours answers heaped at the ends of the scale"),
        "degrees_of_freedom": Prior("gamma", 20.0, "2 plus a gamma of mean 40: tails lighter"),
    },
}


def prior_set(name: str) -> dict[str, Prior]:
    """Look up a named set.

    Raises
    ------
    CompendiumError
        If there is no such set.
    """
    if name not in PRIOR_SETS:
        raise CompendiumError(
            f"{name!r} is no set of priors", where="priors", remedy=suggest(name, PRIOR_SETS)
        )
    return PRIOR_SETS[name]


def draw_standard_deviation(prior: Prior, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a standard deviation from its prior, shape (draws,)."""
    match prior.distribution:
        case "half_normal":
            standard = np.abs(rng.normal(size=draws))
        case "half_student_t":
            standard = np.abs(rng.standard_t(prior.degrees, size=draws))
        case _:
            standard = rng.exponential(size=draws)
    return prior.scale * standard
