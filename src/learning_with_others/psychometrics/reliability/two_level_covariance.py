"""Covariances of several items within and between clusters, by maximum likelihood."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from learning_with_others.errors import CompendiumError

MOST_STEPS = 2_000
STEPS_REMEMBERED = 30
GAIN_TO_STOP = 1e-12  # relative gain of the log likelihood in one step
NEARLY_SINGULAR = 1e-3  # smallest over largest eigenvalue
NO_VARIANCE = 1e-4  # between, as a share of that within
ROUNDING = 1e-10


@dataclass(frozen=True)
class TwoLevelCovariance:
    """Saturated model y_ij = μ + u_j + e_ij of k items.

    Attributes
    ----------
    within, between : ndarray, shape (k, k)
        Covariances of e and of u, in squared units of the items.
    mean : ndarray, shape (k,)
    log_likelihood : float
    clusters, people, steps : int
    flags : tuple of str
        What a reader must know: few clusters, a matrix that is not positive definite, no
        convergence.
    """

    within: np.ndarray
    between: np.ndarray
    mean: np.ndarray
    log_likelihood: float
    clusters: int
    people: int
    steps: int
    flags: tuple[str, ...]


@dataclass(frozen=True)
class _Moments:
    """Sizes, means and pooled cross products within clusters; clusters sorted by size."""

    size: np.ndarray
    mean: np.ndarray
    products: np.ndarray
    sizes: np.ndarray
    """Distinct sizes, ascending; `start` says where each one's clusters begin."""
    start: np.ndarray


def two_level_covariance(
    values: np.ndarray, cluster: np.ndarray, fewest_clusters: int = 10, where: str = ""
) -> TwoLevelCovariance:
    """Maximum likelihood of both covariance matrices from clusters of any size.

    Each matrix is a triangle times its transpose, and a quasi-Newton search runs over both
    triangles, means profiled. So the matrices stay positive semidefinite: where the data want a
    negative variance, the matrix between clusters loses rank and is flagged. (Expectation
    maximization takes hundreds of times as many steps there.)

    Parameters
    ----------
    values : ndarray, shape (n, k)
        Complete rows.
    cluster : ndarray, shape (n,)
        Labels.
    fewest_clusters : int
        Fewer are flagged.
    where : str
        Scale, for errors.

    Raises
    ------
    CompendiumError
        If there is one cluster, or rows are too few or too alike for a covariance within.

    References
    ----------
    Muthén, B. O. (1994). Multilevel covariance structure analysis. Sociological Methods and
    Research 22, 376-398 (his moment estimates are the start).
    Geldhof, G. J., Preacher, K. J. and Zyphur, M. J. (2014). Reliability estimation in a
    multilevel confirmatory factor analysis framework. Psychological Methods 19, 72-91.
    """
    moments = _moments(np.asarray(values, float), cluster, where)
    roots = [np.linalg.cholesky(matrix) for matrix in _start(moments)]
    k = len(roots[0])
    lower = np.tril_indices(k)
    half = len(lower[0])

    def triangles(parameters: np.ndarray) -> list[np.ndarray]:
        """Triangles in units of the start's, so that all parameters have a like scale."""
        out = []
        for root, part in zip(roots, (parameters[:half], parameters[half:]), strict=True):
            triangle = np.zeros((k, k))
            triangle[lower] = part
            out.append(root @ triangle)
        return out

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        factors = triangles(parameters)
        value, slopes, _ = _log_likelihood(*(f @ f.T for f in factors), moments)
        gradient = [
            (root.T @ (2 * slope @ factor))[lower]
            for root, slope, factor in zip(roots, slopes, factors, strict=True)
        ]
        return -value, -np.concatenate(gradient)

    found = optimize.minimize(
        loss,
        np.tile(np.eye(k)[lower], 2),
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": MOST_STEPS,
            "maxfun": 2 * MOST_STEPS,
            "maxcor": STEPS_REMEMBERED,
            "ftol": GAIN_TO_STOP,
            "gtol": 1e-6,
        },
    )
    between, within = (factor @ factor.T for factor in triangles(found.x))
    likelihood, _, mean = _log_likelihood(between, within, moments)
    clusters = len(moments.size)
    flags = [] if found.success else [f"no convergence: {found.message}"]
    if clusters < fewest_clusters:
        flags.append(f"only {clusters} clusters")
    if not varies_between(between, within):
        flags.append("no variance between clusters")
    elif not is_positive_definite(between):
        flags.append("covariance between clusters is not positive definite")
    if not is_positive_definite(within):
        flags.append("covariance within clusters is nearly singular")
    people = int(moments.size.sum())
    return TwoLevelCovariance(
        within, between, mean, likelihood, clusters, people, int(found.nit), tuple(flags)
    )


