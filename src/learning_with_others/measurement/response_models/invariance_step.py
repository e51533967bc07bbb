"""One step of the ladder: what holding items equal, and releasing some, does to the trait."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.measurement.response_models.marginal import ResponseFit
from learning_with_others.measurement.response_models.purification import Purification
from learning_with_others.measurement.response_models.standard_errors import (
    Estimates,
    delta_method,
    moments,
)


@dataclass(frozen=True)
class InvarianceStep:
    """What holding items equal, and releasing those that differ, does to the focal group's trait.

    Attributes
    ----------
    equal : ResponseFit
        All items equal in what the step holds equal.
    purification : Purification
        The items released, and the fit with them free.
    gap_equal, gap_released : float
        Latent mean of the focal minus the reference group, in SDs of the reference group; NaN in
        the step on slopes, where it is not identified.
    gap_equal_se, gap_released_se : float
        Standard errors.
    sd_equal, sd_released, sd_equal_se, sd_released_se : float
        Latent standard deviation of the focal group, in SDs of the reference group.
    """

    equal: ResponseFit
    purification: Purification
    gap_equal: float
    gap_equal_se: float
    gap_released: float
    gap_released_se: float
    sd_equal: float
    sd_equal_se: float
    sd_released: float
    sd_released_se: float

    @property
    def released(self) -> ResponseFit:
        """Fit with the items that differ free."""
        return self.purification.fit

    @property
    def gap_change(self) -> float:
        """How far the release moves the latent gap, in SDs of the reference group."""
        return self.gap_released - self.gap_equal

    @property
    def sd_change(self) -> float:
        """How far the release moves the focal group's sd, in SDs of the reference group."""
        return self.sd_released - self.sd_equal


def measure_step(
    equal: ResponseFit, purification: Purification, cluster: np.ndarray | None
) -> InvarianceStep:
    """Take the focal group's mean and sd before and after the release, with standard errors."""
    same = purification.releases.empty
    before = focal_trait(equal, cluster)
    after = before if same else focal_trait(purification.fit, cluster)
    gap = equal.structure.free_means
    return InvarianceStep(
        equal,
        purification,
        gap_equal=float(before.value[0]) if gap else np.nan,
        gap_equal_se=float(before.standard_error[0]) if gap else np.nan,
        gap_released=float(after.value[0]) if gap else np.nan,
        gap_released_se=float(after.standard_error[0]) if gap else np.nan,
        sd_equal=float(before.value[1]),
        sd_equal_se=float(before.standard_error[1]),
        sd_released=float(after.value[1]),
        sd_released_se=float(after.standard_error[1]),
    )


def focal_trait(
    fit: ResponseFit, cluster: np.ndarray | None = None, probability: float = 0.95
) -> Estimates:
    """Latent mean and sd of the second group, in SDs of the first, with standard errors."""
    return delta_method(
        fit,
        moments(fit, cluster),
        lambda full: np.array([full[1, -2], np.exp(full[1, -1])]),
        depends_on=np.array([fit.full.size - 2, fit.full.size - 1]),
        probability=probability,
    )
