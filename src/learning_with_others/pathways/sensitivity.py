"""What could explain an indirect association away: the residual correlation that would suffice."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from learning_with_others.models.pathway_chain import Link
from learning_with_others.models.pathway_design import PathwayDesign
from learning_with_others.models.pathway_estimands import ARROW
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.pathways.associations_table import summary_of
from learning_with_others.study import StudyDesign

CORRELATIONS = np.round(np.arange(-0.9, 0.91, 0.05), 2)
BOTH, SECOND = "indirect association", "second link only"
VANISHES = "pathway.sensitivity"


def pairs_of_links(design: PathwayDesign) -> Iterator[tuple[Link, Link]]:
    """Two links that follow one another, over all variables."""
    chain = design.chain
    for outcome in chain.names[1:]:
        for mediator in chain.before(outcome)[1:]:
            for start in chain.before(mediator):
                yield (start, mediator), (mediator, outcome)


def vanishing_correlation(
    fit: PathwayFit, group: str, first: Link, second: Link, *, both: bool = True
) -> np.ndarray:
    """Residual correlation of mediator and outcome at which an association would vanish.

    With t = (ab + cov(a, b)) σ_M / (a σ_Y), it is t / √(1 + t²); b and σ_Y are of the model that
    holds the mediator. With fixed slopes it equals the correlation of the residual of the mediator
    given the exposure with that of the outcome given the exposure without the mediator. Where the
    block holds other mediators whose residuals correlate with this one's, it is approximate.

    Parameters
    ----------
    fit : PathwayFit
    group : str
    first, second : Link
    both : bool
        Whether the product vanishes, or the second link alone.

    Returns
    -------
    ndarray
        Draw by draw.

    References
    ----------
    Imai, K., Keele, L. and Yamamoto, T. (2010). Identification, inference and sensitivity analysis
    for causal mediation effects. Statistical Science 25, 51-71, theorem 4.
    """
    links = fit.links
    a, b = links.slopes[group, first], links.slopes[group, second]
    shift = links.covariance(first, second) / a if both else 0.0
    ratio = links.residual_sds[second[0]] / links.residual_sds[second[1]]
    t = (b + shift) * ratio
    return t / np.sqrt(1 + np.square(t))


def association_at(
    fit: PathwayFit, group: str, first: Link, second: Link, correlation: float
) -> np.ndarray:
    """Indirect association if residuals of mediator and outcome had this correlation.

    a (b − ρ/√(1 − ρ²) σ_Y/σ_M) + cov(a, b): zero at `vanishing_correlation`.
    """
    links = fit.links
    ratio = links.residual_sds[second[1]] / links.residual_sds[second[0]]
    moved = links.slopes[group, second] - ratio * correlation / np.sqrt(1 - correlation**2)
    return links.slopes[group, first] * moved + links.covariance(first, second)


def sensitivity_table(fit: PathwayFit | None, study: StudyDesign) -> pd.DataFrame | None:
    """Correlation at which each pair of links would be explained away, by group.

    Where the interval of the first link holds zero, there is no product to explain, and the
    correlation is the one at which the second link would vanish.

    Returns
    -------
    pandas.DataFrame or None
        Columns `outcome, path` (three names)`, mediator, group, of, estimate, lower, upper, …`.
    """
    if fit is None:
        return None
    rows = []
    for first, second in pairs_of_links(fit.design):
        for group in (fit.design.focal, fit.design.reference):
            found = summary_of(fit.links.slopes[group, first], fit, study)
            both = not found["lower"] <= 0 <= found["upper"]
            draws = vanishing_correlation(fit, group, first, second, both=both)
            rows.append(
                {
                    "outcome": second[1],
                    "path": ARROW.join((*first, second[1])),
                    "mediator": second[0],
                    "group": group,
                    "of": BOTH if both else SECOND,
                    "quantity": VANISHES if both else f"{VANISHES}.second_link",
                    **summary_of(draws, fit, study),
                    "flag": fit.diagnosis.flag or "",
                }
            )
    return pd.DataFrame(rows)


def sensitivity_curves(fit: PathwayFit | None, study: StudyDesign) -> pd.DataFrame | None:
    """Indirect associations from the exposure through each mediator to each final outcome.

    Returns
    -------
    pandas.DataFrame or None
        Columns `outcome, via, group, correlation, estimate, lower, upper`.
    """
    if fit is None:
        return None
    chain, rows = fit.design.chain, []
    for first, second in pairs_of_links(fit.design):
        if first[0] != chain.exposure or second[1] not in chain.blocks[-1]:
            continue
        for group in (fit.design.focal, fit.design.reference):
            for correlation in CORRELATIONS:
                found = summary_of(
                    association_at(fit, group, first, second, correlation), fit, study
                )
                kept = {name: found[name] for name in ("estimate", "lower", "upper")}
                about = {"outcome": second[1], "via": second[0], "group": group}
                rows.append(about | {"correlation": correlation} | kept)
    return pd.DataFrame(rows)


def covariate_benchmarks(fit: PathwayFit | None, study: StudyDesign) -> pd.DataFrame | None:
    """Residual correlation that leaving out each observed covariate would amount to.

    With s the standard deviation of the covariate given all else in the mediator's equation, and β
    its coefficients: β_M β_Y s² / √((σ_M² + β_M² s²)(σ_Y² + β_Y² s²)), the correlation of what
    both equations would leave without it. Exact with one mediator.

    Returns
    -------
    pandas.DataFrame or None
        Columns `outcome, path, mediator, covariate, estimate, lower, upper, …`; no rows without
        covariates.

    References
    ----------
    Cinelli, C. and Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable
    bias. Journal of the Royal Statistical Society B 82, 39-67, sec. 4.4: benchmarks by observed
    covariates.
    """
    if fit is None:
        return None
    links, rows = fit.links, []
    for first, second in pairs_of_links(fit.design):
        mediator, outcome = second
        if first[0] != fit.design.chain.exposure:
            continue
        for name, covariate in fit.design.covariates:
            if name != outcome or (mediator, covariate) not in links.covariates:
                continue
            square = _left_variance(fit.design, mediator, covariate)
            on_mediator = links.covariates[mediator, covariate]
            on_outcome = links.covariates[outcome, covariate]
            whole = [
                np.square(links.residual_sds[each])
                + np.square(links.covariates[each, covariate]) * square
                for each in (mediator, outcome)
            ]
            draws = on_mediator * on_outcome * square / np.sqrt(whole[0] * whole[1])
            rows.append(
                {
                    "outcome": outcome,
                    "mediator": mediator,
                    "path": f"{mediator} → {outcome}",
                    "covariate": covariate,
                    **summary_of(draws, fit, study),
                }
            )
    return pd.DataFrame(rows)


def _left_variance(design: PathwayDesign, outcome: str, covariate: str) -> float:
    """Variance of a covariate that the other terms of an equation leave (first plausible value)."""
    complete = design.rows_of(outcome)
    others = complete.drop(columns=[outcome, covariate])
    columns = np.column_stack([np.ones(len(complete)), others])
    values = complete[covariate].to_numpy()
    left = values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
    return float(left @ left / (len(values) - columns.shape[1]))
