"""How much of a score lies between clusters, and how reliable the clusters' means are."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from learning_with_others.errors import CompendiumError

INTERVAL_KIND = "exact F (Wald 1940)"
CLOSEST_TO_ONE = 1 - 1e-10
ROUNDING = 1e-9  # a mean square between clusters under that of the one within is none


@dataclass(frozen=True)
class ClusterSummary:
    """Sufficient statistics of a score in J clusters.

    Attributes
    ----------
    size, mean : ndarray, shape (J,)
    within : float
        Sum of squares about the clusters' means.
    """

    size: np.ndarray
    mean: np.ndarray
    within: float

    @property
    def mean_square_within(self) -> float:
        """Sum of squares within over its degrees of freedom."""
        return self.within / (self.size.sum() - len(self.size))

    @property
    def mean_square_between(self) -> float:
        """Size-weighted sum of squares of the means over J − 1."""
        grand = self.size @ self.mean / self.size.sum()
        return float(self.size @ (self.mean - grand) ** 2 / (len(self.size) - 1))

    @property
    def typical_size(self) -> float:
        """Size that enters the expected mean square; the mean size if all are equal."""
        total = self.size.sum()
        return float((total - (self.size**2).sum() / total) / (len(self.size) - 1))


@dataclass(frozen=True)
class ClusterReliability:
    """ICC(1), the share of a score's variance between clusters, and ICC(2), of their means.

    Attributes
    ----------
    icc1, icc1_lower, icc1_upper : float
        By restricted maximum likelihood.
    icc2, icc2_lower, icc2_upper : float
        Reliability of a cluster's mean, averaged over the clusters.
    icc1_anova, icc2_anova : float
        From mean squares; they may be negative: see `flags`.
    clusters, people : int
    """

    icc1: float
    icc1_lower: float
    icc1_upper: float
    icc2: float
    icc2_lower: float
    icc2_upper: float
    icc1_anova: float
    icc2_anova: float
    clusters: int
    people: int

    @property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know of these numbers; empty if nothing."""
        if self.icc1_anova >= 0:
            return ()
        what = "coefficients from mean squares are negative or missing"
        return (f"means of clusters vary less than chance would make them: {what}",)


def summarize_clusters(score: np.ndarray, cluster: np.ndarray, where: str = "") -> ClusterSummary:
    """Reduce a score to what the one-way model needs.

    Parameters
    ----------
    score : ndarray, shape (n,)
        Without missing values.
    cluster : ndarray, shape (n,)
        Labels.
    where : str
        Scale, for errors.

    Raises
    ------
    CompendiumError
        If there is one cluster, no cluster holds two people, or nothing varies within clusters.
    """
    score = np.asarray(score, float)
    codes, labels = pd.factorize(np.asarray(cluster))
    size = np.bincount(codes, minlength=len(labels)).astype(float)
    if len(labels) < 2 or len(score) == len(labels):  # noqa: PLR2004 - nothing to compare
        raise CompendiumError(
            f"{len(score)} scores in {len(labels)} clusters leave nothing to compare",
            where=where,
            remedy="choose a level with at least two clusters, some of them of two people",
        )
    mean = np.bincount(codes, weights=score) / size
    within = float(((score - mean[codes]) ** 2).sum())
    if not within > 0:
        raise CompendiumError(
            f"scores do not vary within any of the {len(labels)} clusters",
            where=where,
            remedy="a value of the cluster is no score of its members: take it from their table",
        )
    return ClusterSummary(size, mean, within)


def restricted_log_likelihood(ratio: float, summary: ClusterSummary) -> float:
    """Log restricted likelihood of τ²/σ², both variances profiled, up to a constant."""
    size, free = summary.size, summary.size.sum() - 1
    weight = size / (1 + size * ratio)
    centre = weight @ summary.mean / weight.sum()
    squares = summary.within + weight @ (summary.mean - centre) ** 2
    determinants = np.log1p(size * ratio).sum() + np.log(weight.sum())
    return float(-0.5 * (free * np.log(squares / free) + determinants))


def cluster_reliability(
    score: np.ndarray, cluster: np.ndarray, probability: float, where: str = ""
) -> ClusterReliability:
    """ICC(1) and ICC(2) of a score, clusters of any size.

    Parameters
    ----------
    score : ndarray, shape (n,)
        Without missing values.
    cluster : ndarray, shape (n,)
        Labels.
    probability : float
        Of the interval: exact under normality for unequal clusters too, one interval for
        τ²/σ² that both coefficients share; its ends below zero are put to zero.
    where : str
        Scale, for errors.

    Raises
    ------
    CompendiumError
        See `summarize_clusters`.

    References
    ----------
    Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability. In Klein and
    Kozlowski (eds.), Multilevel theory, research, and methods in organizations, 349-381.
    Raudenbush, S. W. and Bryk, A. S. (2002). Hierarchical linear models, 2nd ed., ch. 3.
    Wald, A. (1940). A note on the analysis of variance with unequal class frequencies. Annals of
    Mathematical Statistics 11, 96-100.
    """
    summary = summarize_clusters(score, cluster, where)
    found = optimize.minimize_scalar(
        lambda share: -restricted_log_likelihood(share / (1 - share), summary),
        bounds=(0.0, 1 - 1e-9),
        method="bounded",
        options={"xatol": 1e-10},
    )
    at_zero = restricted_log_likelihood(0.0, summary) >= -found.fun
    shares = [0.0 if at_zero else float(found.x), *_exact_interval(summary, probability)]
    means = [_mean_reliability(share, summary.size) for share in shares]
    between, within = summary.mean_square_between, summary.mean_square_within
    size = summary.typical_size
    return ClusterReliability(
        *shares,
        *means,
        icc1_anova=(between - within) / (between + (size - 1) * within),
        icc2_anova=1 - within / between if between > ROUNDING * within else np.nan,
        clusters=len(summary.size),
        people=int(summary.size.sum()),
    )


def _mean_reliability(share: float, size: np.ndarray) -> float:
    """Reliability n τ²/(n τ² + σ²) of the clusters' means, averaged."""
    return float((size * share / (1 + (size - 1) * share)).mean())


def _exact_interval(summary: ClusterSummary, probability: float) -> tuple[float, float]:
    """Shares between clusters that an F test at the true weights does not reject."""
    clusters, people = len(summary.size), summary.size.sum()

    def ratio(share: float) -> float:
        weight = summary.size / (1 + summary.size * share / (1 - share))
        centre = weight @ summary.mean / weight.sum()
        between = weight @ (summary.mean - centre) ** 2 / (clusters - 1)
        return between / summary.mean_square_within

    tail = (1 - probability) / 2
    ends = []
    for quantile in (1 - tail, tail):
        limit = stats.f.ppf(quantile, clusters - 1, people - clusters)
        if ratio(0.0) <= limit:
            ends.append(0.0)
        elif ratio(CLOSEST_TO_ONE) >= limit:
            ends.append(1.0)
        else:  # the ratio falls with the share, to 0 as the share nears 1
            ends.append(float(optimize.brentq(lambda s, f=limit: ratio(s) - f, 0, CLOSEST_TO_ONE)))
    return ends[0], ends[1]
