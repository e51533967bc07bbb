"""Tests of models nested in each other: likelihood ratios and scores."""

from dataclasses import dataclass

from scipy import stats

from learning_with_others.psychometrics.response_models.expectation import expectation
from learning_with_others.psychometrics.response_models.item_parameters import (
    Structure,
    build_constraints,
)
from learning_with_others.psychometrics.response_models.marginal import ResponseFit
from learning_with_others.psychometrics.response_models.maximization import solver
from learning_with_others.psychometrics.response_models.observed_information import score_products
from learning_with_others.psychometrics.response_models.release_expansion import Expansion


@dataclass(frozen=True)
class ChiSquare:
    """A test statistic, its degrees of freedom, its p-value and the logarithm of that."""

    chisq: float
    df: int
    p: float
    log_p: float


def chi_square(chisq: float, df: int) -> ChiSquare:
    """P-value of a statistic; one that rounding left below 0 counts as 0."""
    chisq = max(0.0, chisq)
    return ChiSquare(chisq, df, float(stats.chi2.sf(chisq, df)), float(stats.chi2.logsf(chisq, df)))


def likelihood_ratio(
    narrow: ResponseFit, wide: ResponseFit, expansion: Expansion | None = None
) -> ChiSquare:
    """Twice the log likelihood that the freer model gains, scaled for clusters if there are some.

    Parameters
    ----------
    narrow, wide : ResponseFit
    expansion : Expansion, optional
        Of the narrower model; without it people count as independent.
    """
    df = wide.free_parameters - narrow.free_parameters
    ratio = 2 * (wide.log_likelihood - narrow.log_likelihood)
    return chi_square(ratio / _factor(expansion, wide.structure), df)


def _factor(expansion: Expansion | None, wide: Structure) -> float:
    return 1.0 if expansion is None else expansion.cluster_factor(expansion.gain(wide))


def score_tests(
    fit: ResponseFit, wider: list[Structure], expansion: Expansion | None = None
) -> list[ChiSquare]:
    """Test a fit against freer models without fitting those.

    The information is the sum of outer products of people's scores, which unlike the observed
    one is positive semidefinite even where the fit is far from the freer model's maximum.

    Parameters
    ----------
    fit : ResponseFit
    wider : list of Structure
        Each with more free parameters than the fit's.
    expansion : Expansion, optional
        As for `likelihood_ratio`.

    Returns
    -------
    list of ChiSquare
        0 where there are fewer distinct people than parameters, which cannot be tested.

    References
    ----------
    Rao, C. R. (1948). Large sample tests of statistical hypotheses concerning several parameters.
    Proceedings of the Cambridge Philosophical Society 44, 50-57.
    Glas, C. A. W. (1998). Detection of differential item functioning using Lagrange multiplier
    tests. Statistica Sinica 8, 647-667.
    """
    problem = fit.problem
    state = expectation(problem, fit.full)
    information = score_products(problem, state)
    out = []
    for structure in wider:
        constraints = build_constraints(
            problem.categories, len(problem.labels), problem.family, structure
        )
        gradient = constraints.gradient(state.gradient)
        df = constraints.free - fit.free_parameters
        solve = solver(constraints.information(information))
        chisq = 0.0 if solve is None else float(gradient @ solve(gradient))
        out.append(chi_square(chisq / _factor(expansion, structure), df))
    return out
