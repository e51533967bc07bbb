"""A system of equations written with dense matrices, and systems to try it on."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior
from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.system import Equation, System, SystemPriors

FAMILIES = ("half_normal", "half_student_t", "exponential")


def random_system(seed, blocks=(1, 2, 1), rows=40, clusters=6, missing=0.2, flat=False):
    """Blocks of so many equations, terms that vary at random, covarying slopes, missing values.

    Of the coefficients of the first exogenous term all but the first block's share one scale.
    """
    rng = np.random.default_rng(seed)
    equations, named, earlier = [], [], []
    for size in blocks:
        block = tuple(f"y{len(earlier) + k}" for k in range(size))
        for outcome in block:
            used = [name for name in earlier if rng.random() < 0.7]
            terms = (INTERCEPT, "x0", *(["x1"] if rng.random() < 0.5 else []), *used)
            varying = tuple(t for t in terms if rng.random() < (0.8 if t == INTERCEPT else 0.4))
            equations.append(Equation(outcome, terms, varying))
        named.append(block)
        earlier += block
    varying = [(each.outcome, term) for each in equations for term in each.varying]
    chosen = [varying[k] for k in rng.permutation(len(varying))]
    half = (len(chosen) + 1) // 2
    covarying = tuple(group for group in (tuple(chosen[:half]), tuple(chosen[half : half + 2])) if
                      len(group) > 1)  # fmt: skip
    scaled = {"shared": tuple((each.outcome, "x0") for each in equations[blocks[0] :])}
    if len(scaled["shared"]) < 2:
        scaled = {}
    system = System(tuple(equations), tuple(named), covarying, scaled)
    data = pd.DataFrame(rng.normal(size=(rows, 2 + len(earlier))), columns=["x0", "x1", *earlier])
    data = data.mask(rng.random(data.shape) < missing)
    cluster = pd.Series(rng.integers(0, clusters, rows)).map("c{}".format)
    return system, random_priors(system, rng, flat), data, cluster


def random_priors(system, rng, flat=False):
    """Priors of all families, of different scales."""
    scales = rng.uniform(0.5, 2, size=len(system.coefficients))
    if flat:
        scales[::2] = np.inf
    return SystemPriors(
        dict(zip(system.coefficients, scales.tolist(), strict=True)),
        {
            name: StandardDeviationPrior(FAMILIES[k % 3], float(rng.uniform(0.4, 1)), 4.0)
            for k, name in enumerate(system.standard_deviations)
        },
        1.5,
    )


def covariance_matrices(system, sds, correlations):
    """Of residuals, all equations together, and of effects, in the order of the stack."""
    sds = dict(zip(system.standard_deviations, sds, strict=True))
    correlations = iter(np.atleast_1d(correlations))
    outcomes = [each.outcome for each in system.equations]
    residual = np.diag([sds[f"sd_residual[{name}]"] ** 2 for name in outcomes])
    effects = np.diag([sds[f"sd_cluster[{', '.join(place)}]"] ** 2 for place in system.varying])
    for matrix, places, groups in (
        (residual, outcomes, system.blocks),
        (effects, system.varying, system.covarying),
    ):
        roots = np.sqrt(np.diag(matrix).copy())
        for group in groups:
            own = [places.index(each) for each in group]
            for r in range(len(own)):
                for c in range(r):
                    i, j = own[r], own[c]
                    matrix[i, j] = matrix[j, i] = next(correlations) * roots[i] * roots[j]
    assert next(correlations, None) is None
    return residual, effects


def stack(system, data, cluster):
    """Stacked outcomes, terms, varying terms, and equation, row and cluster of each."""
    data = data.assign(**{INTERCEPT: 1.0})
    parts = []
    for k, each in enumerate(system.equations):
        row = np.flatnonzero(data[[each.outcome, *each.terms]].notna().all(axis=1))
        x, z = (
            np.column_stack(
                [data[t].to_numpy()[row] if o == each.outcome
                 else np.zeros(len(row)) for o, t in places] or [np.zeros((len(row), 0))]
            )
            for places in (system.coefficients, system.varying)
        )  # fmt: skip
        parts.append((data[each.outcome].to_numpy()[row], x, z, np.full(len(row), k), row))
    y, x, z, equation, row = (np.concatenate(each) for each in zip(*parts, strict=True))
    return y, x, z, equation, row, pd.Categorical(cluster).codes[row]


def marginal_covariance(stacked, residual, effects):
    """Covariance matrices of stacked outcomes given the coefficients, one for each draw."""
    _, _, z, equation, row, cluster = stacked
    total = residual[..., equation[:, None], equation] * (row[:, None] == row)
    return total + z @ effects @ z.T * (cluster[:, None] == cluster)


def coefficient_scales(system, priors, sds):
    """Prior standard deviation of every coefficient, of scaled ones too."""
    sds = dict(zip(system.standard_deviations, sds, strict=True))
    own = {place: sds[f"sd_{name}"] for name, group in system.scaled.items() for place in group}
    return np.array([own.get(place, priors.coefficients[place]) for place in system.coefficients])
