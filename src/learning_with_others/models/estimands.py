"""The estimands of the benefit model, one function each, computed draw by draw.

All take the posterior of one outcome (a dataset with the variable `coefficient` over `chain`,
`draw` and `term`) and return an array of shape (chains, draws) in standard deviations of the
outcome. Population: the students of all groups who entered the model. Effects of classrooms and
schools are held at zero, the average classroom and school; fixed ones at their mean over the rows.
"""

import numpy as np
import xarray as xr

from learning_with_others.bayes.summary import share_of
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_terms import BY, share


def _coefficient(posterior: xr.Dataset, term: str) -> np.ndarray:
    # By position: a look-up by label takes as long as all the rest of an estimand.
    return posterior["coefficient"].to_numpy()[..., list(posterior["term"].to_numpy()).index(term)]


def slope(
    posterior: xr.Dataset, design: BenefitDesign, group: str, *, own_shares: bool = False
) -> np.ndarray:
    """Difference in the outcome for one unit of the exposure, in one group.

    The unit is a standard deviation of a student-level exposure, or the step from the reference
    to the focal level of a class-level one. Compares students of the group in the same cluster,
    at the mean share of every group in the clusters of both groups compared together, or in those
    of its own students.
    """
    found = _coefficient(posterior, design.slope)
    if group != design.reference:
        found = found + benefit_gap(posterior, design, group)
    for other in design.composing if own_shares else ():
        apart = design.cluster_shares[group][other]
        found = found + apart * _coefficient(posterior, design.composition(other))
    return found


def benefit_gap(posterior: xr.Dataset, design: BenefitDesign, group: str) -> np.ndarray:
    """Slope of a group minus slope of the reference group, within clusters."""
    return _coefficient(posterior, design.interaction(group))


def total_benefit_gap(posterior: xr.Dataset, design: BenefitDesign, group: str) -> np.ndarray:
    """Benefit gap with the composition of each group's clusters left in.

    Slope of the group at the mean shares in the clusters that its students attend, minus slope of
    the reference group at those of theirs.
    """
    mine, theirs = (
        slope(posterior, design, each, own_shares=True) for each in (group, design.reference)
    )
    return mine - theirs


def contextual_effect(posterior: xr.Dataset, design: BenefitDesign) -> np.ndarray | None:
    """Difference for one unit of the cluster's mean exposure, beyond that of the student's own.

    Coefficient of the cluster mean (from its school's, where classrooms lie in schools) minus the
    mean of the groups' slopes within clusters, weighted by their shares of all rows. None where
    the exposure has no such mean of its own.

    References
    ----------
    Raudenbush, S. W. and Bryk, A. S. (2002). Hierarchical Linear Models, 2nd ed., eq. 5.34-5.38.
    """
    term = design.contrasts.main.contextual
    if term is None:
        return None
    within = _coefficient(posterior, design.slope)
    for group in design.sloping:
        within = within + design.group_shares[group] * benefit_gap(posterior, design, group)
    return _coefficient(posterior, term) - within


def outcome_gap(
    posterior: xr.Dataset, design: BenefitDesign, group: str, at: dict[str, float]
) -> np.ndarray:
    """E[y | group] − E[y | reference] at given deviations of the exposure.

    The cluster's mean exposure is at its grand mean, its shares are those pooled over both groups
    compared, covariates at their pooled distribution.

    Parameters
    ----------
    at : dict of str to float
        Deviation of every contrast of the exposure, by its term, such as `low_exposure`.
    """
    gap = _coefficient(posterior, group)
    for within, deviation in at.items():
        gap = gap + deviation * _coefficient(posterior, design.interaction(group, within))
    return gap


def expected_outcome(
    posterior: xr.Dataset, design: BenefitDesign, group: str, at: dict[str, float]
) -> np.ndarray:
    """E[y | group] at given deviations of the exposure, everything else at its mean.

    Shares of the cluster are those pooled over both groups compared, as for `slope`.

    Parameters
    ----------
    at : dict of str to float
        As for `outcome_gap`.
    """
    # Group columns are centred: a student of a group lies 1 − share from their mean.
    mean = _coefficient(posterior, "Intercept")
    for term in _elsewhere(design):  # centred ones, such as schools, add nothing
        mean = mean + float(design.data[term].mean()) * _coefficient(posterior, term)
    for within, deviation in at.items():
        mean = mean + deviation * _coefficient(posterior, within)
    for other in design.modelled:
        member = float(other == group)
        mean = mean + (member - design.group_shares[other]) * _coefficient(posterior, other)
        for within, deviation in at.items() if member else ():
            term = design.interaction(other, within)
            mean = mean + deviation * _coefficient(posterior, term)
    return mean


def _elsewhere(design: BenefitDesign) -> list[str]:
    """Terms of neither group, composition nor exposure."""
    named = {*design.modelled, *(each.within for each in design.contrasts.contrasts)}
    named |= {share(group, design.place) for group in design.composing}
    return [term for term in design.specification.fixed if BY not in term and term not in named]


def low_exposure(design: BenefitDesign) -> dict[str, float]:
    """Deviation of every contrast at low exposure."""
    return {contrast.within: contrast.low for contrast in design.contrasts.contrasts}


def high_exposure(design: BenefitDesign) -> dict[str, float]:
    """Deviation of every contrast at high exposure."""
    return {contrast.within: contrast.high for contrast in design.contrasts.contrasts}


def narrowing(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """|gap at low exposure| − |gap at high exposure|, draw by draw; positive is narrower."""
    return np.abs(low) - np.abs(high)


def sign_change(low: np.ndarray, high: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Probability that the outcome gap has another sign at high than at low exposure."""
    return share_of(np.sign(low) != np.sign(high), weights)


def benefit_draws(posterior: xr.Dataset, design: BenefitDesign) -> dict[str, np.ndarray]:
    """Draws of every estimand of one outcome.

    Returns
    -------
    dict of str to ndarray, shape (chains, draws)
        Keys are names of results; those of one group end in ``/group``. The gap without a group
        is that of the focal group.
    """
    focal = design.focal
    low = outcome_gap(posterior, design, focal, low_exposure(design))
    high = outcome_gap(posterior, design, focal, high_exposure(design))
    contextual = contextual_effect(posterior, design)
    groups = (focal, design.reference, *design.others)
    found = {
        **{f"benefit.slope/{g}": slope(posterior, design, g) for g in groups},
        "benefit.gap": benefit_gap(posterior, design, focal),
        **{
            f"benefit.slope.own/{g}": slope(posterior, design, g, own_shares=True)
            for g in (focal, design.reference)
        },
        "benefit.gap.total": total_benefit_gap(posterior, design, focal),
        **{f"benefit.gap/{g}": benefit_gap(posterior, design, g) for g in design.others},
        **({} if contextual is None else {"benefit.contextual": contextual}),
        "benefit.outcome_gap.low": low,
        "benefit.outcome_gap.high": high,
        "benefit.narrowing": narrowing(low, high),
    }
    for level in design.specification.groupings:
        found[f"benefit.sd.{level.name}"] = posterior[f"sd_{level.name}"].to_numpy()
    found["benefit.sd.slope"] = posterior[f"sd_{design.cluster}_slope_0"].to_numpy()
    found["benefit.sd.residual"] = posterior["sd_residual"].to_numpy()
    return found
