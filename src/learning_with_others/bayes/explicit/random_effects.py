"""Effects of groups: intercepts and slopes, independent or correlated, centred or not."""

from typing import Literal

import pymc as pm
from pytensor.tensor import TensorVariable

from learning_with_others.bayes.design import Grouping
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.prior_choice import Priors, standard_deviation_names
from learning_with_others.bayes.prior_sets import Prior
from learning_with_others.bayes.specification import INTERCEPT

Centring = Literal["auto", "centred", "non-centred"]
FEWEST_CENTRED = 50


def group_effects(grouping: Grouping, frame: ModelFrame, centring: Centring) -> TensorVariable:
    r"""Declare the effects of a grouping and return what they add to each row's mean.

    The effects of one group are :math:`u = \mathrm{diag}(\sigma) L \epsilon` with
    :math:`\epsilon` standard normal and :math:`L` the Cholesky factor of their correlations,
    written out one effect after the other, each given those before it. Centred, the effect itself
    is sampled; non-centred, :math:`\epsilon` is.

    Parameters
    ----------
    grouping : Grouping
    frame : ModelFrame
    centring : {'auto', 'centred', 'non-centred'}
        ``auto`` samples intercepts centred where there are groups enough to keep their spread away
        from zero; where there are few, and for slopes, whose spread may be near zero, non-centred.

    Returns
    -------
    TensorVariable, shape (n,)
        The model gains `sd_<name>`, `effect_<name>`, and for the k-th slope
        `sd_<name>_slope_<k>` and `effect_<name>_slope_<k>`; if correlated `correlation_<name>`.
    """
    name, priors = grouping.name, frame.priors
    columns = frame.random_columns(grouping)
    group = pm.Data(f"group_{name}", grouping.index, dims="row")
    names = standard_deviation_names(grouping)
    standard_deviations = [
        standard_deviation(own, prior)
        for own, prior in zip(names, priors.standard_deviation[name], strict=True)
    ]
    factor = _correlation_factor(grouping, priors)
    standard: list[TensorVariable] = []
    added = 0
    for k, own in enumerate(names):
        suffix = own.removeprefix("sd_")
        pull = sum(factor[k][j] * standard[j] for j in range(k) if factor[k][j] is not None)
        own_part = 1 if factor[k][k] is None else factor[k][k]
        if _centred(grouping, k, centring):
            effect = pm.Normal(
                f"effect_{suffix}",
                standard_deviations[k] * pull,
                standard_deviations[k] * own_part,
                dims=name,
            )
            standard.append((effect / standard_deviations[k] - pull) / own_part)
        else:
            standard.append(pm.Normal(f"standard_{suffix}", dims=name))
            effect = pm.Deterministic(
                f"effect_{suffix}",
                standard_deviations[k] * (pull + own_part * standard[k]),
                dims=name,
            )
        by_row = effect[group]
        if k > 0:
            by_row = by_row * pm.Data(f"by_{suffix}", columns[:, k], dims="row")
        added = added + by_row
    return added


def _centred(grouping: Grouping, k: int, centring: Centring) -> bool:
    if centring == "auto":
        return k == 0 and len(grouping.labels) >= FEWEST_CENTRED
    return centring == "centred"


def _correlation_factor(grouping: Grouping, priors: Priors) -> list[list[TensorVariable | None]]:
    """Rows of the Cholesky factor of the correlations; None where it is that of independence."""
    size = 1 + len(grouping.slopes)
    if not grouping.correlated:
        return [[None] * size for _ in range(size)]
    factor = correlation_factor(grouping.name, size, priors.correlation[grouping.name].scale)
    pairs = [
        sum(factor[i][m] * factor[j][m] for m in range(j + 1))
        for i in range(size)
        for j in range(i)
    ]
    pm.Deterministic(
        f"correlation_{grouping.name}", pm.math.stack(pairs), dims=f"pair_{grouping.name}"
    )
    return factor


def correlation_factor(name: str, size: int, shape: float) -> list[list[TensorVariable | None]]:
    """Declare a correlation matrix and return the rows of its Cholesky factor, None above it.

    The prior of the correlation matrix is LKJ(η), written as independent Beta distributions of
    its partial correlations: that of columns i and j given those before j has shape
    η + (q − 2 − j)/2. For two columns that is one Beta(η, η) on the correlation. The density is
    that of `pymc.LKJCorr`, which takes minutes longer to compile.

    References
    ----------
    Lewandowski, D., Kurowicka, D. and Joe, H. (2009). Generating random correlation matrices
    based on vines and extended onion method. Journal of Multivariate Analysis, 100, sec. 2.
    """
    factor: list[list[TensorVariable]] = [[None] * size for _ in range(size)]
    factor[0][0] = 1.0
    for i in range(1, size):
        left = 1.0
        for j in range(i):
            b = shape + (size - 2 - j) / 2
            half = pm.Beta(f"partial_{name}_{j}_{i}", b, b)
            partial = 2 * half - 1
            factor[i][j] = partial * left
            left = left * pm.math.sqrt(1 - partial**2)
        factor[i][i] = left
    return factor


def pair_labels(grouping: Grouping) -> list[str]:
    """Label each correlation of a grouping by its two columns, in the order of the model's."""
    names = (INTERCEPT, *grouping.slopes)
    return [f"{names[j]} & {names[i]}" for i in range(len(names)) for j in range(i)]


def standard_deviation(name: str, prior: Prior) -> TensorVariable:
    """Declare a standard deviation with its prior."""
    match prior.distribution:
        case "half_normal":
            return pm.HalfNormal(name, prior.scale)
        case "half_student_t":
            return pm.HalfStudentT(name, nu=prior.degrees, sigma=prior.scale)
        case _:
            return pm.Exponential(name, scale=prior.scale)
