"""Parameters of the items of one scale under a response model."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError, suggest

GRADED, PARTIAL_CREDIT, RATING_SCALE = "graded", "partial_credit", "rating_scale"
FAMILIES = (GRADED, PARTIAL_CREDIT, RATING_SCALE)
LINKS = ("logit", "probit")


@dataclass(frozen=True)
class ItemParameters:
    """Slopes and intercepts of k items with ordered categories 0, 1, …, C_i − 1.

    - graded: P(X_i ≥ c | θ) = F(a_i θ + d_ic), F the logistic or the normal distribution;
    - partial credit and rating scale: P(X_i = c | θ) / P(X_i = c − 1 | θ) = exp(a_i θ + d_ic),
      with one slope for all items.

    Attributes
    ----------
    items : tuple of str, length k
    slopes : ndarray, shape (k,)
        a_i on the logistic metric without 1.7, or the normal one if the link is probit.
    intercepts : ndarray, shape (k, most categories − 1)
        d_ic in column c − 1; NaN beyond an item's categories. Decreasing in c if graded.
    family : str
        One of `FAMILIES`.
    link : str
        One of `LINKS`; probit for the graded family only.

    Raises
    ------
    CompendiumError
        If the family or link is unknown or shapes do not meet.

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph 17.
    Masters, G. N. (1982). A Rasch model for partial credit scoring. Psychometrika 47, eq. 6.
    Andrich, D. (1978). A rating formulation for ordered response categories. Psychometrika 43.
    """

    items: tuple[str, ...]
    slopes: np.ndarray
    intercepts: np.ndarray
    family: str = GRADED
    link: str = "logit"

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise CompendiumError(
                f"{self.family!r} is no family of response models",
                remedy=suggest(self.family, FAMILIES),
            )
        if self.link not in LINKS or (self.link == "probit" and self.family != GRADED):
            raise CompendiumError(
                f"link {self.link!r} does not go with the family {self.family!r}",
                remedy="use link 'logit', or 'probit' with the graded family",
            )
        if self.slopes.shape != (len(self.items),) or len(self.intercepts) != len(self.items):
            raise CompendiumError(
                f"{len(self.items)} items, slopes of shape {self.slopes.shape} and intercepts of "
                f"shape {self.intercepts.shape} do not meet",
                remedy="give one slope and one row of intercepts for each item",
            )

    @property
    def thresholds(self) -> np.ndarray:
        """Thresholds b_ic = −d_ic / a_i on the latent scale, shape of `intercepts`."""
        return -self.intercepts / self.slopes[:, None]

    @property
    def categories(self) -> np.ndarray:
        """Number of categories of each item, shape (k,)."""
        return 1 + np.isfinite(self.intercepts).sum(axis=1)
