"""Coefficients and group effects of all outcomes, drawn at once from their normal distribution.

Effects are standardized (u = sd · ε, ε standard normal), so that no standard deviation is too
small to compute with. They are integrated out level by level, the coefficients are drawn from what
remains, and the effects then top down (Chib and Carlin 1999, algorithm 2): nothing waits for
anything else, however strongly outcomes, coefficients and effects are correlated.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from learning_with_others.bayes.multivariate.sums import Level, Sums


@dataclass(frozen=True)
class Coefficients:
    """Prior of the coefficients, and one draw of what is above the pooled ones.

    Attributes
    ----------
    precision : ndarray, shape (p,)
        1 / variance of each term's normal prior, of mean 0; the pooled term's is its mean's.
    pooled : int
        Position of the pooled term.
    """

    precision: np.ndarray
    pooled: int


@dataclass(frozen=True)
class Drawn:
    """One draw.

    Attributes
    ----------
    coefficients : ndarray, shape (K, p)
    pooled_mean : float
    effects : tuple of ndarray, shapes (J, K, q) and (S, K, k)
        By level.
    """

    coefficients: np.ndarray
    pooled_mean: float
    effects: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class _Absorbed:
    """A level integrated out; F is the Cholesky factor of its effects' conditional precision."""

    inverse: np.ndarray  # F⁻¹, (J, Kq, Kq)
    cross: np.ndarray  # F⁻¹ times the cross-precision with the coefficients, (J, Kq, Kp)
    above: np.ndarray  # F⁻¹ times that with the effects above, (J, Kq, Kk)
    right: np.ndarray  # F⁻¹ times the right-hand side, (J, Kq)

    def draw(self, reduction: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Draw effects, shape (J, Kq), `reduction` being what is known, times F⁻¹."""
        centre = self.right - reduction + random.standard_normal(self.right.shape)
        return np.matmul(self.inverse.transpose(0, 2, 1), centre[..., None])[..., 0]


def draw_effects(
    sums: Sums,
    prior: Coefficients,
    precision: np.ndarray,
    standard_deviations: list[np.ndarray],
    pooled_sd: float,
    random: np.random.Generator,
) -> Drawn:
    """Draw coefficients, their pooled mean and all effects given every (co)variance.

    Parameters
    ----------
    sums : Sums
    prior : Coefficients
    precision : ndarray, shape (K, K)
        Inverse of the residual covariance.
    standard_deviations : list of ndarray, shapes (K, q) and (K, k)
        Standard deviations of each level's effects.
    pooled_sd : float
    random : numpy.random.Generator

    References
    ----------
    Chib, S. and Carlin, B. P. (1999). On MCMC sampling in hierarchical longitudinal models.
    Statistics and Computing 9, 17-26.
    """
    count, terms = len(precision), len(prior.precision)
    fixed = np.kron(precision, sums.design)
    right = (precision @ sums.across.T).ravel()
    levels = [_absorb(sums.levels[0], sums.between, precision, standard_deviations[0])]
    levels.append(
        _absorb_upper(sums.levels[1], sums.starts, levels[0], precision, standard_deviations[1])
    )
    for level in levels:
        stacked = level.cross.reshape(-1, len(fixed))
        fixed -= stacked.T @ stacked
        right -= stacked.T @ level.right.ravel()
    drawn, mean = _draw_coefficients(fixed, right, prior, pooled_sd, count, random)
    known = [level.cross @ drawn for level in levels]
    above = levels[1].draw(known[1], random) * standard_deviations[1].ravel()
    pull = np.matmul(levels[0].above, above[sums.parents][..., None])[..., 0]
    below = levels[0].draw(known[0] + pull, random) * standard_deviations[0].ravel()
    return Drawn(
        drawn.reshape(count, terms),
        mean,
        (
            below.reshape(len(below), count, -1),
            above.reshape(len(above), *standard_deviations[1].shape),
        ),
    )


def _absorb(
    level: Level, between: np.ndarray, precision: np.ndarray, standard_deviations: np.ndarray
) -> _Absorbed:
    """Integrate the lowest effects out; those above are not yet standardized in `above`."""
    groups, terms, _ = level.products.shape
    count = len(precision)
    scale = standard_deviations.ravel()
    own = _kronecker(precision, level.products)
    own *= scale[:, None] * scale
    own[:, np.arange(len(scale)), np.arange(len(scale))] += 1
    inverse = np.linalg.inv(np.linalg.cholesky(own))
    # F⁻¹ diag(sd) (Ω ⊗ C) = [F⁻¹ diag(sd) (Ω ⊗ 1)] (1 ⊗ C): q times less work than as it stands.
    half = (inverse * scale) @ np.kron(precision, np.eye(terms))
    half = half.reshape(groups, -1, terms)

    def times(sums: np.ndarray) -> np.ndarray:
        return np.matmul(half, sums).reshape(groups, count * terms, -1)

    blocks = half.reshape(groups, count * terms, count, terms)
    right = np.einsum("jakt,jtk->ja", blocks, level.outcomes)
    return _Absorbed(inverse, times(level.design), times(between), right)


def _absorb_upper(
    level: Level,
    starts: np.ndarray,
    lower: _Absorbed,
    precision: np.ndarray,
    standard_deviations: np.ndarray,
) -> _Absorbed:
    """Integrate the upper effects out of what the lowest leave."""
    scale = standard_deviations.ravel()
    half = lower.above.transpose(0, 2, 1)

    def left(full: np.ndarray, of_lower: np.ndarray) -> np.ndarray:
        return full - np.add.reduceat(half @ of_lower, starts, axis=0)

    own = left(_kronecker(precision, level.products), lower.above) * (scale[:, None] * scale)
    own[:, np.arange(len(scale)), np.arange(len(scale))] += 1
    inverse = np.linalg.inv(np.linalg.cholesky(own))
    scaled = inverse * scale
    cross = left(_kronecker(precision, level.design), lower.cross)
    full = np.matmul(level.outcomes, precision).transpose(0, 2, 1).reshape(len(cross), -1, 1)
    right = left(full, lower.right[..., None])
    return _Absorbed(inverse, scaled @ cross, np.empty((0,)), (scaled @ right)[..., 0])


def _kronecker(precision: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Ω ⊗ the sums of each group, shape (J, K rows, K columns)."""
    groups, rows, columns = sums.shape
    count = len(precision)
    full = precision[:, None, :, None] * sums[:, None, :, None, :]
    return full.reshape(groups, count * rows, count * columns)


def _draw_coefficients(
    fixed: np.ndarray,
    right: np.ndarray,
    prior: Coefficients,
    pooled_sd: float,
    count: int,
    random: np.random.Generator,
) -> tuple[np.ndarray, float]:
    """Draw coefficients, shape (Kp,), and the mean of the pooled ones.

    The pooled ones are mean + sd · ε with ε standard normal: their columns are scaled by the sd,
    and the mean's column is the sum of theirs.
    """
    terms = len(prior.precision)
    pooled = np.arange(count) * terms + prior.pooled
    wide = np.empty((len(fixed) + 1, len(fixed) + 1))
    wide[:-1, :-1] = fixed
    wide[-1, :-1] = wide[:-1, -1] = fixed[pooled].sum(axis=0)
    wide[-1, -1] = wide[-1, pooled].sum()
    scale, diagonal = np.ones(len(wide)), np.empty(len(wide))
    scale[pooled] = pooled_sd
    diagonal[:-1] = np.tile(prior.precision, count)
    diagonal[pooled], diagonal[-1] = 1, prior.precision[prior.pooled]
    wide *= scale[:, None] * scale
    wide[np.diag_indices(len(wide))] += diagonal
    factor = np.linalg.cholesky(wide)
    side = np.append(right, right[pooled].sum()) * scale
    half, _ = lapack.dtrtrs(factor, side, lower=1)
    half += random.standard_normal(len(half))
    drawn, _ = lapack.dtrtrs(factor, half, lower=1, trans=1)
    mean, drawn = drawn[-1], drawn[:-1] * scale[:-1]
    drawn[pooled] += mean
    return drawn, float(mean)