def is_positive_definite(matrix: np.ndarray, share: float = NEARLY_SINGULAR) -> bool:
    """Whether the smallest eigenvalue is more than a share of the largest."""
    values = np.linalg.eigvalsh(matrix)
    return bool(values[0] > share * values[-1])


def varies_between(between: np.ndarray, within: np.ndarray) -> bool:
    """Whether the items vary between clusters to an extent worth dividing by."""
    return bool(np.trace(between) > NO_VARIANCE * np.trace(within))


def _moments(values: np.ndarray, cluster: np.ndarray, where: str) -> _Moments:
    codes, labels = pd.factorize(np.asarray(cluster))
    size = np.bincount(codes, minlength=len(labels))
    people, k = values.shape
    if len(labels) < 2 or people - len(labels) < k:  # noqa: PLR2004 - nothing to compare
        raise CompendiumError(
            f"{people} rows in {len(labels)} clusters cannot give covariances of {k} items"
            " within and between clusters",
            where=where,
            remedy="choose another level of clusters, or fewer items",
        )
    centred = values - values.mean(axis=0)
    sums = np.zeros((len(labels), k))
    np.add.at(sums, codes, centred)
    mean = sums / size[:, None]
    deviation = centred - mean[codes]
    products = deviation.T @ deviation
    if not is_positive_definite(products, ROUNDING):
        raise CompendiumError(
            "an item does not vary within clusters, or repeats the others",
            where=where,
            remedy="take the item out of its construct",
        )
    order = np.argsort(size, kind="stable")
    sizes, start = np.unique(size[order], return_index=True)
    mean = mean[order] + values.mean(axis=0)
    return _Moments(size[order].astype(float), mean, products, sizes.astype(float), start)


def _start(moments: _Moments) -> tuple[np.ndarray, np.ndarray]:
    """Muthén's moment estimates, that between clusters pushed inside the permitted matrices."""
    people, clusters = moments.size.sum(), len(moments.size)
    within = moments.products / (people - clusters)
    deviation = moments.mean - moments.size @ moments.mean / people
    weighted = (moments.size[:, None] * deviation).T @ deviation / (clusters - 1)
    typical = (people - (moments.size**2).sum() / people) / (clusters - 1)
    values, vectors = np.linalg.eigh((weighted - within) / typical)
    floor = 0.01 * np.trace(within) / len(within)
    return (vectors * np.maximum(values, floor)) @ vectors.T, within


def _log_likelihood(
    between: np.ndarray, within: np.ndarray, moments: _Moments
) -> tuple[float, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Log likelihood at the best means, its derivatives by both matrices, and those means.

    The density of a cluster's rows is that of its mean times that of its deviations.
    """
    size, sizes, k = moments.size, moments.sizes, len(within)
    people, clusters = size.sum(), len(size)
    covariance = between + within / sizes[:, None, None]
    precision = np.linalg.inv(covariance)
    count = np.diff(np.append(moments.start, clusters))
    sums = np.add.reduceat(moments.mean, moments.start, axis=0)
    total = np.einsum("s,sij->ij", count, precision)
    mean = np.linalg.solve(total, np.einsum("sij,sj->i", precision, sums))
    deviation = moments.mean - mean
    standard_deviation = np.stack(
        [part.T @ part for part in np.split(deviation, moments.start[1:])]
    )

    inverse = np.linalg.inv(within)
    products = inverse @ moments.products
    value = people * k * np.log(2 * np.pi) + k * np.log(size).sum()
    value += (people - clusters) * np.linalg.slogdet(within)[1] + np.trace(products)
    value += count @ np.linalg.slogdet(covariance)[1] + (precision * standard_deviation).sum()
    of_means = count[:, None, None] * precision - precision @ standard_deviation @ precision
    of_within = (people - clusters) * inverse - products @ inverse
    of_within += (of_means / sizes[:, None, None]).sum(axis=0)
    return float(-0.5 * value), (-0.5 * of_means.sum(axis=0), -0.5 * of_within), mean
