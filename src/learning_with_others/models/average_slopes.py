"""Benefit estimands where the outcome is no line in the predictors: averages over students.

An interaction of log odds is none of probabilities. So slopes and gaps are differences of
expected outcomes: probabilities, or expected categories in their standard deviations.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.models import estimands
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_terms import share

NODES = 9  # of the quadrature over effects of clusters: five digits up to an sd of 2 on the logit
LATENT = ("benefit.latent.slope", "benefit.latent.gap", "benefit.contextual")


def averaged_draws(
    posterior: xr.Dataset, design: BenefitDesign, scale: float
) -> dict[str, np.ndarray]:
    """Draws of every estimand of one outcome, as `estimands.benefit_draws` gives them.

    Slopes, gaps, outcome gaps and narrowing are differences of the expected outcome. Their
    latent counterparts (`benefit.latent.slope/group`, `benefit.latent.gap`), the contextual effect
    and standard deviations are on the scale of the linear predictor.

    Parameters
    ----------
    posterior : xarray.Dataset
        Over chain and draw; effects of groups are not needed.
    design : BenefitDesign
    scale : float
        One reported unit in units of the expected outcome; see `Family.scale`.

    Returns
    -------
    dict of str to ndarray, shape (chains, draws)
    """
    average = _Averages(posterior, design, scale)
    focal, reference = design.focal, design.reference
    groups = (focal, reference, *design.others)
    slopes = {g: average.slope(g) for g in groups}
    low, high = (
        average.outcome_gap(focal, at)
        for at in (estimands.low_exposure(design), estimands.high_exposure(design))
    )
    contextual = estimands.contextual_effect(posterior, design)
    own = {g: average.slope(g, own_shares=True) for g in (focal, reference)}
    latent = {g: estimands.slope(posterior, design, g) for g in groups}
    found = {
        **{f"benefit.slope/{g}": slope for g, slope in slopes.items()},
        "benefit.gap": slopes[focal] - slopes[reference],
        **{f"benefit.slope.own/{g}": slope for g, slope in own.items()},
        "benefit.gap.total": own[focal] - own[reference],
        **{f"benefit.gap/{g}": slopes[g] - slopes[reference] for g in design.others},
        **{f"benefit.latent.slope/{g}": slope for g, slope in latent.items()},
        "benefit.latent.gap": estimands.benefit_gap(posterior, design, focal),
        **({} if contextual is None else {"benefit.contextual": contextual}),
        "benefit.outcome_gap.low": low,
        "benefit.outcome_gap.high": high,
        "benefit.narrowing": estimands.narrowing(low, high),
    }
    for level in design.specification.groupings:
        found[f"benefit.sd.{level.name}"] = posterior[f"sd_{level.name}"].to_numpy()
    found["benefit.sd.slope"] = posterior[f"sd_{design.cluster}_slope_0"].to_numpy()
    return found


def averaged_outcome(
    posterior: xr.Dataset,
    design: BenefitDesign,
    group: str,
    at: Mapping[str, float],
    scale: float = 1.0,
) -> np.ndarray:
    """Expected outcome at given deviations of the exposure, were all students of one group.

    Averaged over all students with their covariates, in clusters of average exposure and shares.

    Parameters
    ----------
    group : str
    at : mapping of str to float
        Deviation of every contrast of the exposure, by its term.

    Returns
    -------
    ndarray, shape (chains, draws)
    """
    return _Averages(posterior, design, scale).outcome(group, at)


class _Averages:
    """Expected outcomes of one posterior, averaged over rows, for each draw."""

    def __init__(self, posterior: xr.Dataset, design: BenefitDesign, scale: float) -> None:
        self.design, self.scale = design, scale
        self.family = design.family
        self.shape = (posterior.sizes["chain"], posterior.sizes["draw"])
        self.terms = list(posterior["term"].to_numpy())
        self.coefficient = self._flat(posterior, "coefficient")
        self.own = {name: self._flat(posterior, name) for name in self.family.parameters}
        self.spread = {
            grouping: [
                self._flat(posterior, f"sd_{grouping.name}{suffix}")
                for suffix in ("", *(f"_slope_{k}" for k in range(len(grouping.slopes))))
            ]
            for grouping in design.specification.groupings
        }

    def _flat(self, posterior: xr.Dataset, name: str) -> np.ndarray:
        values = posterior[name].to_numpy()
        return values.reshape(-1, *values.shape[2:])

    def slope(self, group: str, *, own_shares: bool = False) -> np.ndarray:
        """Average marginal slope of a group, over its students with their covariates.

        For a student-level exposure, the change from half a standard deviation below a student's
        exposure to half one above; for a class-level one, from its reference to its focal level.
        In clusters of average shares, or of the shares where the group's students are.
        """
        design = self.design
        rows = design.members(group)
        main = design.contrasts.main
        if design.contrasts.two_valued:
            low, high = estimands.low_exposure(design), estimands.high_exposure(design)
        else:
            own = main.deviation[rows]
            low, high = {main.within: own - 0.5}, {main.within: own + 0.5}
        data = design.data.loc[rows] if own_shares else self._at_average_shares(rows)
        return self._mean(self._exposed(data, high)) - self._mean(self._exposed(data, low))

    def outcome(self, group: str, at: Mapping[str, float]) -> np.ndarray:
        """Average over all students, were they of one group, at given deviations."""
        design = self.design
        data = self._at_average_shares(np.ones(len(design.data), dtype=bool))
        between = dict.fromkeys(design.contrasts.between, 0.0)
        groups = {g: float(g == group) - design.group_shares[g] for g in design.modelled}
        return self._mean(self._exposed(data.assign(**between, **groups), at))

    def outcome_gap(self, group: str, at: Mapping[str, float]) -> np.ndarray:
        """Difference between a group and the reference group, at given deviations."""
        return self.outcome(group, at) - self.outcome(self.design.reference, at)

    def _at_average_shares(self, rows: np.ndarray) -> pd.DataFrame:
        shares = [share(group, self.design.place) for group in self.design.composing]
        return self.design.data.loc[rows].assign(**dict.fromkeys(shares, 0.0))

    def _exposed(self, data: pd.DataFrame, at: Mapping[str, float | np.ndarray]) -> pd.DataFrame:
        """Set the exposure, and with it its products with groups and shares."""
        design = self.design
        changed: dict[str, float | np.ndarray | pd.Series] = dict(at)
        for within, deviation in at.items():
            # Columns of groups are centred: above zero for members, below for everyone else.
            times = {group: data[group] > 0 for group in design.modelled}
            names = (share(group, design.place) for group in design.composing)
            times |= {name: data[name] for name in names}
            for name, column in times.items():
                product = design.interaction(name, within)
                if product in data:
                    changed[product] = column * deviation
        return data.assign(**changed)

    def _mean(self, data: pd.DataFrame) -> np.ndarray:
        """Mean over rows of E[y], effects of clusters integrated out by Gauss-Hermite quadrature.

        Effects are normal and independent, so their sum at a row is normal with variance
        Σ (σ² + σ_slope² x²).
        """
        columns = np.column_stack(
            [data[term] if term in data else np.ones(len(data)) for term in self.terms]
        )
        mean = self.coefficient @ columns.T
        variance = np.zeros(mean.shape)
        for grouping, (intercept, *slopes) in self.spread.items():
            variance += np.square(intercept)[:, None]
            for term, sd in zip(grouping.slopes, slopes, strict=True):
                variance += np.square(sd)[:, None] * np.square(data[term].to_numpy(float))
        spread = np.sqrt(variance, out=variance)
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        total = sum(
            weight * self.family.expected(mean + node * spread, self.own).mean(axis=1)
            for node, weight in zip(nodes, weights / weights.sum(), strict=True)
        )
        return total.reshape(self.shape) / self.scale
